package io.millrace.sim;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A real message, parsed when it is made. Immutable. */
final class MimeMail implements Mail {
  private static final int SNIPPET = 200;
  private static final int LOOKED_AT = 20_000;

  private final byte[] raw;
  private final Part root;

  MimeMail(byte[] raw) {
    this.raw = raw;
    this.root = new MimeTree(raw).root();
  }

  @Override
  public String mimeType() {
    return root.mimeType();
  }

  @Override
  public List<Header> headers() {
    return root.headers();
  }

  @Override
  public int sizeEstimate() {
    return raw.length;
  }

  @Override
  public Part payload() {
    return root;
  }

  @Override
  public byte[] raw() {
    return raw;
  }

  /** The beginning of the text, its white space made one, escaped for HTML as Gmail does. */
  @Override
  public String snippet() {
    Part text = first(root, "text/plain");
    boolean html = text == null;
    text = html ? first(root, "text/html") : text;
    if (text == null) {
      return "";
    }
    byte[] data = text.data().get();
    String words = new String(data, 0, Math.min(data.length, LOOKED_AT), StandardCharsets.UTF_8);
    if (html) {
      words = words.replaceAll("(?is)<(style|script).*?</\\1>|<[^>]*>|&nbsp;", " ");
    }
    words = words.replaceAll("\\s+", " ").strip();
    String cut = words.substring(0, Math.min(SNIPPET, words.length()));
    return html ? cut : escape(cut);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static Part first(Part part, String mimeType) {
    if (part.parts().isEmpty()) {
      return part.mimeType().equals(mimeType) && part.filename().isEmpty() ? part : null;
    }
    for (Part child : part.parts()) {
      Part found = first(child, mimeType);
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
