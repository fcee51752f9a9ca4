package io.millrace.store;

import io.millrace.google.MessageFormat;
import io.vertx.sqlclient.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A stored message as it is answered to a person, and as caches keep it.
 *
 * @param labelIds as of the last sync
 * @param internalDate epoch milliseconds
 * @param sizeEstimate bytes, by Google
 * @param format how much of it is stored
 * @param bodyOmitted whether it is too large to be fetched whole
 * @param deleted whether history said that it is no more
 * @param payload zlib-deflated JSON; empty if it was fetched without any; not to be changed
 * @param stamp another one whenever the row was changed
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody, and a copy would double the mail.
public record MessageRow(
    String id,
    String threadId,
    List<String> labelIds,
    String snippet,
    long internalDate,
    int sizeEstimate,
    MessageFormat format,
    boolean bodyOmitted,
    boolean deleted,
    byte[] payload,
    String stamp) {
  static final String COLUMNS =
      """
      id, thread_id, label_ids, snippet, (extract(epoch from internal_date) * 1000)::bigint as at,
      size_estimate, format, body_omitted, deleted_at is not null as deleted, payload,
      xmin::text as stamp""";

  private static final int FORM = 1;
  private static final int FIXED = 400;

  static MessageRow of(Row row) {
    return new MessageRow(
        row.getString("id"),
        row.getString("thread_id"),
        List.of(row.getArrayOfStrings("label_ids")),
        row.getString("snippet"),
        row.getLong("at"),
        row.getInteger("size_estimate"),
        MessageFormat.valueOf(row.getString("format").toUpperCase(Locale.ROOT)),
        row.getBoolean("body_omitted"),
        row.getBoolean("deleted"),
        row.getBuffer("payload").getBytes(),
        row.getString("stamp"));
  }

  /** About what it takes in memory, in bytes. */
  int heldBytes() {
    return FIXED + 2 * snippet.length() + 40 * labelIds.size() + payload.length;
  }

  /** The row as bytes that {@link #read} understands. */
  byte[] written() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(FIXED + payload.length);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORM);
      text(out, id);
      text(out, threadId);
      text(out, snippet);
      text(out, stamp);
      out.writeLong(internalDate);
      out.writeInt(sizeEstimate);
      text(out, format.wireName());
      out.writeBoolean(bodyOmitted);
      out.writeBoolean(deleted);
      out.writeInt(labelIds.size());
      for (String label : labelIds) {
        text(out, label);
      }
      out.write(payload);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail like this", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The row that was written.
   *
   * @throws IOException if these are not the bytes of a row in the form of today
   */
  static MessageRow read(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != FORM) {
        throw new IOException("a row of another form");
      }
      String id = text(in);
      String threadId = text(in);
      String snippet = text(in);
      String stamp = text(in);
      long internalDate = in.readLong();
      int size = in.readInt();
      MessageFormat format = MessageFormat.valueOf(text(in).toUpperCase(Locale.ROOT));
      boolean bodyOmitted = in.readBoolean();
      boolean deleted = in.readBoolean();
      List<String> labels = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        labels.add(text(in));
      }
      return new MessageRow(
          id,
          threadId,
          List.copyOf(labels),
          snippet,
          internalDate,
          size,
          format,
          bodyOmitted,
          deleted,
          in.readAllBytes(),
          stamp);
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a text longer than all of it");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
