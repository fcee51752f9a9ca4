package io.millrace.google;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/** The body of a batch: one GET for each id, told apart by Content-ID. */
final class BatchRequest {
  /** Fixed: no part can hold it, since parts consist of encoded ids and texts of our own. */
  private static final String BOUNDARY = "millrace_part";

  static final String CONTENT_TYPE = "multipart/mixed; boundary=" + BOUNDARY;

  private BatchRequest() {}

  /**
   * @param paths each with its query, safe for a request line
   */
  static Buffer body(List<String> paths) {
    StringBuilder text = new StringBuilder(paths.size() * 256);
    for (int i = 0; i < paths.size(); i++) {
      text.append("--")
          .append(BOUNDARY)
          .append("\r\nContent-Type: application/http\r\nContent-ID: <p")
          .append(i)
          .append(">\r\n\r\nGET ")
          .append(paths.get(i))
          .append(" HTTP/1.1\r\n\r\n\r\n");
    }
    return Buffer.buffer(text.append("--").append(BOUNDARY).append("--\r\n").toString());
  }

  /** Which part a Content-ID of an answer belongs to: {@code <response-p3>} gives 3; else -1. */
  static int index(String contentId, int parts) {
    if (contentId == null) {
      return -1;
    }
    int from = contentId.indexOf("response-p");
    int to = contentId.lastIndexOf('>');
    if (from < 0 || to < 0 || to - from < 11 || to - from > 14) {
      return -1;
    }
    int index = 0;
    for (int i = from + 10; i < to; i++) {
      int digit = contentId.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      index = 10 * index + digit;
    }
    return index < parts ? index : -1;
  }
}
