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

/**
 * What happens, as it happens, as server-sent events. The last ones are kept, so that who comes
 * back with the id of the last one seen misses nothing; who was away for too long is told to look
 * anew ({@code reset}). End users hear of their own mailbox only. Belongs to one event loop.
 */
final class EventFeed {
  private static final int KEPT = 2_000;

  /** Ids of an earlier life of this process mean nothing. */
  private final String life = Digest.random().substring(0, 8);

  private final Vertx vertx;
  private final Happenings happenings;
  private final InstantSource clock;
  private final EventReaders readers;
  private final JobNews news;
  private final Deque<Event> kept = new ArrayDeque<>();
  private final List<MessageConsumer<?>> consumers = new ArrayList<>();
  private final long heartbeat;
  private long last;

  /**
   * Something that happened.
   *
   * @param user whose mailbox it is about, −1 if it is not about one
   */
  private record Event(long number, long user, Buffer text) {
    private boolean isFor(EventReader reader) {
      return reader.only == EventReader.EVERYBODY || (user >= 0 && user == reader.only);
    }
  }

  EventFeed(Vertx vertx, ConsoleLimits limits, Happenings happenings, InstantSource clock) {
    this.vertx = vertx;
    this.happenings = happenings;
    this.clock = clock;
    this.readers = new EventReaders(limits.readers());
    this.news = new JobNews(vertx, limits.tickMs(), data -> tell("jobs", -1, data));
    this.heartbeat = vertx.setPeriodic(limits.heartbeatMs(), id -> readers.heartbeat());
  }

  /** Begins to listen. */
  Future<Void> start() {
    consumers.add(
        vertx.eventBus().<JobsChanged>localConsumer(Engine.CHANGED, m -> news.heard(m.body())));
    consumers.add(
        vertx
            .eventBus()
            .<CheckFinding>localConsumer(
                Engine.CHECK, m -> tell("check", -1, happenings.found(m.body(), clock.instant()))));
    consumers.add(
        vertx
            .eventBus()
            .<LimitChanged>localConsumer(
                LimitChanges.ADDRESS,
                m -> tell("limit", -1, happenings.changed(m.body(), clock.instant()))));
    consumers.add(
        vertx
            .eventBus()
            .<SyncProgress>localConsumer(
                SyncProgress.ADDRESS, m -> tell("sync", m.body().user(), json(m.body()))));
    return Future.all(consumers.stream().map(MessageConsumer::completion).toList()).mapEmpty();
  }

  private static JsonObject json(SyncProgress progress) {
    return JsonObject.mapFrom(progress);
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
    if (readers.full()) {
      context.response().putHeader("Retry-After", "10");
      new Problem(503, "too_many_readers", "Too many streams are open; close one or try later.")
          .answer(context);
      return;
    }
    Caller caller = Guard.caller(context);
    EventReader reader = readers.add(context.response());
    reader.only = caller.endUser() ? Math.max(caller.user(), 0) : EventReader.EVERYBODY;
    String seen = context.request().getHeader("Last-Event-ID");
    long from = seen == null ? last : number(seen);
    if (from < 0 || (!kept.isEmpty() && from < kept.peekFirst().number() - 1) || from > last) {
      readers.send(
          reader, Buffer.buffer("id: %s-%d\nevent: reset\ndata: {}\n\n".formatted(life, last)));
      return;
    }
    for (Event event : kept) {
      if (event.number() > from && event.isFor(reader)) {
        readers.send(reader, event.text());
      }
    }
  }

  /** −1 if it is not of this life. */
  private long number(String id) {
    return id.matches("[A-Za-z0-9_-]{8}-[0-9]{1,18}") && id.startsWith(life + "-")
        ? Long.parseLong(id.substring(9))
        : -1;
  }

  void close() {
    vertx.cancelTimer(heartbeat);
    news.close();
    consumers.forEach(MessageConsumer::unregister);
    readers.close();
  }
}
