package io.millrace.engine;

import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whether a JSON Schema is one, by the schema of schemas: a typo in it must not let all pass. */
final class MetaSchema {
  private static final String ROOT = "https://json-schema.org/draft/2020-12/";
  private static final List<String> PARTS =
      List.of(
          "schema",
          "meta/core",
          "meta/applicator",
          "meta/unevaluated",
          "meta/validation",
          "meta/meta-data",
          "meta/format-annotation",
          "meta/content");

  private MetaSchema() {}

  /** Answers the schema itself; fails with a sentence if it is none. */
  static JsonObject checked(JsonObject schema) {
    JsonSchemaOptions options =
        new JsonSchemaOptions()
            .setBaseUri("urn:millrace")
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(OutputFormat.Basic);
    SchemaRepository repository = SchemaRepository.create(options);
    for (String part : PARTS) {
      repository.dereference(ROOT + part, JsonSchema.of(resource(part)));
    }
    OutputUnit judged = repository.validator(ROOT + "schema").validate(schema);
    if (!judged.getValid()) {
      OutputUnit first = judged.getErrors().get(judged.getErrors().size() - 1);
      throw new IllegalArgumentException(
          "it is not a JSON Schema: %s %s"
              .formatted(PayloadPath.ofPointer(first.getInstanceLocation()), first.getError()));
    }
    return schema;
  }

  /** The validator brings the files along. */
  private static JsonObject resource(String part) {
    String path = "/json-schema.org/draft/2020-12/" + part;
    try (InputStream in = SchemaRepository.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("The schema of schemas is not in the jar: " + path);
      }
      return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
