package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever is ended at whatever moment: started again, it completes, and nothing is lost. */
@Timeout(200)
class KillIT {
  private static final int MAILBOXES = 3;
  private static final int MESSAGES = 600;
  private static final long LIMIT = 6_000;
  private static final int KILLS = 3;
  private static final String CONTACTS =
      """
      select email, address, name, first_seen, last_seen, inbound, outbound
      from contact join account using (user_id) order by 1, 2""";
  private static final Pattern ADOPTED = Pattern.compile("adopted the database server");

  @RegisterExtension final Workplace here = new Workplace();

  private Random random;
  private String seed;

  @BeforeEach
  void draw(TestInfo test) {
    long drawn = Long.getLong("millrace.seed", System.nanoTime());
    random = new Random(drawn);
    seed = test.getDisplayName() + ", repeat with -Dmillrace.seed=" + drawn;
  }

  @Test
  void killedSeveralTimesItLosesNothingAndNeverExceedsTheQuota() {
    RunningSimulator simulator = simulator("none");
    Path data = here.fresh("data");
    killRepeatedly(simulator, data);
    Summary summary = here.complete(demo(simulator, data));
    assertEquals(summary.listed(), summary.stored(), seed);
    long most = staysWithinTheQuota(simulator);
    assertTrue(most > LIMIT / 2, () -> seed + ": the quota was never near, at " + most);

    List<String> contacts = holdsEachMessageOnce(data, summary);
    Path unkilled = here.fresh("unkilled");
    here.complete(demo(simulator("none"), unkilled));
    try (KeptData kept = KeptData.open(unkilled)) {
      assertEquals(kept.rows(CONTACTS), contacts, seed);
    }
  }

  @Test
  @Tag("slow")
  void killedSeveralTimesAmongFaultsItLosesNothing() {
    RunningSimulator simulator = simulator("mild");
    Path data = here.fresh("data");
    killRepeatedly(simulator, data);
    holdsEachMessageOnce(data, here.complete(demo(simulator, data)));
  }

  @Test
  @Tag("slow")
  void theSimulatorMayDieAndComeBack() {
    RunningSimulator simulator = simulator("none");
    Path data = here.fresh("data");
    MillraceProcess demo = here.demo(demo(simulator, data));
    assertTrue(reaches(demo, simulator, 1 + random.nextInt(MESSAGES)), seed);
    simulator.process().kill();
    here.simulatorAt(simulator.root().getPort(), options("none"));
    Summary summary = Summary.of(demo.ends(0, Workplace.END));
    assertEquals(summary.listed(), summary.stored(), seed);
    assertEquals(0, summary.throttled(), seed);
    holdsEachMessageOnce(data, summary);
  }

  @Test
  void askedToStopItEndsSoonAndGoesOnTheNextTime() {
    RunningSimulator simulator = simulator("none");
    Path data = here.fresh("data");
    MillraceProcess demo = here.demo(demo(simulator, data));
    assertTrue(reaches(demo, simulator, 1 + random.nextInt(MESSAGES)), seed);
    demo.terminate();
    demo.ends(MillraceProcess.TERMINATED, Duration.ofSeconds(15));
    staysWithinTheQuota(simulator);
    assertEquals(List.of(), Postmasters.below(here.directory()), seed);
    Summary summary = here.complete(demo(simulator, data));
    assertEquals(summary.listed(), summary.stored(), seed);
    staysWithinTheQuota(simulator);
    holdsEachMessageOnce(data, summary);
  }

  /** No sliding minute held more than its limit, and nothing was refused; gives the fullest. */
  private long staysWithinTheQuota(RunningSimulator simulator) {
    JsonObject report = simulator.report();
    assertEquals(LIMIT, report.getJsonObject("limits").getLong("userMinute"));
    long most = report.getLong("maxUserMinuteUnits");
    assertTrue(most <= LIMIT, () -> seed + report);
    assertEquals(0, report.getLong("throttled"), () -> seed + report);
    return most;
  }

  /** Kills at moments that are spread over the work, up to when the last message is out. */
  private void killRepeatedly(RunningSimulator simulator, Path data) {
    long[] moments = random.longs(KILLS, 1, MAILBOXES * MESSAGES).sorted().toArray();
    boolean killed = false;
    for (long moment : moments) {
      MillraceProcess demo = here.demo(demo(simulator, data));
      if (killed) {
        demo.awaitError(ADOPTED, Duration.ofSeconds(30));
      }
      killed = reaches(demo, simulator, moment);
      demo.kill();
    }
    assertTrue(killed, () -> seed + ": the work was done before it could be killed");
    assertEquals(List.of(data), Postmasters.below(here.directory()), seed);
  }

  private boolean reaches(MillraceProcess demo, RunningSimulator simulator, long delivered) {
    return demo.awaitWhileAlive(() -> simulator.delivered() >= delivered, Workplace.END);
  }

  private List<String> holdsEachMessageOnce(Path data, Summary summary) {
    assertEquals(List.of(), Postmasters.below(here.directory()), seed);
    try (KeptData kept = KeptData.open(data)) {
      String messages = "select count(*) from message";
      assertEquals(summary.stored(), kept.count(messages), seed);
      assertEquals(
          summary.stored(), kept.count("select count(distinct (user_id, id)) from message"), seed);
      assertEquals(summary.stored(), kept.count("select count(*) from interaction"), seed);
      assertEquals(
          0,
          kept.count(
              """
              select count(*) from message m
              where not exists (select from interaction i
                                where i.user_id = m.user_id and i.message_id = m.id)"""),
          seed);
      return kept.rows(CONTACTS);
    }
  }

  private RunningSimulator simulator(String faults) {
    return here.simulator(options(faults));
  }

  private static Object[] options(String faults) {
    return new Object[] {
      "--profile=2026-05",
      "--time-scale=20",
      "--faults=" + faults,
      "--mailboxes=" + MAILBOXES,
      "--messages=" + MESSAGES
    };
  }

  private static Object[] demo(RunningSimulator simulator, Path data) {
    return new Object[] {
      "--simulator", simulator.root(), "--profile=2026-05", "--time-scale=20", "--data", data
    };
  }
}
