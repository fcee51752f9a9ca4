package io.millrace.process;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which workers have stored mail, as it shows from outside: a mailbox has more of it than at the
 * look before, and the same run of its sync was there both times.
 */
final class Storers {
  private static final String RUNS =
      """
      select r.worker || ' ' || r.user_id || ' ' || r.id || ' ' || r.run,
             (select count(*) from message m where m.user_id = r.user_id)
      from job_running r join job_kind k on k.id = r.kind
      where k.name = 'google_gmail_sync'""";

  private final KeptData data;
  private final Set<String> workers = new HashSet<>();
  private Map<String, Long> before = Map.of();

  Storers(KeptData data) {
    this.data = data;
  }

  /** Looks again; gives how many workers were seen to store by now. */
  int look() {
    Map<String, Long> stored = data.numbers(RUNS);
    stored.forEach(
        (run, messages) -> {
          if (messages > before.getOrDefault(run, messages)) {
            workers.add(run.split(" ", 2)[0]);
          }
        });
    before = stored;
    return workers.size();
  }
}
