package io.millrace.sim;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Builds the MIME tree of a made-up message. */
record GeneratedParts(
    long seed,
    Language language,
    int textSize,
    int htmlSize,
    List<Integer> fileSizes,
    List<String> fileNames) {

  GeneratedParts(
      long seed, Language language, int textSize, int htmlSize, int[] sizes, List<String> names) {
    this(
        seed, language, textSize, htmlSize, java.util.Arrays.stream(sizes).boxed().toList(), names);
  }

  static String boundary(long seed, String partId) {
    return "000000000000" + Hash.hex(Hash.of(seed, Hash.of(partId)));
  }

  Part tree(String mimeType, List<Header> headers) {
    return switch (mimeType) {
      case "multipart/mixed" -> mixed(headers);
      case "multipart/alternative" -> alternative("", headers);
      case "text/html" -> html("", headers);
      default -> text("", headers);
    };
  }

  private Part mixed(List<Header> headers) {
    List<Part> parts = new ArrayList<>();
    if (textSize > 0 && htmlSize > 0) {
      String type = "multipart/alternative; boundary=\"" + boundary(seed, "0") + "\"";
      parts.add(alternative("0", List.of(new Header("Content-Type", type))));
    } else if (htmlSize > 0) {
      parts.add(html("0", textHeaders("text/html")));
    } else {
      parts.add(text("0", textHeaders("text/plain")));
    }
    for (int i = 0; i < fileSizes.size(); i++) {
      parts.add(file(Integer.toString(i + 1), i));
    }
    return Part.container("", "multipart/mixed", headers, parts);
  }

  private Part alternative(String partId, List<Header> headers) {
    String prefix = partId.isEmpty() ? "" : partId + ".";
    List<Part> parts =
        List.of(
            text(prefix + "0", textHeaders("text/plain")),
            html(prefix + "1", textHeaders("text/html")));
    return Part.container(partId, "multipart/alternative", headers, parts);
  }

  private Part text(String partId, List<Header> headers) {
    byte[] body = language.body(Hash.below(seed, 1 << 16), textSize);
    return new Part(partId, "text/plain", "", headers, body.length, () -> body, List.of());
  }

  private Part html(String partId, List<Header> headers) {
    ByteArrayOutputStream page = new ByteArrayOutputStream(htmlSize + 256);
    page.writeBytes(
        GeneratedMail.utf8("<html><head><style>p{margin:0 0 1em}</style></head><body>"));
    Draw draw = new Draw(seed + 4000);
    while (page.size() < htmlSize) {
      page.writeBytes(GeneratedMail.utf8("<p style=\"font-family:Arial\">"));
      page.writeBytes(language.body(draw.below(1 << 16), 200 + draw.below(900)));
      page.writeBytes(GeneratedMail.utf8("</p><a href=\"https://example.com/" + draw.letters(24)));
      page.writeBytes(GeneratedMail.utf8("\">&raquo;</a>\n"));
    }
    page.writeBytes(GeneratedMail.utf8("</body></html>\n"));
    byte[] body = page.toByteArray();
    return new Part(partId, "text/html", "", headers, body.length, () -> body, List.of());
  }

  private Part file(String partId, int number) {
    int size = fileSizes.get(number);
    String name = fileNames.get(Hash.below(Hash.of(seed, number), fileNames.size()));
    String type = type(name);
    String encoded = Language.ALL.get(9).encode(name);
    List<Header> headers =
        List.of(
            new Header("Content-Type", type + "; name=\"" + encoded + "\""),
            new Header("Content-Disposition", "attachment; filename=\"" + encoded + "\""),
            new Header("Content-Transfer-Encoding", "base64"),
            new Header("X-Attachment-Id", "f_" + Hash.hex(seed + number)));
    return new Part(partId, type, name, headers, size, () -> noise(number, size), List.of());
  }

  private byte[] noise(int number, int size) {
    byte[] bytes = new byte[size];
    Draw draw = new Draw(Hash.of(seed, 5, number));
    long bits = 0;
    for (int i = 0; i < size; i++) {
      bits = (i & 7) == 0 ? draw.next() : bits >>> 8;
      bytes[i] = (byte) bits;
    }
    return bytes;
  }

  private List<Header> textHeaders(String type) {
    return List.of(
        new Header("Content-Type", type + "; charset=\"" + language.charset + "\""),
        new Header("Content-Transfer-Encoding", "base64"));
  }

  private static String type(String name) {
    String end = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return switch (end) {
      case "pdf" -> "application/pdf";
      case "jpg" -> "image/jpeg";
      case "xlsx" -> "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
      default -> "application/octet-stream";
    };
  }
}
