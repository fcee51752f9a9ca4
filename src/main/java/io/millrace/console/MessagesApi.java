package io.millrace.console;

import io.millrace.pipeline.MessageOpener;
import io.millrace.store.EndUsers;
import io.millrace.store.MessageList;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The mail of a mailbox, for its owner and nobody else: whoever looks after the whole sees how far
 * a mailbox is, never what is written in it. Belongs to one event loop.
 */
final class MessagesApi {
  /** Each holds a message in memory, and may wait for Google. */
  private static final int MOST_AT_ONCE = 4;

  private static final Set<Role> OWNER = Set.of(Role.USER);
  private static final Problem NO_MAILBOX = Problem.missing("mailbox");
  private static final Problem NONE = Problem.missing("message");
  private static final Problem TOO_MANY =
      new Problem(
          429,
          "too_many_readings",
          "You read %d messages at once already; ask again when one is there."
              .formatted(MOST_AT_ONCE));

  private final EndUsers endUsers;
  private final MessageOpener opener;
  private final MessageList list = new MessageList();
  private final Map<Long, Integer> underWay = new HashMap<>();

  MessagesApi(EndUsers endUsers, MessageOpener opener) {
    this.endUsers = endUsers;
    this.opener = opener;
  }

  List<Endpoint> endpoints() {
    String all = "/api/v1/mailboxes/:user/messages";
    return List.of(
        Endpoint.get(all, OWNER, this::list), Endpoint.get(all + "/:message", OWNER, this::get));
  }

  private static long user(Ask ask) {
    long user = ask.id("user");
    if (ask.caller().user() != user) {
      throw NO_MAILBOX.exception();
    }
    return user;
  }

  private Future<Reply> list(Ask ask) {
    Fields query = ask.query();
    String after = query.text("after", 200);
    Integer limit = query.integer("limit", 1, MessageList.MOST);
    query.end();
    MessageList.Place place = after == null ? MessageList.Place.BEGIN : place(after);
    long user = user(ask);
    return endUsers
        .as(user, client -> list.list(client, user, place, limit == null ? 25 : limit))
        .map(
            page ->
                Reply.tagged(
                    Reply.page(page.messages(), page.next() == null ? null : text(page.next()))));
  }

  private static String text(MessageList.Place place) {
    return place.at().toInstant() + "_" + place.id();
  }

  private static MessageList.Place place(String text) {
    int bar = text.indexOf('_');
    try {
      OffsetDateTime at = bar < 0 ? null : OffsetDateTime.parse(text.substring(0, bar));
      if (at != null && at.getYear() > 0 && at.getYear() <= 9999) {
        return new MessageList.Place(at, text.substring(bar + 1));
      }
    } catch (DateTimeException e) {
      throw wrong();
    }
    throw wrong();
  }

  private static ProblemException wrong() {
    return Problem.wrong(
            List.of(new Problem.Fault("after", "is not what an earlier answer gave as next")))
        .exception();
  }

  /** Whether it may be seen says row security; only then is it looked for elsewhere. */
  private Future<Reply> get(Ask ask) {
    Fields query = ask.query();
    boolean whole = Boolean.TRUE.equals(query.flag("whole"));
    query.end();
    long user = user(ask);
    String id = ask.name("message");
    return one(
        user,
        () ->
            endUsers
                .as(user, client -> list.sees(client, user, id))
                .compose(
                    seen -> {
                      if (!seen) {
                        throw NONE.exception();
                      }
                      return opener.open(user, id, whole);
                    })
                .map(found -> Reply.tagged(json(found.orElseThrow(NONE::exception)))));
  }

  private <T> Future<T> one(long user, Supplier<Future<T>> reading) {
    if (underWay.getOrDefault(user, 0) >= MOST_AT_ONCE) {
      throw TOO_MANY.exception();
    }
    underWay.merge(user, 1, Integer::sum);
    return reading
        .get()
        .onComplete(v -> underWay.computeIfPresent(user, (u, n) -> n == 1 ? null : n - 1));
  }

  private static JsonObject json(MessageOpener.Opened open) {
    JsonArray people = new JsonArray();
    open.people()
        .forEach(
            one ->
                people.add(
                    new JsonObject()
                        .put("role", one.role())
                        .put("name", one.name())
                        .put("address", one.address())));
    JsonArray attachments = new JsonArray();
    open.attachments()
        .forEach(
            one ->
                attachments.add(
                    new JsonObject()
                        .put("part", one.part())
                        .put("name", one.name())
                        .put("type", one.type())
                        .put("bytes", one.bytes())
                        .put("inline", one.inline())));
    return new JsonObject()
        .put("id", open.row().id())
        .put("thread", open.row().threadId())
        .put("at", Instant.ofEpochMilli(open.row().internalDate()).toString())
        .put("subject", open.subject())
        .put("people", people)
        .put("messageId", open.messageId())
        .put("snippet", open.row().snippet())
        .put("labels", new JsonArray(open.row().labelIds()))
        .put("text", open.text())
        .put("textTruncated", open.textTruncated())
        .put("attachments", attachments)
        .put("stored", open.row().format().wireName())
        .put("bytes", open.row().sizeEstimate())
        .put("deleted", open.row().deleted())
        .put("lacking", open.lacking());
  }
}
