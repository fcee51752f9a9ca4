package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.google.GoogleFailure.Malformed;
import java.io.IOException;
import java.util.Base64;
import java.util.Locale;

/**
 * What Gmail says when a mailbox has changed. A hint and no more: it may come late, twice, out of
 * order or not at all.
 *
 * @param email the mailbox's address, in lower case
 * @param historyId where its history has come to: unsigned, 64 bits, digits only
 */
public record MailboxNotice(String email, String historyId) {
  private static final int LONGEST_ADDRESS = 320;

  /**
   * Reads the envelope that Pub/Sub pushes, with the notice inside.
   *
   * @throws GoogleException with {@link Malformed} if there is no notice in it
   */
  public static MailboxNotice read(byte[] envelope) {
    byte[] data = base64(field(envelope, "data", "message"));
    String email = field(data, "emailAddress").strip().toLowerCase(Locale.ROOT);
    String historyId = field(data, "historyId");
    if (email.isEmpty() || email.length() > LONGEST_ADDRESS) {
      throw malformed("a notification whose emailAddress is no address.");
    }
    if (!Json.unsigned64(historyId)) {
      throw malformed("a notification whose historyId is no number of 64 bits.");
    }
    return new MailboxNotice(email, historyId);
  }

  /** A text or whole number, within these objects. */
  private static String field(byte[] json, String name, String... within) {
    try (JsonParser p = Json.parser(json, 0, json.length)) {
      if (p.nextToken() == JsonToken.START_OBJECT) {
        for (String step : within) {
          if (!find(p, step) || p.currentToken() != JsonToken.START_OBJECT) {
            throw malformed("a notification without " + step + ".");
          }
        }
        if (find(p, name)) {
          String text = Json.text(p);
          if (text != null) {
            return text;
          }
        }
      }
    } catch (IOException e) {
      // The parser's message would quote the text.
      throw malformed("a notification of broken JSON.");
    }
    throw malformed("a notification without " + name + ".");
  }

  /** Goes to the value of a field of the object that the parser is in. */
  private static boolean find(JsonParser p, String name) throws IOException {
    while (p.nextToken() == JsonToken.FIELD_NAME) {
      boolean found = p.currentName().equals(name);
      p.nextToken();
      if (found) {
        return true;
      }
      p.skipChildren();
    }
    return false;
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException e) {
      throw malformed("a notification whose data is not base64.");
    }
  }

  private static GoogleException malformed(String detail) {
    return new GoogleException(new Malformed(detail));
  }
}
