package io.millrace.console;

import io.millrace.engine.CheckFinding;
import io.millrace.engine.Engine;
import io.millrace.engine.JobsChanged;
import io.millrace.limit.LimitChanged;
import io.millrace.limit.LimitChanges;
import io.millrace.pipeline.SyncProgress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What happens, as it happens, as server-sent events. The last ones are kept, so that who comes
 * back with the id of the last one seen misses nothing; who was away for too long is told to look
 * anew ({@code reset}). All hear when the database stops answering ({@code stale}) and when it
 * answers again ({@code fresh}); else end users hear of their own mailbox only. Belongs to one
 * event loop.
 */
final class EventFeed {
  private static final int KEPT = 2_000;

  /** More than that is not sent again: half of what may wait for a reader. */
  private static final int REPLAY_BYTES = EventReader.QUEUE_BYTES / 2;

  /** Concerns the whole, or everybody, instead of one user's mailbox. */
  private static final long WHOLE = -1;

  private static final long EVERYBODY = -2;

  /** Ids of an earlier life of this process mean nothing. */
  private final String life = Digest.random().substring(0, 8);

  private final Vertx vertx;
  private final Happenings happenings;
  private final InstantSource clock;
  private final EventReaders readers;
  private final DatabaseWatch database;
  private final JobNews news;
  private final Deque<Event> kept = new ArrayDeque<>();
  private final List<MessageConsumer<?>> consumers = new ArrayList<>();
  private final long heartbeat;
  private long last;

  /**
   * Something that happened.
   *
   * @param user whose mailbox it is about, or one of the words above
   */
  private record Event(long number, long user, Buffer text) {
    private boolean isFor(EventReader reader) {
      return user == EVERYBODY || reader.mayHear(user);
    }
  }

  /**
   * @param answers whether the database does, within a bound
   */
  EventFeed(
      Vertx vertx,
      ConsoleLimits limits,
      Happenings happenings,
      Supplier<Future<Void>> answers,
      InstantSource clock,
      LongSupplier nanos) {
    this.vertx = vertx;
    this.happenings = happenings;
    this.clock = clock;
    this.readers = new EventReaders(limits.readers(), nanos);
    this.database =
        new DatabaseWatch(
            vertx,
            answers,
            limits.idleMs(),
            () -> !readers.none(),
            change -> tell(name(change), EVERYBODY, json(change)),
            clock);
    this.news = new JobNews(vertx, limits.tickMs(), data -> tell("jobs", WHOLE, data));
    this.heartbeat = vertx.setPeriodic(limits.heartbeatMs(), id -> readers.heartbeat());
  }

  /** Begins to listen. */
  Future<Void> start() {
    consumers.add(
        vertx.eventBus().<JobsChanged>localConsumer(Engine.CHANGED, m -> news.heard(m.body())));
    consumers.add(
        vertx.eventBus().<CheckFinding>localConsumer(Engine.CHECK, m -> checked(m.body())));
    consumers.add(
        vertx
            .eventBus()
            .<LimitChanged>localConsumer(
                LimitChanges.ADDRESS,
                m -> tell("limit", WHOLE, happenings.changed(m.body(), clock.instant()))));
    consumers.add(
        vertx
            .eventBus()
            .<SyncProgress>localConsumer(
                SyncProgress.ADDRESS, m -> tell("sync", m.body().user(), json(m.body()))));
    consumers.add(
        vertx
            .eventBus()
            .<AlertTold>localConsumer(
                AlertTold.ADDRESS, m -> tell("alert", WHOLE, happenings.told(m.body()))));
    return Future.all(consumers.stream().map(MessageConsumer::completion).toList()).mapEmpty();
  }

  /** That there is still nothing to find is no news; that there is nothing any more is. */
  private void checked(CheckFinding finding) {
    JsonObject before = happenings.last(finding.check());
    JsonObject now = happenings.found(finding, clock.instant());
    boolean was = before != null && before.getLong("found") > 0;
    if (was || finding.found() + finding.repaired() > 0) {
      tell("check", WHOLE, now);
    }
  }

  private static JsonObject json(SyncProgress progress) {
    return JsonObject.mapFrom(progress);
  }

  private static String name(DatabaseWatch.Change change) {
    return change.away() ? "stale" : "fresh";
  }

  private static JsonObject json(DatabaseWatch.Change change) {
    return new JsonObject().put("since", change.since().toString());
  }

  private void tell(String name, long user, JsonObject data) {
    last++;
    Buffer text =
        Buffer.buffer(
            "id: %s-%d\nevent: %s\ndata: %s\n\n".formatted(life, last, name, data.encode()));
    Event event = new Event(last, user, text);
    kept.addLast(event);
    if (kept.size() > KEPT) {
      kept.removeFirst();
    }
    readers.each(
        reader -> {
          if (event.isFor(reader)) {
            readers.send(reader, text);
          }
        });
  }

  /** Begins a stream for somebody who was admitted. */
  void join(RoutingContext context) {
    Caller caller = Guard.caller(context);
    String refusal = readers.refusal(caller);
    if (refusal != null) {
      context.response().putHeader("Retry-After", "10");
      new Problem(503, "too_many_readers", refusal).answer(context);
      return;
    }
    EventReader reader = readers.add(context.response(), caller);
    catchUp(reader, context.request().getHeader("Last-Event-ID"));
    DatabaseWatch.Change away = database.away();
    if (away != null) {
      readers.send(
          reader,
          Buffer.buffer("event: %s\ndata: %s\n\n".formatted(name(away), json(away).encode())));
    }
    database.look();
  }

  /** What somebody has missed since they heard of an event; null if they begin. */
  private void catchUp(EventReader reader, String seen) {
    long from = seen == null ? last : number(seen);
    boolean known =
        from >= 0 && from <= last && (kept.isEmpty() || from >= kept.peekFirst().number() - 1);
    Buffer missed = Buffer.buffer();
    if (known && from < last) {
      kept.stream()
          .filter(event -> event.number() > from && event.isFor(reader))
          .forEach(event -> missed.appendBuffer(event.text()));
    }
    if (!known || missed.length() > REPLAY_BYTES) {
      readers.send(
          reader, Buffer.buffer("id: %s-%d\nevent: reset\ndata: {}\n\n".formatted(life, last)));
    } else if (missed.length() > 0) {
      readers.send(reader, missed);
    }
  }

  /** Ends what was opened in a session that has ended. */
  void ended(String session) {
    readers.ended(session);
  }

  /** −1 if it is not of this life. */
  private long number(String id) {
    return id.matches("[A-Za-z0-9_-]{8}-[0-9]{1,18}") && id.startsWith(life + "-")
        ? Long.parseLong(id.substring(9))
        : -1;
  }

  void close() {
    vertx.cancelTimer(heartbeat);
    database.close();
    news.close();
    consumers.forEach(MessageConsumer::unregister);
    readers.close();
  }
}
