package io.millrace.pipeline;

import io.millrace.pipeline.MessagePart.Header;
import java.util.ArrayList;
import java.util.List;

/** The attachments of a message, in order, those of attached messages included. */
final class AttachmentList {
  private AttachmentList() {}

  static List<Attachment> of(MessagePart root, Flaws flaws) {
    List<Attachment> out = new ArrayList<>();
    collect(root, out, flaws);
    return List.copyOf(out);
  }

  private static void collect(MessagePart part, List<Attachment> out, Flaws flaws) {
    if (part.isAttachment() && (part.size > 0 || isNamed(part))) {
      if (out.size() >= EmailNormalizer.MAX_ATTACHMENTS) {
        flaws.add("attachments-cut");
        return;
      }
      out.add(attachment(part, flaws));
    }
    for (MessagePart child : part.children) {
      collect(child, out, flaws);
    }
  }

  /** A payload without bodies (format metadata) has parts of no size that are not listed. */
  private static boolean isNamed(MessagePart part) {
    return !part.filename.isEmpty()
        || !part.attachmentId.isEmpty()
        || part.disposition().word().equals("attachment");
  }

  private static Attachment attachment(MessagePart part, Flaws flaws) {
    String id = part.first(Header.CONTENT_ID);
    String contentId = id == null ? null : Clean.line(id, 300).replace("<", "").replace(">", "");
    String disposition = part.disposition().word();
    boolean inline =
        disposition.equals("inline") || (contentId != null && !disposition.equals("attachment"));
    return new Attachment(
        filename(part, flaws),
        part.kind(),
        part.size,
        part.attachmentId.isEmpty() ? null : part.attachmentId,
        part.partId,
        contentId == null || contentId.isEmpty() ? null : contentId,
        inline);
  }

  /** Gmail's word first; it may still be encoded, or missing where the headers have a name. */
  private static String filename(MessagePart part, Flaws flaws) {
    String name = EncodedWords.decode(part.filename, flaws);
    if (name.isBlank()) {
      name = part.disposition().text("filename", flaws);
    }
    if (name == null || name.isBlank()) {
      name = part.type().text("name", flaws);
    }
    return name == null ? "" : Clean.line(name, Attachment.MAX_FILENAME);
  }
}
