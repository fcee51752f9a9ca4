package io.millrace.console;

import io.millrace.store.AuditLog;
import io.millrace.store.CacheFigures;
import io.millrace.store.DeadGroups;
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

  Api(
      ApiParts parts,
      MailboxDesk desk,
      Happenings happenings,
      Running running,
      Supplier<CacheFigures> cache,
      int jobsPerUser) {
    Pool pool = parts.pool();
    AuditLog log = new AuditLog(pool);
    Acts acts = new Acts(log);
    Standings standings = new Standings(pool);
    endpoints.addAll(
        new JobsApi(pool, parts.endUsers(), parts.enqueuer(), parts.operator(), acts, jobsPerUser)
            .endpoints());
    endpoints.addAll(
        new DeadApi(parts.operator(), new DeadGroups(pool, parts.kinds()), acts).endpoints());
    endpoints.addAll(new MailboxApi(parts, acts, desk).endpoints());
    endpoints.addAll(
        new QueuesApi(parts.operator(), standings, new Schedules(pool), acts).endpoints());
    endpoints.addAll(new ChecksApi(parts.checks(), happenings, acts).endpoints());
    endpoints.addAll(
        new StateApi(
                standings,
                new Tallies(pool),
                log,
                happenings,
                running,
                cache,
                InstantSource.system(),
                System::nanoTime)
            .endpoints());
  }

  List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }
}
