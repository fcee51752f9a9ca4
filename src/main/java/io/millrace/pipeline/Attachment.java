package io.millrace.pipeline;

import java.util.List;

/**
 * A part of a message that is not its text. Its bytes are not here: they are fetched on demand.
 *
 * @param filename as the sender named it, decoded, at most {@value #MAX_FILENAME} characters, empty
 *     when it has no name. For people to read: not safe as a path
 * @param mimeType lower-case, empty when not given
 * @param size bytes, by Gmail's count
 * @param attachmentId what Gmail fetches it by, valid for a short time only; null when Gmail gave
 *     the bytes with the message
 * @param partId its place in the message, such as {@code 1.2}
 * @param contentId the Content-ID without angle brackets, by which HTML refers to it; may be null
 * @param inline shown within the text rather than beside it
 */
record Attachment(
    String filename,
    String mimeType,
    long size,
    String attachmentId,
    String partId,
    String contentId,
    boolean inline) {
  static final int MAX_FILENAME = 512;
  private static final int MAX_TYPE = 255;
  private static final int MAX_ID = 2_048;

  Attachment {
    filename = Clean.orEmpty(Clean.text(filename, MAX_FILENAME));
    mimeType = Clean.orEmpty(Clean.text(mimeType, MAX_TYPE));
    size = Math.max(0, size);
    attachmentId = Clean.text(attachmentId, MAX_ID);
    partId = Clean.orEmpty(Clean.text(partId, MAX_TYPE));
    contentId = Clean.text(contentId, MAX_TYPE);
  }

  /** Writes a list as compact JSON, an array of objects that leave out what is null. */
  static String toJson(List<Attachment> attachments) {
    return InteractionJson.attachments(attachments);
  }

  /**
   * Reads what {@link #toJson} wrote; what is not of that form is left out.
   *
   * @param json may be null
   */
  static List<Attachment> fromJson(String json) {
    return InteractionJson.attachments(json);
  }
}
