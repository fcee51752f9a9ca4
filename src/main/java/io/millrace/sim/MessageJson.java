package io.millrace.sim;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Writes messages as Gmail does, in its four formats. */
final class MessageJson {
  private static final String ATTACHMENT = "ANGjdJ-";

  private final Mailbox mailbox;
  private final JsonOut out;

  MessageJson(Mailbox mailbox, JsonOut out) {
    this.mailbox = mailbox;
    this.out = out;
  }

  /** Writes one message; metadata headers are those named, or all when none is. */
  void write(int index, String format, List<String> metadataHeaders) {
    MailStore store = mailbox.store();
    Mail mail = store.mail(index);
    out.object().field("id", Hash.hex(store.id(index)));
    out.field("threadId", Hash.hex(store.threadId(index)));
    labels(mailbox.labels(index));
    out.field("snippet", mail.snippet());
    switch (format) {
      case "metadata" -> {
        out.object("payload").field("mimeType", mail.mimeType());
        headers(mail.headers(), metadataHeaders);
        out.end();
      }
      case "full" -> part("payload", mail.payload(), index);
      case "raw" -> out.base64Field("raw", mail.raw());
      default -> {}
    }
    out.field("sizeEstimate", mail.sizeEstimate());
    out.quotedField("historyId", mailbox.historyId(index));
    out.quotedField("internalDate", store.date(index)).end();
  }

  /** The id by which a part's body is fetched; it says which message and part it belongs to. */
  static String attachmentId(long id, String partId) {
    byte[] text = (Hash.hex(id) + ":" + partId).getBytes(StandardCharsets.US_ASCII);
    return ATTACHMENT + Base64.getUrlEncoder().withoutPadding().encodeToString(text);
  }

  /** The part that an attachment id of this message means, or null. */
  static String partId(long id, String attachmentId) {
    if (!attachmentId.startsWith(ATTACHMENT)) {
      return null;
    }
    try {
      byte[] text = Base64.getUrlDecoder().decode(attachmentId.substring(ATTACHMENT.length()));
      String decoded = new String(text, StandardCharsets.US_ASCII);
      String prefix = Hash.hex(id) + ":";
      return decoded.startsWith(prefix) ? decoded.substring(prefix.length()) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  void labels(List<String> labels) {
    out.array("labelIds");
    for (String label : labels) {
      out.value(label);
    }
    out.endArray();
  }

  private void part(String name, Part part, int index) {
    if (name == null) {
      out.object();
    } else {
      out.object(name);
    }
    out.field("partId", part.partId()).field("mimeType", part.mimeType());
    out.field("filename", part.filename());
    headers(part.headers(), List.of());
    out.object("body");
    if (part.apart()) {
      out.field("attachmentId", attachmentId(mailbox.store().id(index), part.partId()));
    }
    out.field("size", part.size());
    if (!part.apart() && part.size() > 0) {
      out.base64Field("data", part.data().get());
    }
    out.end();
    if (!part.parts().isEmpty()) {
      out.array("parts");
      for (Part child : part.parts()) {
        part(null, child, index);
      }
      out.endArray();
    }
    out.end();
  }

  private void headers(List<Header> headers, List<String> wanted) {
    out.array("headers");
    for (Header header : headers) {
      if (wanted.isEmpty() || names(wanted, header.name())) {
        out.object().field("name", header.name()).field("value", header.value()).end();
      }
    }
    out.endArray();
  }

  private static boolean names(List<String> wanted, String name) {
    for (String one : wanted) {
      if (one.equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }
}
