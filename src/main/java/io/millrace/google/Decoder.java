package io.millrace.google;

import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.TooLarge;
import io.millrace.limit.Permits;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Locale;
import java.util.function.Function;

/**
 * Inflates answers and reads them: small ones in place, large ones on a worker thread, so that the
 * event loop is never held up.
 */
final class Decoder {
  /** About ten milliseconds' work. */
  private static final int LARGE = 256 * 1024;

  /** Compressed, this may already be large; and it bounds what trying in place can cost. */
  private static final int LARGE_COMPRESSED = 64 * 1024;

  /** Large answers being read at once: each is in memory as it came, inflated, and cut up. */
  private static final int AT_ONCE = 2;

  private final Vertx vertx;
  private final long limit;
  private final Permits large = new Permits(AT_ONCE);

  Decoder(Vertx vertx, long limit) {
    this.vertx = vertx;
    this.limit = Math.min(limit, Integer.MAX_VALUE - 16);
  }

  /**
   * Inflates and reads an answer.
   *
   * @param read is given the inflated body; may run on another thread
   * @return fails with {@link GoogleException} only
   */
  <T> Future<T> decode(Exchange.Answer answer, Function<byte[], T> read) {
    byte[] wire = answer.body();
    try {
      boolean gzip = gzip(answer);
      if (!gzip && wire.length <= LARGE) {
        return Future.succeededFuture(guarded(read, wire));
      }
      if (gzip && wire.length <= LARGE_COMPRESSED) {
        byte[] inflated = inflateSmall(wire);
        if (inflated != null) {
          return Future.succeededFuture(guarded(read, inflated));
        }
      }
      return large
          .acquire(1)
          .compose(
              one ->
                  vertx.executeBlocking(
                      () -> guarded(read, gzip ? Gzip.inflate(wire, limit) : wire), false))
          .eventually(
              () -> {
                large.release(1);
                return Future.succeededFuture();
              });
    } catch (GoogleException e) {
      return Future.failedFuture(e);
    }
  }

  /** Null if it turns out not to be small. */
  private byte[] inflateSmall(byte[] wire) {
    long bound = Math.min(limit, LARGE);
    try {
      return Gzip.inflate(wire, bound);
    } catch (GoogleException e) {
      if (e.failure() instanceof TooLarge && bound < limit) {
        return null;
      }
      throw e;
    }
  }

  private static boolean gzip(Exchange.Answer answer) {
    String encoding = answer.header("content-encoding");
    String name = encoding == null ? "" : encoding.strip().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "gzip", "x-gzip" -> answer.body().length > 0;
      // JSON never begins like gzip does.
      case "", "identity" -> Gzip.looksLike(answer.body());
      default ->
          throw new GoogleException(
              new Malformed("an encoding that was not asked for: " + ErrorBody.clean(name, 30)));
    };
  }

  private static <T> T guarded(Function<byte[], T> read, byte[] body) {
    try {
      return read.apply(body);
    } catch (GoogleException e) {
      throw e;
    } catch (RuntimeException e) {
      // Whatever comes over the wire is an answer, not a reason to stop.
      throw new GoogleException(
          new Malformed("it could not be read (" + e.getClass().getSimpleName() + ")."));
    }
  }
}
