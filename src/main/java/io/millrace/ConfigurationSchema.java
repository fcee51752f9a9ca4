package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * The one truth about keys, types and ranges: {@code millrace.schema.json}, read as a tree.
 *
 * <p>Knows where things stand in the schema; {@link SchemaCheck} judges documents by it.
 */
final class ConfigurationSchema {
  private static final String RESOURCE = "/millrace.schema.json";

  private final JsonNode root;

  ConfigurationSchema(JsonNode root) {
    this.root = root;
  }

  static ConfigurationSchema load() {
    return new ConfigurationSchema(ConfigurationFile.resource(RESOURCE));
  }

  JsonNode root() {
    return root;
  }

  /** What {@code schema} refers to, or itself. */
  JsonNode resolved(JsonNode schema) {
    String reference = schema.path("$ref").asText("");
    return reference.isEmpty() ? schema : root.at(reference.substring(1));
  }

  /** The schema of a key of an object, if there may be such a key. */
  Optional<JsonNode> property(JsonNode schema, String key) {
    JsonNode exact = schema.path("properties").path(key);
    if (!exact.isMissingNode()) {
      return Optional.of(resolved(exact));
    }
    if (schema.has("items")) {
      return Optional.of(resolved(schema.get("items")));
    }
    for (Map.Entry<String, JsonNode> entry : schema.path("patternProperties").properties()) {
      if (Pattern.compile(entry.getKey()).matcher(key).find()) {
        return Optional.of(resolved(entry.getValue()));
      }
    }
    return Optional.empty();
  }

  /** The schema of a dotted path. */
  Optional<JsonNode> at(String path) {
    Optional<JsonNode> here = Optional.of(root);
    for (String key : path.split("\\.", -1)) {
      here = here.flatMap(schema -> property(schema, key));
    }
    return here;
  }

  /** Every named path that holds a value, in the order of the schema. */
  List<String> leaves() {
    List<String> paths = new ArrayList<>();
    walk((path, schema) -> paths.add(path));
    return paths;
  }

  /** The defaults that the schema documents, as a document. */
  ObjectNode defaults() {
    ObjectNode document = ConfigurationFile.emptyObject();
    walk((path, schema) -> put(document, path, schema.get("default")));
    return document;
  }

  static void put(ObjectNode document, String path, JsonNode value) {
    ObjectNode here = document;
    String[] keys = path.split("\\.", -1);
    for (int i = 0; i < keys.length - 1; i++) {
      here = here.withObjectProperty(keys[i]);
    }
    here.set(keys[keys.length - 1], value);
  }

  private void walk(BiConsumer<String, JsonNode> leaf) {
    walk("", root, leaf);
  }

  private void walk(String path, JsonNode schema, BiConsumer<String, JsonNode> leaf) {
    for (Map.Entry<String, JsonNode> entry : schema.path("properties").properties()) {
      if (entry.getKey().startsWith("$")) {
        continue;
      }
      String child = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      JsonNode value = resolved(entry.getValue());
      if (value.has("properties")) {
        walk(child, value, leaf);
      } else {
        leaf.accept(child, value);
      }
    }
  }
}
