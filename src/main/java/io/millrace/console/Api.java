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
   * @param watch null where nothing is watched
   */
  Api(
      ApiParts parts,
      MailboxDesk desk,
      Happenings happenings,
      Running running,
      Supplier<CacheFigures> cache,
      Watch watch) {
    Pool pool = parts.pool();
    Pool reads = parts.reads();
    Acts acts = new Acts(new AuditLog(pool));
    Standings standings = new Standings(reads);
    endpoints.addAll(
        new JobsApi(reads, parts.endUsers(), parts.enqueuer(), parts.operator(), acts).endpoints());
    endpoints.addAll(
        new DeadApi(
                parts.operator(),
                new DeadLetters(reads, parts.kinds()),
                new DeadGroups(reads, parts.kinds()),
                acts)
            .endpoints());
    endpoints.addAll(new MailboxApi(parts, acts, desk).endpoints());
    endpoints.addAll(
        new QueuesApi(parts.operator(), standings, new Schedules(reads), acts).endpoints());
    endpoints.addAll(new ChecksApi(parts.checks(), happenings, acts).endpoints());
    endpoints.addAll(
        new StateApi(
                standings,
                new Tallies(reads),
                new AuditLog(reads),
                running,
                cache,
                InstantSource.system(),
                System::nanoTime)
            .endpoints());
    endpoints.addAll(new LimitsApi(standings, happenings, watch, System::nanoTime).endpoints());
    if (watch != null) {
      endpoints.addAll(new AlertsApi(watch.alerts(), System::nanoTime).endpoints());
      endpoints.addAll(new HealthApi(watch, System::nanoTime).endpoints());
      endpoints.addAll(new FlowApi(watch.flow(), System::nanoTime).endpoints());
      endpoints.addAll(new CostApi(watch.usage(), watch.settings().cost()).endpoints());
    }
  }

  List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }
}
