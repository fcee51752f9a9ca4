package io.millrace.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One inner request of a batch.
 *
 * @param contentId as sent, or null
 * @param authorization the inner header, or null
 */
record BatchPart(String contentId, String method, String target, String authorization) {
  static final int MOST = 100;

  /** Takes a multipart body apart; throws 400 if it is none or holds too many requests. */
  static List<BatchPart> parse(String contentType, String body) {
    String delimiter = "--" + boundary(contentType);
    List<BatchPart> parts = new ArrayList<>();
    int at = body.indexOf(delimiter);
    int count = 0;
    while (at >= 0) {
      int from = at + delimiter.length();
      int next = body.indexOf("\n" + delimiter, from);
      if (body.startsWith("--", from) || next < 0) {
        break;
      }
      if (++count <= MOST) {
        parts.add(part(body.substring(from, next)));
      }
      at = next + 1;
    }
    if (count > MOST) {
      throw bad("Inner request count exceeds the limit. Received: " + count + ", Limit: " + MOST);
    }
    if (count == 0) {
      throw bad("Failed to parse batch request, error: Could not parse any parts.");
    }
    return parts;
  }

  private static BatchPart part(String text) {
    String contentId = null;
    String authorization = null;
    String request = null;
    boolean inner = false;
    for (String line : text.strip().lines().toList()) {
      int colon = line.indexOf(':');
      if (line.isEmpty()) {
        if (request != null) {
          break;
        }
        inner = true;
      } else if (inner && request == null) {
        request = line;
      } else if (colon > 0) {
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        String value = line.substring(colon + 1).strip();
        contentId = !inner && name.equals("content-id") ? value : contentId;
        authorization = inner && name.equals("authorization") ? value : authorization;
      }
    }
    if (request == null) {
      throw bad("Failed to parse batch request, error: A part holds no request.");
    }
    String line = request.strip();
    int method = line.indexOf(' ');
    int target = line.indexOf(' ', method + 1);
    if (method < 0) {
      return new BatchPart(contentId, line, "/", authorization);
    }
    String address = line.substring(method + 1, target < 0 ? line.length() : target);
    return new BatchPart(contentId, line.substring(0, method), address, authorization);
  }

  private static String boundary(String contentType) {
    String type = contentType == null ? "" : contentType;
    int at = type.toLowerCase(Locale.ROOT).indexOf("boundary=");
    if (at < 0 || !type.toLowerCase(Locale.ROOT).startsWith("multipart/mixed")) {
      throw bad("Failed to parse batch request, error: The content type must be multipart/mixed.");
    }
    String boundary = type.substring(at + "boundary=".length());
    int end = boundary.indexOf(';');
    return (end < 0 ? boundary : boundary.substring(0, end)).replace("\"", "").strip();
  }

  /** The header line that answers this part's Content-ID; empty when it had none. */
  String answerLine() {
    if (contentId == null) {
      return "";
    }
    String answer =
        contentId.startsWith("<") ? "<response-" + contentId.substring(1) : "response-" + contentId;
    return "Content-ID: " + answer + "\r\n";
  }

  private static ApiException bad(String message) {
    return new ApiException(GoogleError.badRequest(message));
  }
}
