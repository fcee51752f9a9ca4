package io.millrace.store;

import io.millrace.google.MessageData;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The stored mail. Writes belong to the caller's transaction. Thread-safe. */
public final class Messages {
  private static final String STORE = Sql.named("store_messages");
  private static final String ENTOMB = Sql.named("entomb");
  private static final String RELABEL = Sql.named("relabel");

  private final Pool pool;

  /** Reads on the pool's connections. */
  public Messages(Pool pool) {
    this.pool = pool;
  }

  /**
   * Stores messages; one that is there already is left as it is, unless it counted as deleted: then
   * it has come back.
   *
   * @return the ids that were not there before
   */
  public Future<Set<String>> store(
      SqlConnection connection, long user, long run, List<MessageData> messages) {
    if (messages.isEmpty()) {
      return Future.succeededFuture(Set.of());
    }
    Tuple tuple =
        new Columns<>(messages, Tuple.of(user, run))
            .text(MessageData::id)
            .text(MessageData::threadId)
            .text(m -> m.historyId() == null ? "0" : m.historyId())
            .number(MessageData::internalDate)
            .texts(MessageData::labelIds)
            .integer(MessageData::sizeEstimate)
            .text(MessageData::snippet)
            .text(m -> m.format().wireName())
            .flag(MessageData::bodyOmitted)
            .bytes(MessageData::payload)
            .tuple();
    return connection
        .preparedQuery(STORE)
        .execute(tuple)
        .map(
            rows -> {
              Set<String> fresh = new HashSet<>();
              rows.forEach(
                  row -> {
                    if (row.getBoolean("fresh")) {
                      fresh.add(row.getString("id"));
                    }
                  });
              return fresh;
            });
  }

  /**
   * Marks messages that Google has no more, and counts them to the run.
   *
   * @param run which learnt it
   */
  public Future<Void> bury(SqlConnection connection, long user, long run, List<String> ids) {
    return ids.isEmpty()
        ? Future.succeededFuture()
        : connection
            .preparedQuery(ENTOMB)
            .execute(Tuple.of(user, run).addValue(ids.toArray(String[]::new)))
            .mapEmpty();
  }

  /**
   * What became of a message's labels.
   *
   * @param whole whether {@code added} are all that it has now
   * @param removed labels that it lost; empty if all are told
   */
  public record Relabelling(String id, boolean whole, List<String> added, List<String> removed) {}

  /**
   * Brings the labels of stored messages up to date; the others are left out.
   *
   * @param changes at most one of each message
   */
  public Future<Void> relabel(SqlConnection connection, long user, List<Relabelling> changes) {
    if (changes.isEmpty()) {
      return Future.succeededFuture();
    }
    Tuple tuple =
        new Columns<>(changes, Tuple.of(user))
            .text(Relabelling::id)
            .flag(Relabelling::whole)
            .texts(Relabelling::added)
            .texts(Relabelling::removed)
            .tuple();
    return connection.preparedQuery(RELABEL).execute(tuple).mapEmpty();
  }

  /**
   * A stored message.
   *
   * @param payload zlib-deflated JSON; empty if it was fetched without any
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody, and a copy would double the mail.
  public record Stored(
      String id,
      String threadId,
      List<String> labelIds,
      String snippet,
      long internalDate,
      int sizeEstimate,
      byte[] payload) {}

  /** Reads messages by their ids, in no particular order; those that are not there are left out. */
  public Future<List<Stored>> read(long user, List<String> ids) {
    return pool.preparedQuery(
            """
            select id, thread_id, label_ids, snippet, size_estimate, payload,
                   (extract(epoch from internal_date) * 1000)::bigint as internal_date
              from message where user_id = $1 and id = any($2)""")
        .execute(Tuple.of(user).addValue(ids.toArray(String[]::new)))
        .map(
            rows -> {
              List<Stored> found = new ArrayList<>(rows.size());
              rows.forEach(row -> found.add(stored(row)));
              return found;
            });
  }

  private static Stored stored(Row row) {
    Buffer payload = row.getBuffer("payload");
    return new Stored(
        row.getString("id"),
        row.getString("thread_id"),
        List.of(row.getArrayOfStrings("label_ids")),
        row.getString("snippet"),
        row.getLong("internal_date"),
        row.getInteger("size_estimate"),
        payload.getBytes());
  }
}
