package io.millrace.store;

import io.millrace.google.MessageData;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Single messages and bodies of attachments, as people ask for them. Thread-safe. */
public final class MessageRows {
  private static final String UPGRADE = Sql.named("upgrade_message");

  private final Pool pool;

  /** Reads on the pool's connections. */
  public MessageRows(Pool pool) {
    this.pool = pool;
  }

  /**
   * An attachment with its body.
   *
   * @param partId its place in the message
   * @param filename as the sender named it: for people, not safe as a path
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody, and a copy would double it.
  public record AttachmentRow(String partId, String filename, String mimeType, byte[] content) {}

  /** One message; empty if it is not stored. */
  public Future<Optional<MessageRow>> row(long user, String id) {
    return pool.preparedQuery(
            "select " + MessageRow.COLUMNS + " from message where user_id = $1 and id = $2")
        .execute(Tuple.of(user, id))
        .map(rows -> rows.stream().findFirst().map(MessageRow::of));
  }

  /** What tells whether a message's row has changed, without reading the mail; or empty. */
  Future<Optional<String>> stamp(long user, String id) {
    return pool.preparedQuery(
            "select xmin::text as stamp from message where user_id = $1 and id = $2")
        .execute(Tuple.of(user, id))
        .map(rows -> rows.stream().findFirst().map(row -> row.getString("stamp")));
  }

  /**
   * The newest messages of some threads.
   *
   * @param largest those with a longer payload are left out; bytes
   */
  Future<List<MessageRow>> newest(long user, Collection<String> threads, int largest, int most) {
    return pool.preparedQuery(
            "select "
                + MessageRow.COLUMNS
                + """
                 from message
                where user_id = $1 and thread_id = any($2) and deleted_at is null
                  and octet_length(payload) <= $3
                order by internal_date desc limit $4""")
        .execute(
            Tuple.of(user)
                .addValue(threads.toArray(String[]::new))
                .addValue(largest)
                .addValue(most))
        .map(
            rows -> {
              List<MessageRow> found = new ArrayList<>(rows.size());
              rows.forEach(row -> found.add(MessageRow.of(row)));
              return found;
            });
  }

  /**
   * Puts more of a message in the place of less; its labels and whether it is deleted are the
   * sync's to say and stay.
   *
   * @return whether there was less
   */
  public Future<Boolean> upgrade(SqlConnection connection, long user, MessageData more) {
    return connection
        .preparedQuery(UPGRADE)
        .execute(
            Tuple.of(
                user,
                more.id(),
                more.format().wireName(),
                Buffer.buffer(more.payload()),
                more.bodyOmitted(),
                more.sizeEstimate()))
        .map(rows -> rows.size() > 0);
  }

  /** Notes that a message is too large to be fetched whole, so that nobody tries again. */
  public Future<Void> omitBody(long user, String id) {
    return pool.preparedQuery(
            "update message set body_omitted = true where user_id = $1 and id = $2 and format <> 'full'")
        .execute(Tuple.of(user, id))
        .mapEmpty();
  }

  /** The body of an attachment, if it was fetched before. */
  public Future<Optional<AttachmentRow>> attachment(long user, String message, String partId) {
    return pool.preparedQuery(
            """
            select part_id, filename, mime_type, content
              from attachment where user_id = $1 and message_id = $2 and part_id = $3""")
        .execute(Tuple.of(user, message, partId))
        .map(
            rows ->
                rows.stream()
                    .findFirst()
                    .map(
                        row ->
                            new AttachmentRow(
                                row.getString("part_id"),
                                row.getString("filename"),
                                row.getString("mime_type"),
                                row.getBuffer("content").getBytes())));
  }

  /** Keeps the body of an attachment; one that is there already stays, for it is the same. */
  public Future<Void> keep(long user, String message, AttachmentRow attachment) {
    return pool.preparedQuery(
            """
            insert into attachment (user_id, message_id, part_id, filename, mime_type, size, content)
            select m.user_id, m.id, $3, $4, $5, octet_length($6::bytea), $6
              from message m where m.user_id = $1 and m.id = $2 and m.deleted_at is null
                on conflict do nothing""")
        .execute(
            Tuple.of(
                user,
                message,
                attachment.partId(),
                attachment.filename(),
                attachment.mimeType(),
                Buffer.buffer(attachment.content())))
        .mapEmpty();
  }
}
