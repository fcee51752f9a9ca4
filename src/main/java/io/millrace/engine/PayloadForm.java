package io.millrace.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectReader;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.List;

/**
 * What one kind accepts: its JSON Schema (2020-12), and the record that is made of a payload. Where
 * the schema is derived from the record, strict binding does the judging and the schema only says
 * what was wrong; a written schema judges first. Made once for a kind; thread-safe.
 *
 * @param <P> the record
 */
final class PayloadForm<P> {
  /** An interpreted schema takes some 50 times as long as binding (PayloadBench). */
  private static final int QUICK_CHARS = 256 * 1024;

  private final String kind;
  private final boolean derived;
  private final JsonObject schema;
  private final Validator flag;
  private final Validator basic;
  private final ObjectReader reader;

  private PayloadForm(String kind, Class<P> payload, boolean derived, JsonObject schema) {
    this.kind = kind;
    this.derived = derived;
    this.schema = schema;
    this.flag = validator(kind, schema, OutputFormat.Flag);
    this.basic = validator(kind, schema, OutputFormat.Basic);
    this.reader = (derived ? StrictJson.STRICT : StrictJson.LENIENT).readerFor(payload);
  }

  /** Fails with a sentence that names the handler if its schema is none. */
  static <P> PayloadForm<P> of(JobHandler<P> handler) {
    String written = handler.schema();
    try {
      if (written == null && !handler.payload().isRecord()) {
        throw new IllegalArgumentException("its payload is not a record; write a schema().");
      }
      JsonObject schema =
          written == null
              ? DerivedSchema.of(handler.payload())
              : MetaSchema.checked(new JsonObject(written));
      return new PayloadForm<>(handler.kind(), handler.payload(), written == null, schema);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "The schema of kind %s (%s) cannot be used: %s"
              .formatted(handler.kind(), handler.getClass().getName(), e.getMessage()),
          e);
    }
  }

  private static Validator validator(String kind, JsonObject schema, OutputFormat format) {
    return Validator.create(
        JsonSchema.of(schema.copy()),
        new JsonSchemaOptions()
            .setBaseUri("urn:millrace:kind:" + kind)
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(format));
  }

  /** The schema, a copy. */
  JsonObject schema() {
    return schema.copy();
  }

  /** Whether reading it takes so little time that an event loop may do it: a few milliseconds. */
  boolean quick(String json) {
    return json.length() <= (derived ? QUICK_CHARS : QUICK_CHARS / 32);
  }

  /**
   * Reads a payload.
   *
   * @throws PayloadException with the path and the reason if the kind does not accept it
   */
  P read(String json) {
    if (!derived) {
      Object document = parsed(json);
      if (!flag.validate(document).getValid()) {
        throw refused(basic.validate(document));
      }
    }
    try {
      P payload = reader.readValue(json);
      if (payload == null) {
        throw new PayloadException(kind, "$", "it is null; a JSON object is expected");
      }
      return payload;
    } catch (JsonProcessingException e) {
      throw derived ? explained(json, e) : asBinding(e);
    }
  }

  private Object parsed(String json) {
    try {
      return Json.decodeValue(json);
    } catch (DecodeException e) {
      throw new PayloadException(kind, "$", "it is not JSON: " + firstLine(e.getMessage()));
    }
  }

  /** Binding knows that something is wrong; the schema says it better, if it sees it as well. */
  private PayloadException explained(String json, JsonProcessingException binding) {
    OutputUnit judged = basic.validate(parsed(json));
    return judged.getValid() ? asBinding(binding) : refused(judged);
  }

  private PayloadException refused(OutputUnit judged) {
    List<OutputUnit> errors = judged.getErrors();
    if (errors == null || errors.isEmpty()) {
      return new PayloadException(kind, "$", "it does not match the kind's schema");
    }
    // The deepest is the cause, those above it only say that something below is wrong.
    OutputUnit worst = errors.get(0);
    for (OutputUnit error : errors) {
      if (depth(error) > depth(worst)) {
        worst = error;
      }
    }
    return new PayloadException(
        kind,
        PayloadPath.ofPointer(worst.getInstanceLocation()),
        ErrorRecord.words(worst.getError()));
  }

  private static int depth(OutputUnit error) {
    return (int) error.getKeywordLocation().chars().filter(c -> c == '/').count();
  }

  private PayloadException asBinding(JsonProcessingException e) {
    String path =
        e instanceof JsonMappingException mapping ? PayloadPath.of(mapping.getPath()) : "$";
    return new PayloadException(kind, path, firstLine(e.getOriginalMessage()));
  }

  private static String firstLine(String message) {
    return ErrorRecord.words(message.lines().findFirst().orElse(""));
  }
}
