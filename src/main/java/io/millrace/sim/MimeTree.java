package io.millrace.sim;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.apache.james.mime4j.parser.AbstractContentHandler;
import org.apache.james.mime4j.parser.MimeStreamParser;
import org.apache.james.mime4j.stream.BodyDescriptor;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;

/**
 * Reads the bytes of a real message into a tree, whatever is wrong with them: what cannot be
 * understood is kept as it stands. One thread.
 */
final class MimeTree {
  private static final MimeConfig LENIENT =
      new MimeConfig.Builder()
          .setStrictParsing(false)
          .setMaxLineLen(-1)
          .setMaxHeaderLen(-1)
          .setMaxHeaderCount(-1)
          .setMalformedHeaderStartsBody(false)
          .build();

  private final Node root = new Node();
  private Node current = root;

  /** A part while it is being read. */
  private static final class Node {
    Node parent;
    final List<Header> headers = new ArrayList<>();
    final List<Node> children = new ArrayList<>();
    String mimeType = "text/plain";
    String charset;
    byte[] body = new byte[0];
  }

  MimeTree(byte[] message) {
    MimeStreamParser parser = new MimeStreamParser(LENIENT, DecodeMonitor.SILENT, null);
    parser.setContentDecoding(true);
    parser.setContentHandler(new Reader());
    try {
      parser.parse(new ByteArrayInputStream(message));
    } catch (MimeException | RuntimeException e) {
      salvage(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Part root() {
    return part(root, "");
  }

  List<Header> headers() {
    return root.headers;
  }

  /** What the parser gave up on becomes the text of the part it was in. */
  private void salvage(byte[] message) {
    if (root.children.isEmpty() && root.body.length == 0) {
      root.mimeType = "text/plain";
      root.body = message;
    }
  }

  private static Part part(Node node, String partId) {
    List<Part> parts = new ArrayList<>();
    String prefix = partId.isEmpty() ? "" : partId + ".";
    for (Node child : node.children) {
      parts.add(part(child, prefix + parts.size()));
    }
    byte[] body = node.body;
    boolean text = node.mimeType.startsWith("text/");
    byte[] data = text && parts.isEmpty() ? utf8(body, node.charset) : body;
    return new Part(
        partId, node.mimeType, filename(node), node.headers, data.length, () -> data, parts);
  }

  private static byte[] utf8(byte[] body, String charset) {
    try {
      Charset from = Charset.forName(charset == null ? "us-ascii" : charset);
      if (from.equals(StandardCharsets.UTF_8)) {
        return body;
      }
      if (from.equals(StandardCharsets.US_ASCII)) {
        return plain(body);
      }
      return new String(body, from).getBytes(StandardCharsets.UTF_8);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return plain(body);
    }
  }

  /** Bytes of no known charset: kept when they are UTF-8 already, else read as Latin-1. */
  private static byte[] plain(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    return text.indexOf('\uFFFD') < 0
        ? body
        : new String(body, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.UTF_8);
  }

  private static String filename(Node node) {
    String name = Parameters.of(node.headers, "Content-Disposition", "filename");
    if (name.isEmpty()) {
      name = Parameters.of(node.headers, "Content-Type", "name");
    }
    return DecoderUtil.decodeEncodedWords(name, DecodeMonitor.SILENT);
  }

  /** The raw value of a header, unfolded: line breaks go, what follows them stays. */
  static String unfold(byte[] raw, int from, int length) {
    String text = new String(raw, from, length, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0) {
      text = new String(raw, from, length, StandardCharsets.ISO_8859_1);
    }
    return text.replace("\r", "").replace("\n", "").strip();
  }

  private static byte[] readAll(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      in.transferTo(bytes);
    } catch (IOException e) {
      // A broken encoding: what came before it is the body.
      return bytes.toByteArray();
    }
    return bytes.toByteArray();
  }

  private final class Reader extends AbstractContentHandler {
    @Override
    public void startBodyPart() {
      descend();
    }

    @Override
    public void endBodyPart() {
      endMessage();
    }

    @Override
    public void startMessage() {
      if (current != root || !root.headers.isEmpty()) {
        current.mimeType = "message/rfc822";
        descend();
      }
    }

    @Override
    public void endMessage() {
      if (current.parent != null) {
        current = current.parent;
      }
    }

    private void descend() {
      Node child = new Node();
      child.parent = current;
      current.children.add(child);
      current = child;
    }

    @Override
    public void field(Field field) {
      byte[] raw = field.getRaw() == null ? new byte[0] : field.getRaw().toByteArray();
      int colon = 0;
      while (colon < raw.length && raw[colon] != ':') {
        colon++;
      }
      int from = Math.min(raw.length, colon + 1);
      String value = raw.length == 0 ? field.getBody() : unfold(raw, from, raw.length - from);
      current.headers.add(new Header(field.getName().strip(), value == null ? "" : value));
    }

    @Override
    public void startMultipart(BodyDescriptor descriptor) {
      current.mimeType = descriptor.getMimeType().toLowerCase(Locale.ROOT);
    }

    @Override
    public void body(BodyDescriptor descriptor, InputStream in) throws IOException {
      current.mimeType = descriptor.getMimeType().toLowerCase(Locale.ROOT);
      current.charset = descriptor.getCharset();
      current.body = readAll(in);
    }
  }
}
