package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Encrypts stored tokens anew with the present key, batch by batch. Each batch is one statement and
 * done for good, so a rotation that is broken off goes on with what is left; a token that its owner
 * renews meanwhile is left as it is. Thread-safe.
 */
public final class KeyRotation {
  private static final int BATCH = 500;
  private static final int MOST_NAMES = 5;

  /** Another process may still write with the previous key: not for ever. */
  private static final int MOST_PASSES = 10;

  private final Pool pool;
  private final Vault vault;

  /**
   * @param vault with the present key and, as long as there are tokens under it, the previous one
   */
  public KeyRotation(Pool pool, Vault vault) {
    this.pool = pool;
    this.vault = vault;
  }

  /**
   * Under which keys the stored tokens are.
   *
   * @param present under the key that encrypts
   * @param previous under one that can be read, and is to be replaced
   * @param unreadable under keys that are not at hand
   * @param names some of the mailboxes whose tokens are unreadable, at most 5
   */
  public record Standing(long present, long previous, long unreadable, List<String> names) {
    /** A sentence that names the mailboxes; empty if all can be read. */
    public Optional<String> complaint() {
      return unreadable == 0
          ? Optional.empty()
          : Optional.of(
              "%d stored %s encrypted with a key that is not at hand: %s%s. Set APP_ENCRYPTION_KEY_PREVIOUS to the key in use when %s connected, or connect %s anew."
                  .formatted(
                      unreadable,
                      unreadable == 1 ? "token is" : "tokens are",
                      String.join(", ", names),
                      unreadable > names.size() ? " and others" : "",
                      unreadable == 1 ? "it was" : "they were",
                      unreadable == 1 ? "it" : "them"));
    }
  }

  /** Looks, and changes nothing. */
  public Future<Standing> standing() {
    Integer[] readable = vault.readable().toArray(Integer[]::new);
    return pool.preparedQuery(
            """
            select count(*) filter (where key_id = $1),
                   count(*) filter (where key_id <> $1 and key_id = any($2)),
                   count(*) filter (where key_id <> all($2)),
                   array(select email from google_token join account using (user_id)
                          where key_id <> all($2) order by user_id limit $3)
              from google_token
             where refresh_token is not null""")
        .execute(Tuple.of(vault.keyId(), readable, MOST_NAMES))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new Standing(
                    row.getLong(0),
                    row.getLong(1),
                    row.getLong(2),
                    List.of(row.getArrayOfStrings(3))));
  }

  /**
   * Encrypts anew all that can be read.
   *
   * @param progress told after each batch how many tokens were encrypted anew so far; if it throws,
   *     the rotation ends with that
   * @return how things stand afterwards
   */
  public Future<Standing> rotate(LongConsumer progress) {
    return new Turn(progress).run();
  }

  private record Token(long user, Buffer sealed) {}

  /** One rotation: a loop that is armed again by each batch, no chain that grows. */
  private final class Turn {
    private final LongConsumer progress;
    private final Promise<Standing> promise = Promise.promise();
    private long after = Long.MIN_VALUE;
    private long done;
    private int passes;

    Turn(LongConsumer progress) {
      this.progress = progress;
    }

    Future<Standing> run() {
      next();
      return promise.future();
    }

    private void next() {
      batch()
          .onFailure(promise::fail)
          .onSuccess(
              full -> {
                if (full) {
                  next();
                } else {
                  look();
                }
              });
    }

    private void look() {
      standing()
          .onFailure(promise::fail)
          .onSuccess(
              standing -> {
                if (standing.previous() > 0 && ++passes < MOST_PASSES) {
                  after = Long.MIN_VALUE;
                  next();
                } else {
                  promise.complete(standing);
                }
              });
    }

    /** Answers whether there may be more. */
    private Future<Boolean> batch() {
      Integer[] old =
          vault.readable().stream().filter(id -> id != vault.keyId()).toArray(Integer[]::new);
      return pool.preparedQuery(
              """
              select user_id, refresh_token from google_token
               where user_id > $1 and key_id = any($2)
               order by user_id limit $3""")
          .execute(Tuple.of(after, old, BATCH))
          .compose(
              rows -> {
                List<Token> tokens = new ArrayList<>(rows.size());
                for (Row row : rows) {
                  tokens.add(new Token(row.getLong(0), row.getBuffer(1)));
                }
                return tokens.isEmpty()
                    ? Future.succeededFuture(false)
                    : write(tokens).map(tokens.size() == BATCH);
              });
    }

    private Future<Void> write(List<Token> tokens) {
      after = tokens.get(tokens.size() - 1).user();
      List<Token> fresh = new ArrayList<>(tokens.size());
      List<Token> stale = new ArrayList<>(tokens.size());
      for (Token token : tokens) {
        vault
            .open(token.sealed().getBytes(), token.user())
            .ifPresent(
                secret -> {
                  stale.add(token);
                  byte[] sealed = vault.seal(secret, token.user());
                  fresh.add(new Token(token.user(), Buffer.buffer(sealed)));
                });
      }
      return pool.preparedQuery(
              """
              update google_token t set refresh_token = n.fresh
                from unnest($1::bigint[], $2::bytea[], $3::bytea[]) as n(user_id, stale, fresh)
               where t.user_id = n.user_id and t.refresh_token = n.stale""")
          .execute(
              Tuple.of(
                  stale.stream().map(Token::user).toArray(Long[]::new),
                  stale.stream().map(Token::sealed).toArray(Buffer[]::new),
                  fresh.stream().map(Token::sealed).toArray(Buffer[]::new)))
          .map(
              rows -> {
                done += rows.rowCount();
                progress.accept(done);
                return null;
              });
    }
  }
}
