package io.millrace.store;

import io.millrace.google.Breaker;
import io.millrace.google.GoogleException;
import io.millrace.limit.BreakerSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages in a Redis that is neither trusted nor needed. What lies there is encrypted and bound to
 * its user and message, so that it can be neither read, changed nor exchanged there; what is old is
 * told by the asker, who knows the row's stamp. What fails or is late is a miss; a Redis that often
 * does is left alone for a while, and never more than a few calls wait for it. Thread-safe.
 */
final class SharedCache {
  private static final Logger log = LoggerFactory.getLogger(SharedCache.class);
  private static final int MOST_CALLS = 64;
  private static final int CONNECTIONS = 4;
  private static final Duration LEFT_ALONE = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final CacheSettings settings;
  private final Vault vault;
  private final Breaker breaker;
  private final AtomicInteger calls = new AtomicInteger();
  private final LongAdder failures = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private Redis redis;

  SharedCache(Vertx vertx, CacheSettings settings, Vault vault) {
    this.vertx = vertx;
    this.settings = settings;
    this.vault = vault;
    this.breaker =
        new Breaker(
            vertx,
            "Redis",
            new BreakerSettings(
                0.5, 5, Duration.ofSeconds(10), LEFT_ALONE, settings.redisTimeout()),
            false,
            InstantSource.system(),
            System::nanoTime);
    this.redis = client();
  }

  private Redis client() {
    RedisOptions options =
        new RedisOptions()
            .setConnectionString(settings.redisUri())
            .setMaxPoolSize(CONNECTIONS)
            .setMaxPoolWaiting(MOST_CALLS)
            .setMaxWaitingHandlers(MOST_CALLS)
            .setNetClientOptions(
                new NetClientOptions()
                    .setConnectTimeout((int) Math.max(500, settings.redisTimeout().toMillis())));
    if (settings.redisPassword() != null) {
      options.setPassword(settings.redisPassword());
    }
    return Redis.createClient(vertx, options);
  }

  /** What was put there for this user and message; empty if it is not there or cannot be had. */
  Future<Optional<MessageRow>> get(MessageCache.Key key) {
    // A byte more than may be there tells that there is more, without reading all of it.
    return send(Request.cmd(Command.GETRANGE).arg(place(key)).arg(0).arg(settings.maxValueBytes()))
        .map(answer -> answer == null ? Optional.<MessageRow>empty() : opened(key, answer))
        .otherwise(Optional.empty());
  }

  /** Puts it there if it can be done; nobody waits for it. */
  void put(MessageCache.Key key, MessageRow row) {
    byte[] sealed = vault.seal(row.written(), place(key));
    if (sealed.length > settings.maxValueBytes()) {
      return;
    }
    send(Request.cmd(Command.SET)
            .arg(place(key))
            .arg(sealed)
            .arg("PX")
            .arg(settings.ttl().toMillis()))
        .onFailure(e -> log.debug("nothing was put into Redis: {}", e.getMessage()));
  }

  /** Frees what is out of date; it would not be answered any more anyway. */
  void drop(long user, Collection<String> ids) {
    if (ids.isEmpty()) {
      return;
    }
    Request drop = Request.cmd(Command.DEL);
    ids.forEach(id -> drop.arg(place(new MessageCache.Key(user, id))));
    send(drop).onFailure(e -> log.debug("nothing was dropped from Redis: {}", e.getMessage()));
  }

  private String place(MessageCache.Key key) {
    return settings.redisPrefix() + ":message:" + key.user() + ":" + key.id();
  }

  private Optional<MessageRow> opened(MessageCache.Key key, Response answer) {
    try {
      byte[] sealed = answer.toBytes();
      if (sealed == null || sealed.length == 0) {
        return Optional.empty();
      }
      if (sealed.length <= settings.maxValueBytes()) {
        MessageRow row = MessageRow.read(vault.open(sealed, place(key)));
        return Optional.of(row).filter(r -> r.id().equals(key.id()));
      }
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      log.debug("Redis answered something else than what was put there: {}", e.getMessage());
    }
    refused.increment();
    return Optional.empty();
  }

  private Future<Response> send(Request request) {
    if (calls.incrementAndGet() > MOST_CALLS) {
      calls.decrementAndGet();
      failures.increment();
      return Future.failedFuture(new DatabaseException("Too many calls wait for Redis."));
    }
    Redis used = current();
    return breaker
        .call(
            () -> used.send(request),
            done -> done.succeeded() ? Breaker.Verdict.WELL : Breaker.Verdict.ILL)
        .onFailure(
            e -> {
              failures.increment();
              if (e instanceof GoogleException) {
                replace(used);
              }
            })
        .onComplete(v -> calls.decrementAndGet());
  }

  private synchronized Redis current() {
    return redis;
  }

  /** A connection that is silent may stay so for ever: the next call gets another. */
  private synchronized void replace(Redis silent) {
    if (redis == silent) {
      redis = client();
      silent.close();
    }
  }

  long failures() {
    return failures.sum();
  }

  long refused() {
    return refused.sum();
  }

  Future<Void> close() {
    return current().close();
  }
}
