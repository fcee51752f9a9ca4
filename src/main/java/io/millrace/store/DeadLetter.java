package io.millrace.store;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.OffsetDateTime;

/**
 * A job that failed for good.
 *
 * @param run how often it was claimed
 * @param failures attempts spent
 * @param reason why it is dead: a failure's class, {@code exhausted}, {@code lost} and so on
 * @param message what the last error said, null if it said nothing
 * @param redrivenAt when a new job took over its work, null if none has
 * @param redrivenAs the id of that job, or null
 */
public record DeadLetter(
    long user,
    long id,
    String kind,
    int priority,
    int run,
    int failures,
    String reason,
    String message,
    OffsetDateTime deadAt,
    OffsetDateTime redrivenAt,
    Long redrivenAs) {

  /**
   * All that is known of one.
   *
   * @param payload JSON that a redrive would use; null if the body is gone
   * @param edited whether that is an operator's and not the one it was enqueued with
   * @param error the last failure
   * @param attempts the failed attempts that were kept, oldest first; never null
   * @param options as enqueued, never null
   * @param dedupKey as enqueued, or null
   */
  public record Full(
      DeadLetter letter,
      String payload,
      boolean edited,
      JsonObject error,
      JsonArray attempts,
      JsonObject options,
      String dedupKey,
      OffsetDateTime createdAt) {}
}
