package io.millrace.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.limit.SingleFlight;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages at hand for those who ask for one: in memory, then in Redis, then in the database.
 *
 * <p>What this process changed is never answered in its old form. What another process changed is
 * noticed within {@link CacheSettings#fresh}: after that time the row's stamp is compared, and what
 * Redis answers is always compared, so that nothing depends on Redis being told of a change. Users
 * are part of every key. Thread-safe; futures complete on the caller's context.
 */
public final class MessageCache {
  private static final Logger log = LoggerFactory.getLogger(MessageCache.class);
  private static final int MOST_WARMED = 50;

  /** Whose message. */
  record Key(long user, String id) {}

  private static final class Entry {
    final MessageRow row;
    volatile long checkedNanos = System.nanoTime();

    Entry(MessageRow row) {
      this.row = row;
    }
  }

  private final CacheSettings settings;
  private final MessageRows rows;
  private final SharedCache redis;
  private final Cache<Key, Entry> memory;
  private final SingleFlight<Key, Optional<MessageRow>> flights = new SingleFlight<>();
  private final AtomicBoolean warming = new AtomicBoolean();
  private final LongAdder asks = new LongAdder();
  private final LongAdder atOnce = new LongAdder();
  private final LongAdder confirmed = new LongAdder();
  private final LongAdder redisHits = new LongAdder();
  private final LongAdder flown = new LongAdder();
  private final LongAdder loads = new LongAdder();
  private final LongAdder warmed = new LongAdder();

  /**
   * @param vault encrypts what goes to Redis
   */
  public MessageCache(Vertx vertx, CacheSettings settings, MessageRows rows, Vault vault) {
    this.settings = settings;
    this.rows = rows;
    this.redis = settings.redisUri() == null ? null : new SharedCache(vertx, settings, vault);
    this.memory =
        Caffeine.newBuilder()
            .maximumWeight(settings.maxBytes())
            .<Key, Entry>weigher((key, entry) -> entry.row.heldBytes() + 2 * key.id().length())
            .expireAfterWrite(settings.ttl())
            // Upkeep is short and needs no pool of threads.
            .executor(Runnable::run)
            .build();
  }

  /** One message; empty if it is not stored. */
  public Future<Optional<MessageRow>> get(long user, String id) {
    Key key = new Key(user, id);
    asks.increment();
    Optional<MessageRow> known = fresh(memory.getIfPresent(key));
    if (known.isPresent()) {
      atOnce.increment();
      return Future.succeededFuture(known);
    }
    return flights.join(
        key,
        () -> {
          // Another flight may have landed since the look above.
          Entry landed = memory.getIfPresent(key);
          Optional<MessageRow> row = fresh(landed);
          if (row.isPresent()) {
            atOnce.increment();
            return Future.succeededFuture(row);
          }
          flown.increment();
          return lookUp(key, landed);
        },
        found -> found.ifPresent(row -> keep(key, row)));
  }

  private Optional<MessageRow> fresh(Entry known) {
    return known != null && System.nanoTime() - known.checkedNanos < settings.fresh().toNanos()
        ? Optional.of(known.row)
        : Optional.empty();
  }

  /** The database says what is true; what is at hand saves reading the mail itself. */
  private Future<Optional<MessageRow>> lookUp(Key key, Entry known) {
    if (known == null && redis == null) {
      return load(key);
    }
    return rows.stamp(key.user(), key.id())
        .compose(
            stamp -> {
              if (stamp.isEmpty()) {
                return Future.succeededFuture(Optional.empty());
              }
              if (known != null && known.row.stamp().equals(stamp.get())) {
                confirmed.increment();
                return Future.succeededFuture(Optional.of(known.row));
              }
              return redis == null ? load(key) : fromRedis(key, stamp.get());
            });
  }

  private Future<Optional<MessageRow>> fromRedis(Key key, String stamp) {
    return redis
        .get(key)
        .compose(
            found -> {
              if (found.isPresent() && found.get().stamp().equals(stamp)) {
                redisHits.increment();
                return Future.succeededFuture(found);
              }
              return load(key)
                  .onSuccess(row -> row.filter(this::small).ifPresent(r -> redis.put(key, r)));
            });
  }

  private Future<Optional<MessageRow>> load(Key key) {
    loads.increment();
    return rows.row(key.user(), key.id());
  }

  private void keep(Key key, MessageRow row) {
    if (small(row)) {
      memory.put(key, new Entry(row));
    }
  }

  private boolean small(MessageRow row) {
    return row.heldBytes() <= settings.maxEntryBytes();
  }

  /** To be called when a change of these messages was committed, or may have been. */
  public void changed(long user, Collection<String> ids) {
    for (String id : ids) {
      Key key = new Key(user, id);
      flights.forget(key);
      memory.invalidate(key);
    }
    if (redis != null) {
      redis.drop(user, ids);
    }
  }

  /**
   * Reads ahead what is likely to be asked for: the newest messages of threads that have just
   * moved. Does nothing while it is at it, so that a fast sync presses nobody.
   *
   * @param threads the most interesting ones first
   */
  public void warm(long user, List<String> threads) {
    List<String> some = threads.stream().distinct().limit(settings.warmThreads()).toList();
    if (some.isEmpty() || settings.maxBytes() == 0 || !warming.compareAndSet(false, true)) {
      return;
    }
    rows.newest(user, some, settings.maxEntryBytes(), MOST_WARMED)
        .onSuccess(found -> found.forEach(row -> warm(user, row)))
        .onFailure(e -> log.debug("nothing was read ahead: {}", e.getMessage()))
        .onComplete(v -> warming.set(false));
  }

  private void warm(long user, MessageRow row) {
    Key key = new Key(user, row.id());
    warmed.increment();
    // It may be older than a change that was committed meanwhile: compared before it is answered.
    Entry entry = new Entry(row);
    entry.checkedNanos = System.nanoTime() - settings.fresh().toNanos();
    if (small(row)) {
      memory.asMap().putIfAbsent(key, entry);
    }
  }

  /** What is held in memory, about, in bytes. */
  long heldBytes() {
    memory.cleanUp();
    return memory.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  /** What it has done so far. */
  public CacheFigures figures() {
    return new CacheFigures(
        asks.sum(),
        atOnce.sum() + confirmed.sum(),
        redisHits.sum(),
        Math.max(0, asks.sum() - atOnce.sum() - flown.sum()),
        loads.sum(),
        warmed.sum(),
        redis == null ? 0 : redis.failures(),
        redis == null ? 0 : redis.refused());
  }

  /** Lets go of Redis. */
  public Future<Void> close() {
    return redis == null ? Future.succeededFuture() : redis.close();
  }
}
