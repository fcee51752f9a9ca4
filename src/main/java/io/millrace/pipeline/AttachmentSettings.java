package io.millrace.pipeline;

/**
 * What becomes of attachments: configuration section {@code attachments}.
 *
 * @param fetched whether the body of one that somebody asks for is fetched and stored; if not,
 *     attachments are listed only
 * @param maxBytes the largest that is fetched
 */
public record AttachmentSettings(boolean fetched, int maxBytes) {
  /** What the configuration has by default. */
  public static final AttachmentSettings DEFAULT = new AttachmentSettings(false, 10 << 20);
}
