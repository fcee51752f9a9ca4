package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.google.GoogleFailure.Malformed;
import java.io.IOException;
import java.util.Base64;

/**
 * The bytes of an attachment as Google gave them. They are charged to the client's byte budget:
 * whoever gets them gives them back, once, with {@link OnDemand#release}.
 *
 * @param bytes decoded; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody, and a copy would double it.
public record AttachmentData(byte[] bytes) {
  private static final int FIXED = 128;

  /** What it is charged for in the byte budget. */
  long heldBytes() {
    return FIXED + (long) bytes.length;
  }

  static AttachmentData read(byte[] json) {
    byte[] data = null;
    try (JsonParser p = Json.parser(json, 0, json.length)) {
      boolean object = p.nextToken() == JsonToken.START_OBJECT;
      while (object && p.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = p.currentName().equals("data");
        if (p.nextToken() == JsonToken.VALUE_STRING && wanted) {
          data = Base64.getUrlDecoder().decode(p.getText());
        } else {
          p.skipChildren();
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      // The parser's message would quote the text.
      throw malformed("an attachment that is no base64 within JSON.");
    }
    if (data == null) {
      throw malformed("an attachment without data.");
    }
    return new AttachmentData(data);
  }

  private static GoogleException malformed(String detail) {
    return new GoogleException(new Malformed(detail));
  }
}
