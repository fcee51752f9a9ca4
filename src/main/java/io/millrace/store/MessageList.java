package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * A user's mail as its owner looks through it. Reads by whatever client it is given, so that one
 * whose rights are narrower sees less. Stateless.
 */
public final class MessageList {
  /** The most messages on a page. */
  public static final int MOST = 100;

  private static final String LIST = Sql.named("list_messages");

  /**
   * Where a page ends.
   *
   * @param at when Gmail received its last message
   * @param id of that message
   */
  public record Place(OffsetDateTime at, String id) {
    /** Before the newest. */
    public static final Place BEGIN =
        new Place(Instant.parse("9999-12-31T00:00:00Z").atOffset(ZoneOffset.UTC), "");
  }

  /**
   * A page.
   *
   * @param next null after the last
   */
  public record Page(List<JsonObject> messages, Place next) {}

  /**
   * Messages that Google still has, the newest first.
   *
   * @param most 1 to {@link #MOST}
   */
  public Future<Page> list(SqlClient client, long user, Place after, int most) {
    int limit = Math.min(MOST, Math.max(1, most));
    return client
        .preparedQuery(LIST)
        .execute(Tuple.of(user, after.at(), after.id(), (long) limit))
        .map(
            rows -> {
              List<Row> all = rows.stream().toList();
              Row last = all.size() < limit ? null : all.get(limit - 1);
              return new Page(
                  all.stream().map(MessageList::line).toList(),
                  last == null
                      ? null
                      : new Place(last.getOffsetDateTime("internal_date"), last.getString("id")));
            });
  }

  /** Whether the client may see a message. */
  public Future<Boolean> sees(SqlClient client, long user, String id) {
    return client
        .preparedQuery("select from message where user_id = $1 and id = $2")
        .execute(Tuple.of(user, id))
        .map(rows -> rows.size() > 0);
  }

  private static JsonObject line(Row row) {
    return new JsonObject()
        .put("id", row.getString("id"))
        .put("thread", row.getString("thread_id"))
        .put("at", row.getOffsetDateTime("internal_date").toInstant().toString())
        .put("subject", row.getString("subject"))
        .put("from", sender(row.getJsonObject("sender")))
        .put("snippet", row.getString("snippet"))
        .put("labels", new JsonArray(List.of(row.getArrayOfStrings("label_ids"))))
        .put("attachments", row.getInteger("attachments"))
        .put("stored", row.getString("format"))
        .put("bytes", row.getInteger("size_estimate"));
  }

  /** As it would stand in a header; null if it is not known. */
  private static String sender(JsonObject sender) {
    if (sender == null) {
      return null;
    }
    String name = sender.getString("name");
    String address = sender.getString("address", sender.getString("raw"));
    return name == null || name.isBlank()
        ? address
        : address == null ? name : name + " <" + address + ">";
  }
}
