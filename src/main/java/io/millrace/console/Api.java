package io.millrace.console;

import io.millrace.store.AuditLog;
import io.millrace.store.CacheFigures;
import io.millrace.store.DeadGroups;
import io.millrace.store.DeadLetters;
import io.millrace.store.MailboxDesk;
import io.millrace.store.Schedules;
import io.millrace.store.Standings;
import io.millrace.store.Tallies;
import io.vertx.sqlclient.Pool;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The resources of the API, put together. */
final class Api {
  private final List<Endpoint> endpoints = new ArrayList<>();

  /**
   * @param freshMs how old an answer may be that many share
   * @param watch null where nothing is watched
   */
  Api(
      ApiParts parts,
      MailboxDesk desk,
      Happenings happenings,
      Running running,
      Supplier<CacheFigures> cache,
      long freshMs,
      int jobsPerUser,
      Watch watch) {
    Pool pool = parts.pool();
    Pool reads = parts.reads();
    Acts acts = new Acts(new AuditLog(pool));
    Standings standings = new Standings(reads);
    endpoints.addAll(
        new JobsApi(reads, parts.endUsers(), parts.enqueuer(), parts.operator(), acts, jobsPerUser)
            .endpoints());
    DeadApi dead =
        new DeadApi(
            parts.operator(),
            new DeadLetters(reads, parts.kinds()),
            new DeadGroups(reads, parts.kinds()),
            acts,
            freshMs);
    endpoints.addAll(dead.endpoints());
    endpoints.addAll(new MailboxApi(parts, acts, desk).endpoints());
    endpoints.addAll(
        new QueuesApi(parts.operator(), standings, new Schedules(reads), acts).endpoints());
    endpoints.addAll(new ChecksApi(parts.checks(), happenings, acts).endpoints());
    StateApi state =
        new StateApi(
            standings,
            new Tallies(reads),
            new AuditLog(reads),
            running,
            cache,
            freshMs,
            InstantSource.system(),
            System::nanoTime);
    endpoints.addAll(state.endpoints());
    LimitsApi limits = new LimitsApi(standings, happenings, watch, freshMs, System::nanoTime);
    endpoints.addAll(limits.endpoints());
    if (watch != null) {
      endpoints.addAll(new AlertsApi(watch.alerts(), happenings, System::nanoTime).endpoints());
      endpoints.addAll(new HealthApi(watch, System::nanoTime).endpoints());
      endpoints.addAll(new FlowApi(watch.flow(), System::nanoTime).endpoints());
      endpoints.addAll(
          new CostApi(watch.usage(), watch.settings().cost(), System::nanoTime).endpoints());
    }
    endpoints.replaceAll(
        endpoint ->
            endpoint.writes()
                ? endpoint.then(
                    () -> {
                      state.forget();
                      dead.forget();
                      limits.forget();
                    })
                : endpoint);
  }

  List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }
}
