package io.millrace.pipeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Participants and attachments as they stand in jsonb columns. Streaming in both directions. */
final class InteractionJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Map<String, Role> ROLES = new HashMap<>();

  static {
    for (Role role : Role.values()) {
      ROLES.put(role.name(), role);
    }
  }

  private InteractionJson() {}

  private interface Writer<T> {
    void write(JsonGenerator json, T value) throws IOException;
  }

  private interface Reader<T> {
    /** Null when the fields make no value. */
    T read(Map<String, String> fields);
  }

  static String participants(List<Participant> participants) {
    return write(
        participants,
        (json, participant) -> {
          Address address = participant.address();
          json.writeStringField("role", participant.role().name());
          string(json, "name", address.name());
          string(json, "address", address.address());
          string(json, "raw", address.raw());
        });
  }

  static List<Participant> participants(String text) {
    return read(
        text,
        fields -> {
          Role role = ROLES.get(fields.get("role"));
          Address address =
              new Address(fields.get("name"), fields.get("address"), fields.get("raw"));
          return role == null ? null : new Participant(role, address);
        });
  }

  static String attachments(List<Attachment> attachments) {
    return write(
        attachments,
        (json, attachment) -> {
          json.writeStringField("filename", attachment.filename());
          json.writeStringField("mimeType", attachment.mimeType());
          json.writeNumberField("size", attachment.size());
          string(json, "attachmentId", attachment.attachmentId());
          json.writeStringField("partId", attachment.partId());
          string(json, "contentId", attachment.contentId());
          json.writeBooleanField("inline", attachment.inline());
        });
  }

  static List<Attachment> attachments(String text) {
    return read(
        text,
        fields ->
            new Attachment(
                fields.get("filename"),
                fields.get("mimeType"),
                size(fields.get("size")),
                fields.get("attachmentId"),
                fields.get("partId"),
                fields.get("contentId"),
                "true".equals(fields.get("inline"))));
  }

  private static long size(String text) {
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static void string(JsonGenerator json, String name, String value) throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  private static <T> String write(List<T> values, Writer<T> writer) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartArray();
      for (T value : values) {
        json.writeStartObject();
        writer.write(json, value);
        json.writeEndObject();
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException("a StringWriter does not fail", e);
    }
    return out.toString();
  }

  private static <T> List<T> read(String text, Reader<T> reader) {
    if (text == null) {
      return List.of();
    }
    List<T> out = new ArrayList<>();
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        return List.of();
      }
      JsonToken token;
      while ((token = json.nextToken()) != JsonToken.END_ARRAY && token != null) {
        T value = token == JsonToken.START_OBJECT ? reader.read(fields(json)) : null;
        if (value != null) {
          out.add(value);
        }
        json.skipChildren();
      }
    } catch (IOException e) {
      // What was read so far is better than nothing.
      return List.copyOf(out);
    }
    return List.copyOf(out);
  }

  private static Map<String, String> fields(JsonParser json) throws IOException {
    Map<String, String> fields = new HashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken token = json.nextToken();
      if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
        fields.put(name, json.getText());
      } else {
        json.skipChildren();
      }
    }
    return fields;
  }
}
