package io.millrace.pipeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.apache.james.mime4j.dom.Body;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;

/**
 * Makes the payload that Gmail would give for a message in MIME form. Bodies stay in the charset of
 * the message, which is harder for the reader than what Gmail does.
 */
final class MimeToPayload {
  private MimeToPayload() {}

  static SourceMessage source(String id, byte[] mime) throws IOException {
    return new SourceMessage(
        id, id, List.of("INBOX"), "", 1_000_000_000_000L, mime.length, payload(mime));
  }

  static byte[] payload(byte[] mime) throws IOException {
    DefaultMessageBuilder builder = new DefaultMessageBuilder();
    builder.setMimeEntityConfig(MimeConfig.PERMISSIVE);
    Message message = builder.parseMessage(new ByteArrayInputStream(mime));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      part(json, message, "");
    }
    return out.toByteArray();
  }

  private static void part(JsonGenerator json, Entity entity, String id) throws IOException {
    Body body = entity.getBody();
    String filename = entity.getFilename();
    json.writeStartObject();
    json.writeStringField("partId", id);
    json.writeStringField("mimeType", entity.getMimeType());
    json.writeStringField("filename", filename == null ? "" : filename);
    json.writeArrayFieldStart("headers");
    if (entity.getHeader() != null) {
      for (Field field : entity.getHeader().getFields()) {
        json.writeStartObject();
        json.writeStringField("name", field.getName());
        json.writeStringField("value", value(field));
        json.writeEndObject();
      }
    }
    json.writeEndArray();
    json.writeObjectFieldStart("body");
    byte[] bytes = body instanceof SingleBody single ? bytes(single) : new byte[0];
    json.writeNumberField("size", bytes.length);
    if (filename != null && !filename.isEmpty() && !id.isEmpty()) {
      json.writeStringField("attachmentId", "ANGjdJ" + id);
    } else if (bytes.length > 0) {
      json.writeStringField("data", Base64.getUrlEncoder().encodeToString(bytes));
    }
    json.writeEndObject();
    String prefix = id.isEmpty() ? "" : id + ".";
    if (body instanceof Multipart multipart) {
      json.writeArrayFieldStart("parts");
      int number = 0;
      for (Entity child : multipart.getBodyParts()) {
        part(json, child, prefix + number++);
      }
      json.writeEndArray();
    } else if (body instanceof Message nested) {
      json.writeArrayFieldStart("parts");
      part(json, nested, prefix + "0");
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static byte[] bytes(SingleBody body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    body.writeTo(out);
    return out.toByteArray();
  }

  /** The unfolded value; 8-bit bytes become one Latin-1 character each. */
  private static String value(Field field) {
    if (field.getRaw() == null) {
      return field.getBody();
    }
    String raw =
        new String(field.getRaw().toByteArray(), StandardCharsets.ISO_8859_1)
            .replaceAll("\r?\n(?=[ \t])", "");
    return raw.substring(raw.indexOf(':') + 1).trim();
  }
}
