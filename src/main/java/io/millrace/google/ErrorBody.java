package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What an error's body says, as far as it can be understood. Any bytes are fine: what is not there
 * is empty.
 */
final class ErrorBody {
  /** No error that Google sends comes near; a longer body is not read to its end. */
  private static final int LONGEST = 64 * 1024;

  /**
   * Whether the body is a JSON object with an {@code error}: without it, it is not Google's API.
   */
  boolean envelope;

  int code;
  String status = "";

  /** All reasons, of {@code errors} and of {@code details}, each between two spaces. */
  String reasons = " ";

  String message = "";
  String retryDelay;

  private ErrorBody() {}

  static ErrorBody read(byte[] body, int offset, int length) {
    ErrorBody found = new ErrorBody();
    try (JsonParser p = Json.parser(body, offset, Math.min(length, LONGEST))) {
      if (p.nextToken() == JsonToken.START_OBJECT) {
        while (p.nextToken() == JsonToken.FIELD_NAME) {
          String name = p.currentName();
          p.nextToken();
          found.top(name, p);
        }
      }
    } catch (IOException e) {
      // What was understood until here is kept.
    }
    return found;
  }

  boolean has(String reason) {
    return reasons.contains(" " + reason + " ");
  }

  private void top(String name, JsonParser p) throws IOException {
    if (name.equals("error") && p.currentToken() == JsonToken.START_OBJECT) {
      envelope = true;
      object(p, 0);
    } else if (name.equals("error") && p.currentToken() == JsonToken.VALUE_STRING) {
      envelope = true;
      reason(p.getText());
    } else if (name.equals("error_description") && p.currentToken() == JsonToken.VALUE_STRING) {
      message = p.getText();
    } else {
      p.skipChildren();
    }
  }

  private void object(JsonParser p, int depth) throws IOException {
    while (p.nextToken() == JsonToken.FIELD_NAME) {
      String name = p.currentName();
      switch (p.nextToken()) {
        case VALUE_STRING -> text(name, p.getText(), depth);
        case VALUE_NUMBER_INT -> {
          if (depth == 0 && name.equals("code") && p.getText().length() <= 4) {
            code = p.getIntValue();
          }
        }
        case START_OBJECT -> p.skipChildren();
        case START_ARRAY -> {
          if (depth == 0 && (name.equals("errors") || name.equals("details"))) {
            array(p);
          } else {
            p.skipChildren();
          }
        }
        default -> {}
      }
    }
  }

  private void array(JsonParser p) throws IOException {
    JsonToken t;
    while ((t = p.nextToken()) != JsonToken.END_ARRAY && t != null) {
      if (t == JsonToken.START_OBJECT) {
        object(p, 1);
      } else {
        p.skipChildren();
      }
    }
  }

  private void text(String name, String value, int depth) {
    switch (name) {
      case "reason" -> reason(value);
      case "retryDelay" -> retryDelay = value;
      case "status" -> status = depth == 0 ? value : status;
      case "message" -> {
        if (depth == 0 || message.isEmpty()) {
          message = value;
        }
      }
      default -> {}
    }
  }

  private void reason(String value) {
    if (reasons.length() < 400) {
      reasons += clean(value, 60) + " ";
    }
  }

  /** Cuts a text of Google's down to what may stand in a log. */
  static String clean(String text, int longest) {
    StringBuilder out = new StringBuilder();
    for (String word : text.split(" ", 60)) {
      // Long words are what secrets look like.
      String safe = word.length() > 60 && !word.startsWith("https://console.") ? "…" : word;
      out.append(out.length() == 0 ? "" : " ").append(safe);
      if (out.length() > longest) {
        break;
      }
    }
    for (int i = 0; i < out.length(); i++) {
      if (Character.isISOControl(out.charAt(i))) {
        out.setCharAt(i, ' ');
      }
    }
    return out.length() > longest ? out.substring(0, longest) + "…" : out.toString();
  }
}
