package io.millrace.sim;

import java.util.List;
import java.util.function.Supplier;

/**
 * A node of a message's MIME tree as Gmail shows it.
 *
 * @param partId "" for the message itself, then "0", "1", "1.0" …
 * @param filename "" when the part has none
 * @param size bytes of the decoded body
 * @param data the decoded body, text as UTF-8; made when asked for
 */
record Part(
    String partId,
    String mimeType,
    String filename,
    List<Header> headers,
    int size,
    Supplier<byte[]> data,
    List<Part> parts) {

  static Part container(String partId, String mimeType, List<Header> headers, List<Part> parts) {
    return new Part(partId, mimeType, "", headers, 0, () -> new byte[0], parts);
  }

  /** Whether the body is fetched by a call of its own instead of standing in the tree. */
  boolean apart() {
    return size > 0 && parts.isEmpty() && (!filename.isEmpty() || !mimeType.startsWith("text/"));
  }

  /** The part with this id, itself included, or null. */
  Part find(String id) {
    if (partId.equals(id)) {
      return this;
    }
    for (Part part : parts) {
      Part found = part.find(id);
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
