package io.millrace.sim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** Writes a made-up MIME tree as the RFC 822 text that it would have come from. */
final class RawMail {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder();

  private RawMail() {}

  static byte[] render(Part root) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(root.size() * 3 / 2 + 8192);
    write(root, out);
    return out.toByteArray();
  }

  private static void write(Part part, ByteArrayOutputStream out) {
    String type = "";
    for (Header header : part.headers()) {
      line(out, header.name() + ": " + header.value());
      type = header.name().equals("Content-Type") ? header.value() : type;
    }
    line(out, "");
    if (part.parts().isEmpty()) {
      out.writeBytes(LINES.encode(original(part, type)));
      line(out, "");
      return;
    }
    String boundary = parameter(type, "boundary");
    for (Part child : part.parts()) {
      line(out, "--" + boundary);
      write(child, out);
    }
    line(out, "--" + boundary + "--");
  }

  /** The body in the charset its header names; Gmail's tree has it in UTF-8. */
  private static byte[] original(Part part, String type) {
    byte[] data = part.data().get();
    String charset = parameter(type, "charset");
    if (charset.isEmpty() || charset.equals("utf-8")) {
      return data;
    }
    return new String(data, StandardCharsets.UTF_8).getBytes(Charset.forName(charset));
  }

  private static String parameter(String type, String name) {
    int at = type.toLowerCase(Locale.ROOT).indexOf(name + "=");
    if (at < 0) {
      return "";
    }
    String value = type.substring(at + name.length() + 1);
    int end = value.indexOf(';');
    return (end < 0 ? value : value.substring(0, end)).replace("\"", "").strip();
  }

  private static void line(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    out.writeBytes(new byte[] {'\r', '\n'});
  }
}
