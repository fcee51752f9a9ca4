package io.millrace.console;

import io.millrace.store.AuditLog;
import io.millrace.store.Scope;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;

/**
 * Does what somebody wants, once: with its row in the audit log, in one transaction. A request that
 * carries a key it was sent with before is answered as it was then, and does nothing.
 */
final class Acts {
  private static final Problem REUSED =
      new Problem(
          422,
          "idempotency_key_reused",
          "This Idempotency-Key came with another request before; use a new one.");

  private final AuditLog log;

  Acts(AuditLog log) {
    this.log = log;
  }

  /**
   * Does one action.
   *
   * @param action such as {@code job.cancel}
   * @param target such as {@code job 17}
   * @param detail what was asked for, small and without secrets
   * @param answer what to tell of the result; it throws a problem if nothing was done, and then
   *     nothing is
   */
  <T> Future<Reply> act(
      Ask ask,
      String action,
      String target,
      JsonObject detail,
      Function<Scope, Future<T>> work,
      Function<Object, JsonObject> answer) {
    String key = ask.idempotencyKey();
    String fingerprint = key == null ? null : fingerprint(ask);
    AuditLog.Entry entry =
        new AuditLog.Entry(
            ask.caller().name(),
            ask.caller().role().word(),
            action,
            target,
            ask.origin(),
            detail,
            key,
            fingerprint);
    Future<Reply> known =
        key == null ? Future.succeededFuture() : known(ask.caller().name(), key, fingerprint);
    return known.compose(
        before ->
            before != null
                ? Future.succeededFuture(before)
                : work.apply(log.scope(entry, answer))
                    .map(result -> Reply.done(answer.apply(result), false))
                    .recover(e -> key == null ? Future.failedFuture(e) : again(e, entry)));
  }

  /** Whatever stood in the way may be the same request, which came twice at once. */
  private Future<Reply> again(Throwable e, AuditLog.Entry entry) {
    return known(entry.actor(), entry.key(), entry.fingerprint())
        .transform(
            looked ->
                looked.failed() && !(looked.cause() instanceof ProblemException)
                    ? Future.failedFuture(e)
                    : looked.failed()
                        ? Future.failedFuture(looked.cause())
                        : looked.result() == null
                            ? Future.failedFuture(e)
                            : Future.succeededFuture(looked.result()));
  }

  private Future<Reply> known(String actor, String key, String fingerprint) {
    return log.known(actor, key)
        .map(
            found -> {
              if (found.isEmpty()) {
                return null;
              }
              if (!fingerprint.equals(found.get().entry().fingerprint())) {
                throw REUSED.exception();
              }
              return Reply.done(found.get().result(), true);
            });
  }

  private static String fingerprint(Ask ask) {
    return Digest.hex(
        ask.context().request().method()
            + " "
            + ask.context().request().uri()
            + "\n"
            + Digest.hex(ask.raw().getBytes()));
  }
}
