package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.QuotaExceeded;
import io.millrace.google.GoogleFailure.TooConcurrent;
import io.millrace.google.GoogleFailure.Unauthorized;
import io.millrace.limit.ByteBudget;
import io.millrace.limit.Quota;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Makes results of what came back from Gmail, keeps the account of the bytes that they hold, and
 * tells quota, tokens and limits what an answer says of them. Thread-safe.
 */
final class Replies {
  private final Decoder decoder;
  private final ByteBudget budget;
  private final Arrivals arrivals;
  private final Traffic traffic;
  private final Quota quota;
  private final AccessTokens tokens;
  private final InFlight inFlight;
  private final InstantSource clock;

  Replies(
      Decoder decoder,
      ByteBudget budget,
      Arrivals arrivals,
      Traffic traffic,
      Quota quota,
      AccessTokens tokens,
      InFlight inFlight,
      InstantSource clock) {
    this.decoder = decoder;
    this.budget = budget;
    this.arrivals = arrivals;
    this.traffic = traffic;
    this.quota = quota;
    this.tokens = tokens;
    this.inFlight = inFlight;
    this.clock = clock;
  }

  /** Decodes an answer, and charges what is kept of it instead of what came. */
  <T> Future<T> read(Caller.Reply reply, Function<byte[], T> read, ToLongFunction<T> held) {
    if (reply.answer() == null) {
      return Future.failedFuture(new GoogleException(reply.failure()));
    }
    Exchange.Answer answer = reply.answer();
    Function<byte[], T> wanted =
        good(answer)
            ? read
            : bytes -> {
              throw new GoogleException(
                  Failures.classify(
                      answer.status(), answer.headers()::get, bytes, clock.instant()));
            };
    return decoder
        .decode(answer, wanted)
        .recover(e -> Future.failedFuture(worse(answer, e)))
        .onSuccess(result -> budget.charge(held.applyAsLong(result)))
        .onComplete(r -> arrivals.release(answer.body().length));
  }

  /** The same for a call that was one alone, and notes what it says. */
  <T> Future<T> single(
      long user, Caller.Reply reply, Function<byte[], T> read, ToLongFunction<T> held) {
    return read(reply, read, held)
        .onSuccess(done -> note(user, reply, new FetchResult(List.of())))
        .onFailure(
            e -> {
              if (e instanceof GoogleException g) {
                PartResult failed = PartResult.failed("", g.failure());
                note(user, reply, new FetchResult(List.of(failed)));
              }
            });
  }

  /** Some methods have nothing to answer. */
  private static boolean good(Exchange.Answer answer) {
    return answer.status() == 200 || answer.status() == 204;
  }

  /** An error whose body is broken is still the error that its status says. */
  private Throwable worse(Exchange.Answer answer, Throwable e) {
    boolean unread =
        e instanceof GoogleException g
            && (g.failure() instanceof Malformed || g.failure() instanceof GoogleFailure.TooLarge);
    return good(answer) || !unread
        ? e
        : new GoogleException(
            Failures.classify(
                answer.status(), answer.headers()::get, new byte[0], clock.instant()));
  }

  /** Tells those concerned what an answer says about quota, the token and the service. */
  void note(long user, Caller.Reply reply, FetchResult result) {
    int refusals = 0;
    boolean crowded = false;
    boolean unauthorized = false;
    boolean message = false;
    QuotaExceeded exceeded = null;
    for (PartResult part : result.parts()) {
      message |= part.data() != null;
      crowded |= part.failure() instanceof TooConcurrent;
      unauthorized |= part.failure() instanceof Unauthorized;
      if (part.failure() != null && part.failure().quota()) {
        refusals += part.requestWide() && refusals > 0 ? 0 : 1;
      }
      if (part.failure() instanceof QuotaExceeded q) {
        Instant until = RetryAfter.later(exceeded == null ? null : exceeded.until(), q.until());
        boolean wholeProject = q.wholeProject() || (exceeded != null && exceeded.wholeProject());
        boolean everybody = q.everybody() && (exceeded == null || exceeded.everybody());
        exceeded = new QuotaExceeded(wholeProject, until, wholeProject || everybody);
      }
    }
    if (refusals > 0) {
      traffic.throttled(user, refusals);
    }
    if (exceeded != null && exceeded.everybody() && !exceeded.wholeProject()) {
      quota.refusedAll(exceeded.until());
    } else if (exceeded != null) {
      quota.refused(user, exceeded.until(), exceeded.wholeProject());
    }
    if (unauthorized) {
      tokens.reject(user, reply.token());
    }
    inFlight.answered(user, crowded, reply.written());
    if (message) {
      traffic.messageArrived(user);
    }
  }

  /** The parts of an answer to the gets of some messages. */
  FetchResult parts(Caller.Reply reply, List<String> ids, MessageFormat format, byte[] bytes) {
    if (ids.size() > 1) {
      String type = reply.answer().header("content-type");
      return new FetchResult(BatchAnswer.read(bytes, type, ids, format, clock.instant()));
    }
    return new FetchResult(List.of(message(bytes, ids.get(0), format)));
  }

  private PartResult message(byte[] bytes, String id, MessageFormat format) {
    try (JsonParser p = Json.parser(bytes, 0, bytes.length);
        PayloadDeflater deflater = new PayloadDeflater()) {
      if (p.nextToken() == JsonToken.START_OBJECT) {
        MessageJson read = MessageJson.read(p, bytes, 0);
        if (read.problem() == null) {
          return read.id().equals(id)
              ? PartResult.of(read.data(format, deflater))
              : PartResult.failed(id, new Malformed("another message than the one asked for."));
        }
        if (read.id() != null) {
          return PartResult.failed(id, new Malformed(read.problem()));
        }
      }
    } catch (IOException e) {
      // What it is instead is told by its beginning.
    }
    return PartResult.failed(id, Failures.classify(200, name -> null, bytes, clock.instant()));
  }

  /** What messages hold in memory, in bytes. */
  static long held(FetchResult result) {
    return result.parts().stream()
        .filter(part -> part.data() != null)
        .mapToLong(part -> part.data().heldBytes())
        .sum();
  }
}
