package io.millrace.store;

import io.millrace.google.MessageRef;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;

/**
 * Which ids a listing showed to a run that cannot trust the mailbox's history: by them it finds
 * what was deleted while nobody could tell. Belongs to the caller's transaction. Thread-safe.
 */
public final class Sightings {
  private static final String NOTE_LABEL = Sql.named("note_label");
  private static final String RELABEL = Sql.named("relabel_window");
  private static final String SUSPECTS = Sql.named("suspects");

  /** Forgets what the runs of a user have seen. */
  public Future<Void> clear(SqlConnection connection, long user) {
    return connection
        .preparedQuery(
            """
            with labels as (delete from sync_label where user_id = $1)
            delete from sync_seen where user_id = $1 and run_id > 0""")
        .execute(Tuple.of(user))
        .mapEmpty();
  }

  /**
   * Notes what a page of a label's listing showed; only of stored messages is it kept.
   *
   * @param last whether no page follows: the label is listed to its end
   */
  public Future<Void> noteLabel(
      SqlConnection connection,
      long user,
      long run,
      String label,
      List<MessageRef> refs,
      boolean last) {
    return connection
        .preparedQuery(NOTE_LABEL)
        .execute(
            Tuple.of(user, run, label)
                .addValue(refs.stream().map(MessageRef::id).toArray(String[]::new))
                .addValue(last))
        .mapEmpty();
  }

  /**
   * Gives the next stored messages the labels under which they were listed.
   *
   * @param after the id up to which was looked before; empty for none
   * @param most messages to look at
   * @return those that have other labels now
   */
  public Future<List<String>> relabel(
      SqlConnection connection, long user, long run, String after, int most) {
    return connection
        .preparedQuery(RELABEL)
        .execute(Tuple.of(user, run, after, most))
        .map(rows -> List.of(rows.iterator().next().getArrayOfStrings("ids")));
  }

  /** Notes what a page of a listing showed. */
  public Future<Void> note(SqlConnection connection, long user, long run, List<MessageRef> refs) {
    return insert(connection, user, run, refs.stream().map(MessageRef::id).toList());
  }

  static Future<Void> insert(
      SqlConnection connection, long user, long number, Collection<String> ids) {
    return connection
        .preparedQuery(
            """
            insert into sync_seen (user_id, run_id, id)
            select $1, $2, id from unnest($3::text[]) as s(id) on conflict do nothing""")
        .execute(Tuple.of(user, number).addValue(ids.toArray(String[]::new)))
        .mapEmpty();
  }

  /**
   * Stored messages of which it is not known whether Google has them still.
   *
   * @param last up to where was looked; null at the end
   */
  public record Suspects(String last, List<String> ids) {}

  /**
   * Looks at the next stored messages.
   *
   * @param spamTrash whether the listing showed spam and trash too
   * @param after the id up to which was looked before; empty for none
   * @param most messages to look at
   */
  public Future<Suspects> suspects(
      SqlConnection connection, long user, long run, String after, int most, boolean spamTrash) {
    return connection
        .preparedQuery(SUSPECTS)
        .execute(Tuple.of(user, run, after, most, spamTrash))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new Suspects(
                  row.getString("last"), List.of(row.getArrayOfStrings("suspects")));
            });
  }
}
