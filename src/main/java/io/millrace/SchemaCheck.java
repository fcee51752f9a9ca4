package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Judges one document by the schema and says what is wrong in words for a person.
 *
 * <p>Own code for the subset of JSON Schema that our schema uses, since a general validator cannot
 * say what was probably meant, nor keep a secret out of its message.
 */
final class SchemaCheck {
  /** The words of JSON Schema that are understood; a test holds the schema to them. */
  static final List<String> KEYWORDS =
      List.of(
          "$schema",
          "$id",
          "$defs",
          "$ref",
          "title",
          "description",
          "default",
          "x-expects",
          "type",
          "enum",
          "minimum",
          "maximum",
          "minLength",
          "maxLength",
          "pattern",
          "properties",
          "patternProperties",
          "additionalProperties",
          "required",
          "items",
          "maxItems");

  private final ConfigurationSchema schema;
  private final UnaryOperator<String> origin;
  private final List<Fault> faults = new ArrayList<>();

  /**
   * @param origin for a path, the file, variable or option that set it
   */
  SchemaCheck(ConfigurationSchema schema, UnaryOperator<String> origin) {
    this.schema = schema;
    this.origin = origin;
  }

  List<Fault> check(JsonNode document) {
    if (document.isObject()) {
      object("", document, schema.root());
    } else {
      add("", document, "must be a JSON object");
    }
    return faults;
  }

  private void object(String path, JsonNode object, JsonNode rules) {
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      String child = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      Optional<JsonNode> rule = schema.property(rules, entry.getKey());
      Optional<String> misplaced = Secrets.refusal(child, entry.getValue());
      if (misplaced.isPresent()) {
        add(child, entry.getValue(), misplaced.get());
      } else if (rule.isEmpty()) {
        add(child, entry.getValue(), unknown(path, entry.getKey(), rules));
      } else {
        value(child, entry.getValue(), rule.get());
      }
    }
    for (JsonNode key : rules.path("required")) {
      if (!object.has(key.asText())) {
        String child = path + "." + key.asText();
        faults.add(new Fault(origin.apply(path), child, "", "is missing; " + expected(child)));
      }
    }
  }

  private void value(String path, JsonNode value, JsonNode rules) {
    if (!fits(value, rules)) {
      add(path, value, "must be " + expects(rules));
      // An object without rules for its keys is a payload, which is its handler's to judge.
    } else if (value.isObject() && rules.has("additionalProperties")) {
      object(path, value, rules);
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        value(path + "." + i, value.get(i), schema.resolved(rules.get("items")));
      }
    }
  }

  private static boolean fits(JsonNode value, JsonNode rules) {
    if (types(rules).noneMatch(type -> isOf(type, value))) {
      return false;
    }
    if (value.isNumber()) {
      BigDecimal number = value.decimalValue();
      return (!rules.has("minimum") || number.compareTo(rules.get("minimum").decimalValue()) >= 0)
          && (!rules.has("maximum") || number.compareTo(rules.get("maximum").decimalValue()) <= 0);
    }
    if (value.isTextual()) {
      String text = value.asText();
      return text.length() >= rules.path("minLength").asInt(0)
          && text.length() <= rules.path("maxLength").asInt(Integer.MAX_VALUE)
          && (!rules.has("enum") || choices(rules).anyMatch(text::equals))
          && (!rules.has("pattern")
              || Pattern.compile(rules.get("pattern").asText()).matcher(text).find());
    }
    return !value.isArray() || value.size() <= rules.path("maxItems").asInt();
  }

  private static boolean isOf(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "number" -> value.isNumber();
      case "integer" -> value.isIntegralNumber();
      case "null" -> value.isNull();
      default -> throw new IllegalStateException("type " + type + " is not understood");
    };
  }

  private String expected(String path) {
    return "it must be " + schema.at(path).map(SchemaCheck::expects).orElse("given");
  }

  /** What a value must be, with its meaning. */
  static String expects(JsonNode rules) {
    String what =
        rules.has("x-expects")
            ? rules.get("x-expects").asText()
            : types(rules).filter(type -> !type.equals("null")).findFirst().orElse("null");
    what =
        switch (what) {
          case "integer" -> "a whole number" + range(rules);
          case "number" -> "a number" + range(rules);
          case "boolean" -> "true or false";
          case "object" -> "a JSON object";
          case "string" ->
              rules.has("enum")
                  ? "one of " + choices(rules).collect(Collectors.joining(", "))
                  : "a text" + length(rules);
          default -> what;
        };
    String orNull = types(rules).anyMatch("null"::equals) ? " or null" : "";
    return what + orNull + " (" + rules.path("description").asText() + ")";
  }

  private static String range(JsonNode rules) {
    return " from " + rules.path("minimum").asText() + " to " + rules.path("maximum").asText();
  }

  private static String length(JsonNode rules) {
    int least = rules.path("minLength").asInt(0);
    String most = rules.path("maxLength").asText("");
    return most.isEmpty() ? "" : " of " + least + " to " + most + " characters";
  }

  private static Stream<String> types(JsonNode rules) {
    JsonNode type = rules.path("type");
    return type.isArray() ? texts(type) : Stream.of(type.asText());
  }

  private static Stream<String> choices(JsonNode rules) {
    return texts(rules.get("enum"));
  }

  private static Stream<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText);
  }

  private String unknown(String path, String key, JsonNode rules) {
    List<String> siblings = new ArrayList<>();
    rules.path("properties").fieldNames().forEachRemaining(siblings::add);
    siblings.remove("$schema");
    String prefix = path.isEmpty() ? "" : path + ".";
    Optional<String> meant =
        Nearest.to(key, siblings).map(sibling -> prefix + sibling).or(() -> elsewhere(key));
    return "no such key; "
        + meant
            .map(name -> "did you mean " + name + "?")
            .orElse("valid here: " + String.join(", ", siblings));
  }

  /** A key that exists, only in another section. */
  private Optional<String> elsewhere(String key) {
    return schema.leaves().stream()
        .filter(leaf -> leaf.equals(key) || leaf.endsWith("." + key))
        .findFirst();
  }

  private void add(String path, JsonNode value, String remedy) {
    faults.add(Fault.of(origin.apply(path), path, value, remedy));
  }
}
