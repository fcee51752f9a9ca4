package io.millrace.pipeline;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A node of a payload as far as it could be read. Filled by {@link PayloadReader} only. */
final class MessagePart {
  /** The headers that anything here is derived from; all others are skipped unread. */
  enum Header {
    FROM,
    SENDER,
    REPLY_TO,
    TO,
    CC,
    BCC,
    SUBJECT,
    DATE,
    MESSAGE_ID,
    IN_REPLY_TO,
    REFERENCES,
    CONTENT_TYPE,
    CONTENT_DISPOSITION,
    CONTENT_ID;

    private static final Map<String, Header> BY_NAME = new HashMap<>();
    private static final int LONGEST = "content-disposition".length();

    static {
      for (Header header : values()) {
        BY_NAME.put(header.name().toLowerCase(Locale.ROOT).replace('_', '-'), header);
      }
    }

    /** The header of this name in whatever case, or null when nobody asks for it. */
    static Header of(String name) {
      if (name.length() > LONGEST) {
        return null;
      }
      return BY_NAME.get(name.trim().toLowerCase(Locale.ROOT));
    }
  }

  String partId = "";
  String mimeType = "";
  String filename = "";
  String attachmentId = "";
  long size;

  boolean dataCut;
  final List<MessagePart> children = new ArrayList<>(0);
  private final Map<Header, List<String>> headers = new EnumMap<>(Header.class);
  private HeaderValue type;
  private HeaderValue disposition;
  private byte[] data = {};

  /** The JSON in which the body stands in base64, until somebody asks for it; else null. */
  private byte[] json;

  private int base64From;
  private int base64Digits;

  void data(byte[] bytes, boolean cut) {
    data = bytes;
    dataCut = cut;
    json = null;
  }

  /** Most bodies are a second form of the text, which nobody reads: those are never decoded. */
  void dataIn(byte[] payload, int from, int digits) {
    data(new byte[0], false);
    json = payload;
    base64From = from;
    base64Digits = digits;
  }

  /** Decoded body, never null, cut at what text needs. */
  byte[] data() {
    if (json != null) {
      data = Base64Lenient.decodeSound(json, base64From, base64Digits);
      json = null;
    }
    return data;
  }

  /** How many bytes {@link #data} has. */
  int dataLength() {
    return json == null ? data.length : Base64Lenient.decodedLength(base64Digits);
  }

  void add(Header header, String value) {
    headers.computeIfAbsent(header, h -> new ArrayList<>(1)).add(value);
  }

  /** Every value of a header, in order. */
  List<String> all(Header header) {
    return headers.getOrDefault(header, List.of());
  }

  /** The first value of a header, or null. */
  String first(Header header) {
    List<String> values = headers.get(header);
    return values == null ? null : values.get(0);
  }

  HeaderValue type() {
    if (type == null) {
      type = HeaderValue.parse(first(Header.CONTENT_TYPE));
    }
    return type;
  }

  HeaderValue disposition() {
    if (disposition == null) {
      disposition = HeaderValue.parse(first(Header.CONTENT_DISPOSITION));
    }
    return disposition;
  }

  /**
   * Lower-case; by Gmail, or else by the header, or else what RFC 2045 says of parts that do not.
   */
  String kind() {
    String kind = mimeType.isEmpty() ? type().word() : mimeType;
    if (kind.indexOf('/') > 0) {
      return kind;
    }
    return children.isEmpty() ? "text/plain" : "multipart/mixed";
  }

  boolean isContainer() {
    return kind().startsWith("multipart/") || !children.isEmpty();
  }

  /** Whether the part is listed beside the text rather than shown in it. */
  boolean isAttachment() {
    String kind = kind();
    if (kind.startsWith("multipart/")) {
      return false;
    }
    boolean named = !filename.isEmpty() || !attachmentId.isEmpty();
    return named
        || disposition().word().equals("attachment")
        || (children.isEmpty() && !kind.startsWith("text/") && !kind.startsWith("message/"));
  }
}
