package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.sim.Simulator;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two services on one database spend one budget: that of each user, whose syncs go to and fro
 * between them, and that of the project, which is too small for all users at once.
 */
@Timeout(120)
@Tag("slow")
class SharedBudgetIT {
  private static final int SCALE = 10;
  private static final int MAILBOXES = 7;
  private static final int MESSAGES = 200;
  private static final long ALL = MAILBOXES * MESSAGES;

  /** Half of what the simulator refuses beyond, so that its count shows whether they kept to it. */
  private static final long USER = 3_000;

  private static final long PROJECT = 12_000;

  private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);
  private static final Pattern RUNNING = Pattern.compile("is running; see");
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension final Workplace here = new Workplace();

  @Test
  void twoServicesKeepToOneBudgetAndOneCompletesWhatTheOtherLeft() throws Exception {
    RunningSimulator simulator =
        here.simulator(
            "--time-scale=" + SCALE,
            "--mailboxes=" + MAILBOXES,
            "--messages=" + MESSAGES,
            "--unthreaded");
    try (ExternalDatabase database = ExternalDatabase.start(here.fresh("elsewhere"))) {
      Path conf = configuration(simulator, database);
      MillraceProcess killed = service(conf, database);
      MillraceProcess left = service(conf, database);
      killed.awaitError(RUNNING, SOON);
      left.awaitError(RUNNING, SOON);
      try (KeptData data = KeptData.of(database)) {
        data.connect(simulator.grants(), KEY);
        Storers storers = new Storers(data);
        reaches(left, () -> storers.look() > 1 && simulator.delivered() > ALL / 2);
        keptToTheBudget(simulator.report());
        killed.kill();
        reaches(
            left,
            () -> data.count("select count(*) from mailbox where cursor is not null") == MAILBOXES);

        assertTrue(simulator.delivered() >= ALL);
        assertEquals(ALL, data.count("select count(*) from message"));
        assertEquals(
            MAILBOXES,
            data.count(
                """
                select count(*) from sync_run
                where phase = 'complete' and mode = 'full' and listed = %1$d and stored = %1$d"""
                    .formatted(MESSAGES)));
      }
      JsonObject report = simulator.report();
      keptToTheBudget(report);
      long most = report.getLong("maxProjectMinuteUnits");
      assertTrue(most > PROJECT / 2, () -> "most of it was left: " + report);
      left.terminate();
      left.ends(MillraceProcess.TERMINATED, SOON);
    }
  }

  /** Nothing was refused, and no sliding minute held more than what was configured. */
  private static void keptToTheBudget(JsonObject report) {
    assertEquals(0, report.getLong("throttled"), report::encode);
    assertTrue(report.getLong("maxUserMinuteUnits") <= USER, report::encode);
    assertTrue(report.getLong("maxProjectMinuteUnits") <= PROJECT, report::encode);
  }

  private static void reaches(MillraceProcess service, BooleanSupplier condition) {
    assertTrue(service.awaitWhileAlive(condition, Duration.ofSeconds(60)), service::err);
  }

  private MillraceProcess service(Path conf, ExternalDatabase database) {
    Map<String, String> secrets =
        Map.of(
            "APP_ENCRYPTION_KEY",
            KEY,
            "MILLRACE_DATABASE_PASSWORD",
            database.password(),
            "MILLRACE_GOOGLE_CLIENT_SECRET",
            Simulator.CLIENT_SECRET);
    return here.start(256, secrets, new Object[] {"run", "--conf", conf});
  }

  /** Too few slots for one of them, and short slices, so that both take part of each mailbox. */
  private Path configuration(RunningSimulator simulator, ExternalDatabase database)
      throws IOException {
    return here.file(
        "shared.json",
        """
        {"timeScale": %d,
         "database": {"uri": "postgresql://millrace@127.0.0.1:%d/postgres"},
         "google": {"rootUrl": "%3$s", "tokenUrl": "%3$stoken", "clientId": "%4$s"},
         "console": {"port": 0},
         "lease": {"ms": 3000, "heartbeatMs": 1000},
         "gmail": {"sliceMs": 2000, "pageSize": 50, "pollMs": 0},
         "kinds": {"google_gmail_sync": {"slots": 3}},
         "quota": {"yieldAfterMs": 500, "profile": "shared", "profiles": {"shared": {
           "prices": {"profile": 1, "list": 5, "history": 2, "get": 20, "thread": 40, "attachment": 20},
           "limits": {"userPerMinute": %5$d, "projectPerMinute": %6$d, "projectPerDay": 0,
                      "inFlightPerUser": 25}}}}}
        """
            .formatted(
                SCALE, database.port(), simulator.root(), Simulator.CLIENT_ID, USER, PROJECT));
  }
}
