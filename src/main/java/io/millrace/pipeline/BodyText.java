package io.millrace.pipeline;

import io.millrace.pipeline.MessagePart.Header;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The text of a message from its parts.
 *
 * <p>Parts of a multipart/alternative are one text in several forms: plain text is taken if it says
 * anything, or else the last form that does. All other parts are texts of their own and follow each
 * other, so that a mailing list's footer does not replace the letter above it. Not thread-safe.
 */
final class BodyText {
  /** Characters of text that are kept. */
  static final int MAX = 256 * 1024;

  /** Bytes that are turned into text, so that thousands of large parts cost no more than one. */
  private static final int MAX_WORK = 4 << 20;

  private static final String SEPARATOR = "---------- Forwarded message ----------";

  private static final Set<String> MARKUP =
      Set.of("text/html", "text/enriched", "text/richtext", "text/xml");

  /** Text by name, but for programs to read. */
  private static final Set<String> NOT_SHOWN =
      Set.of(
          "text/calendar",
          "text/x-amp-html",
          "text/css",
          "text/vcard",
          "text/x-vcard",
          "text/directory",
          "text/rtf",
          "text/javascript",
          "text/rfc822-headers");

  private final Flaws flaws;
  private final Map<MessagePart, String> texts = new HashMap<>();
  private MessagePart root;
  private int work;
  private boolean cut;

  BodyText(Flaws flaws) {
    this.flaws = flaws;
  }

  /**
   * @param text cleaned, at most {@link #MAX} characters
   * @param truncated whether there was more
   */
  record Result(String text, boolean truncated) {}

  Result of(MessagePart message) {
    root = message;
    List<String> pieces = new ArrayList<>();
    collect(message, pieces);
    if (pieces.size() == 1 && pieces.get(0).length() <= MAX) {
      return new Result(pieces.get(0), cut);
    }
    StringBuilder out = new StringBuilder();
    for (String piece : pieces) {
      out.append(out.isEmpty() ? "" : "\n\n").append(piece);
      if (out.length() > MAX) {
        break;
      }
    }
    cut |= out.length() > MAX;
    return new Result(Clean.text(out.toString(), MAX), cut);
  }

  private void collect(MessagePart part, List<String> pieces) {
    if (part.children.isEmpty()) {
      if (isText(part)) {
        String text = text(part);
        if (!text.isEmpty()) {
          pieces.add(text);
        }
      }
      return;
    }
    boolean message = part.kind().equals("message/rfc822");
    List<String> own = message ? new ArrayList<>() : pieces;
    for (MessagePart child : chosen(part)) {
      collect(child, own);
    }
    if (message && !own.isEmpty()) {
      pieces.add(introduction(part));
      pieces.addAll(own);
    }
  }

  private List<MessagePart> chosen(MessagePart part) {
    if (!part.kind().equals("multipart/alternative")) {
      return part.children;
    }
    MessagePart best = null;
    for (MessagePart child : part.children) {
      if (!says(child)) {
        continue;
      }
      if (plain(child)) {
        return List.of(child);
      }
      best = child;
    }
    return best == null ? List.of() : List.of(best);
  }

  /** Whether anything can be read in a part or below it. */
  private boolean says(MessagePart part) {
    if (part.children.isEmpty()) {
      return isText(part) && !text(part).isEmpty();
    }
    for (MessagePart child : part.children) {
      if (says(child)) {
        return true;
      }
    }
    return false;
  }

  private static boolean plain(MessagePart part) {
    if (part.children.isEmpty()) {
      return !MARKUP.contains(part.kind());
    }
    for (MessagePart child : part.children) {
      if (!plain(child)) {
        return false;
      }
    }
    return true;
  }

