package io.millrace.console;

import io.millrace.google.CallRoom;
import io.millrace.store.Alerts;
import io.millrace.store.Flow;
import io.millrace.store.Usage;
import io.millrace.store.Vitals;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * What the API of those who watch works with: where it is kept, and what only this process knows.
 *
 * @param pool what is looked at is read by
 * @param health how queues do
 * @param quota what is used of what Google allows
 * @param limits what this process is held by just now
 * @param room how many calls it makes for a user, of those that it may make at once
 */
public record Watch(
    Pool pool,
    OpsSettings settings,
    Health health,
    Supplier<List<QuotaUse>> quota,
    Supplier<List<LimitNow>> limits,
    LongFunction<CallRoom> room) {
  /**
   * Units of quota that are used, of those that are allowed.
   *
   * @param scope user, project or day
   * @param used in the minute under way or the one before, whichever is more; or of the day
   * @param allowed 0 if it is not limited
   * @param whose whose units these are, for a person
   */
  public record QuotaUse(String scope, long used, long allowed, String whose) {}

  /**
   * A limit as it is now.
   *
   * @param what as in {@link io.millrace.limit.LimitChanged}
   * @param value in percent of what is otherwise let through, 0 to 100
   * @param why in a few words for a person
   */
  public record LimitNow(String what, int value, String why) {}

  Alerts alerts() {
    return new Alerts(pool);
  }

  Flow flow() {
    return new Flow(pool);
  }

  Usage usage() {
    return new Usage(pool);
  }

  Vitals vitals() {
    return new Vitals(pool);
  }
}
