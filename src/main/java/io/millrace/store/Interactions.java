package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** What was made of messages: interactions and contacts. Thread-safe. */
public final class Interactions {
  private static final String STORE = Sql.named("store_interactions");
  private static final String MERGE = Sql.named("merge_contacts");

  private final Pool pool;

  /** Reads on the pool's connections. */
  public Interactions(Pool pool) {
    this.pool = pool;
  }

  /**
   * An interaction as a row.
   *
   * @param at epoch milliseconds
   * @param participants JSON
   * @param attachments JSON
   */
  public record Written(
      String messageId,
      String threadId,
      long at,
      String direction,
      String subject,
      String participants,
      String text,
      boolean textTruncated,
      String attachments,
      String rfcMessageId,
      String inReplyTo,
      List<String> references,
      List<String> flaws) {}

  /**
   * What contacts are made from.
   *
   * @param at epoch milliseconds
   * @param participants JSON
   */
  public record Seen(String messageId, long at, String direction, String participants) {}

  /**
   * What was seen of a contact.
   *
   * @param firstSeen epoch milliseconds
   * @param lastSeen epoch milliseconds
   */
  public record Contact(
      String address, String name, long firstSeen, long lastSeen, long inbound, long outbound) {}

  /**
   * Writes interactions in the caller's transaction.
   *
   * @return the message ids whose interaction names somebody now and did not before: the contacts
   *     of each are to be counted once
   */
  public Future<List<String>> store(SqlConnection connection, long user, List<Written> rows) {
    if (rows.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    Tuple tuple =
        new Columns<>(rows, Tuple.of(user))
            .text(Written::messageId)
            .text(Written::threadId)
            .number(Written::at)
            .text(Written::direction)
            .text(Written::subject)
            .text(Written::participants)
            .text(Written::text)
            .flag(Written::textTruncated)
            .text(Written::attachments)
            .text(Written::rfcMessageId)
            .text(Written::inReplyTo)
            .texts(Written::references)
            .texts(Written::flaws)
            .tuple();
    return connection
        .preparedQuery(STORE)
        .execute(tuple)
        .map(
            result -> {
              List<String> fresh = new ArrayList<>();
              result.forEach(
                  row -> {
                    if (row.getBoolean("fresh")) {
                      fresh.add(row.getString("message_id"));
                    }
                  });
              return fresh;
            });
  }

  /** Reads what contacts are made from. */
  public Future<List<Seen>> seen(long user, List<String> messageIds) {
    return pool.preparedQuery(
            """
            select message_id, (extract(epoch from at) * 1000)::bigint as at, direction,
                   participants::text as participants
              from interaction where user_id = $1 and message_id = any($2)""")
        .execute(Tuple.of(user).addValue(messageIds.toArray(String[]::new)))
        .map(
            rows -> {
              List<Seen> seen = new ArrayList<>(rows.size());
              rows.forEach(
                  row ->
                      seen.add(
                          new Seen(
                              row.getString("message_id"),
                              row.getLong("at"),
                              row.getString("direction"),
                              row.getString("participants"))));
              return seen;
            });
  }

  /**
   * Adds what was seen of contacts to what is known, in the caller's transaction.
   *
   * @param contacts one for each address, sorted by address
   */
  public Future<Void> merge(SqlConnection connection, long user, List<Contact> contacts) {
    if (contacts.isEmpty()) {
      return Future.succeededFuture();
    }
    Tuple tuple =
        new Columns<>(contacts, Tuple.of(user))
            .text(Contact::address)
            .text(Contact::name)
            .number(Contact::firstSeen)
            .number(Contact::lastSeen)
            .number(Contact::inbound)
            .number(Contact::outbound)
            .tuple();
    return connection.preparedQuery(MERGE).execute(tuple).mapEmpty();
  }

  /**
   * How much was derived for given users.
   *
   * @return interactions and contacts
   */
  public Future<Derived> derived(List<Long> users) {
    return pool.preparedQuery(
            """
            select (select count(*) from interaction where user_id = any($1)) as interactions,
                   (select count(*) from contact where user_id = any($1)) as contacts""")
        .execute(Tuple.tuple().addValue(users.toArray(Long[]::new)))
        .map(rows -> rows.iterator().next())
        .map(row -> new Derived(row.getLong("interactions"), row.getLong("contacts")));
  }

  /** Numbers of rows. */
  public record Derived(long interactions, long contacts) {}
}