  private boolean isText(MessagePart part) {
    String kind = part.kind();
    if (!kind.startsWith("text/") || NOT_SHOWN.contains(kind)) {
      return false;
    }
    if (!part.isAttachment() || (part == root && isWholeText())) {
      return true;
    }
    if (part.filename.isEmpty() && !part.attachmentId.isEmpty() && part.dataLength() == 0) {
      flaws.add("text-not-inline");
    }
    return false;
  }

  /** A message of one part is its text, even if its sender gave it a file name. */
  private boolean isWholeText() {
    return root.dataLength() > 0 && !root.disposition().word().equals("attachment");
  }

  private String text(MessagePart part) {
    String known = texts.get(part);
    if (known == null) {
      known = convert(part);
      texts.put(part, known);
    }
    return known;
  }

  private String convert(MessagePart part) {
    if (part.dataLength() == 0) {
      return "";
    }
    work += part.dataLength();
    cut |= part.dataCut || work > MAX_WORK;
    if (work > MAX_WORK) {
      return "";
    }
    String text = decode(part);
    if (MARKUP.contains(part.kind())) {
      text = HtmlText.of(text, MAX);
    }
    // One more than is kept, so that the end result knows that there was more.
    return trim(Clean.lines(text, MAX + 1));
  }

  /** Without white space at the end and empty lines at the start; the first line's indent stays. */
  private static String trim(String text) {
    int end = text.length();
    while (end > 0 && Clean.isSpace(text.charAt(end - 1))) {
      end--;
    }
    int begin = 0;
    for (int i = 0; i < end && Clean.isSpace(text.charAt(i)); i++) {
      begin = text.charAt(i) == '\n' ? i + 1 : begin;
    }
    return text.substring(begin, end);
  }

  /** Gmail hands bodies on as UTF-8; the part's charset counts only where they are not that. */
  private String decode(MessagePart part) {
    byte[] bytes = part.data();
    String charset = part.type().parameters().get("charset");
    String name = Charsets.canonical(charset);
    boolean escapes = (name.startsWith("iso-2022") && contains(bytes, 0x1B)) || isWide(name, bytes);
    if (!escapes) {
      // A cut may go through a character; its bytes must not make the whole look broken.
      String utf8 = Charsets.strictUtf8(bytes, part.dataCut ? wholeUtf8(bytes) : bytes.length);
      if (utf8 != null) {
        return utf8;
      }
      if (name.equals("utf-8")) {
        flaws.add("body-not-utf8");
        return new String(bytes, StandardCharsets.UTF_8);
      }
    }
    String text = Charsets.decode(bytes, charset);
    if (text == null) {
      flaws.add("charset-unknown:" + name);
      return Charsets.guess(bytes);
    }
    return text;
  }

  private static boolean isWide(String charset, byte[] bytes) {
    return (charset.startsWith("utf-16") || charset.startsWith("utf-32")) && contains(bytes, 0);
  }

  private static boolean contains(byte[] bytes, int value) {
    for (byte b : bytes) {
      if (b == value) {
        return true;
      }
    }
    return false;
  }

  private static int wholeUtf8(byte[] bytes) {
    int end = bytes.length;
    int floor = Math.max(0, end - 3);
    while (end > floor && (bytes[end - 1] & 0xC0) == 0x80) {
      end--;
    }
    return end > 0 && bytes[end - 1] < 0 ? end - 1 : end;
  }

  private String introduction(MessagePart part) {
    MessagePart message = part.first(Header.FROM) == null ? part.children.get(0) : part;
    StringBuilder out = new StringBuilder(SEPARATOR);
    line(out, "From", message.first(Header.FROM));
    line(out, "Date", message.first(Header.DATE));
    line(out, "Subject", message.first(Header.SUBJECT));
    line(out, "To", message.first(Header.TO));
    return out.toString();
  }

  private void line(StringBuilder out, String name, String value) {
    if (value != null) {
      String shown = Clean.line(EncodedWords.decode(value, flaws), EmailNormalizer.MAX_SUBJECT);
      out.append('\n').append(name).append(": ").append(shown);
    }
  }
}
