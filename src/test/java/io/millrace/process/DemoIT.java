package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The demo to its end: everything that Gmail lists is in the database. */
@Timeout(200)
class DemoIT {
  private static final String THREADS = "select count(distinct (user_id, thread_id)) from ";
  private static final String SPAM = "select count(*) from message where 'SPAM' = any(label_ids)";

  @RegisterExtension final Workplace here = new Workplace();

  @Test
  void realMailIsStoredWholeAndStaysSo() {
    Path data = here.fresh("data");
    Object[] arguments = {
      "--mbox", Workplace.realMail(), "--profile", "unlimited", "--time-scale", 20, "--data", data
    };
    MillraceProcess first = here.demo(arguments).ends(0, Workplace.END);
    Summary summary = Summary.of(first);
    assertEquals(1, summary.get("mailboxes"));
    assertEquals(1_400, summary.listed());
    assertEquals(1_400, summary.stored());
    assertEquals(0, summary.throttled());
    assertTrue(first.err().contains("mail1@example.com 100.0% 1400/1400 in sync"), first.err());

    Summary again = here.complete(arguments);
    // The same mail to the last count; what it cost has grown by the check that nothing is missing:
    // the profile, the history, three pages of the listing, the labels and a page of each of them.
    assertEquals(summary.totals().subList(0, 9), again.totals().subList(0, 9));
    assertEquals(summary.get("unitsSpent") + 1 + 2 + 3 * 5 + 1 + 16 * 5, again.get("unitsSpent"));

    try (KeptData kept = KeptData.open(data)) {
      assertEquals(1_400, kept.count("select count(*) from message"));
      assertEquals(675, kept.count(THREADS + "message"));
      assertEquals(675, kept.count(THREADS + "interaction"));
      assertEquals(0, kept.count(SPAM));
      assertEquals(summary.get("contacts"), kept.count("select count(*) from contact"));
    }
  }

  @Test
  void spamAndTrashAreStoredWhereTheyAreWanted() {
    Path data = here.fresh("data");
    Object[] arguments = {
      "--mbox", Workplace.realMail(), "--profile=unlimited", "--include-spam-trash", "--data", data
    };
    Summary summary = here.complete(arguments);
    assertEquals(1_900, summary.listed());
    assertEquals(1_900, summary.stored());
    try (KeptData kept = KeptData.open(data)) {
      assertEquals(1_175, kept.count(THREADS + "message"));
      assertEquals(500, kept.count(SPAM));
    }
  }

  @Test
  void withoutFaultsNothingIsThrottled() {
    Summary summary = here.complete("--profile", "legacy", "--time-scale", 20, "--mailboxes", 4);
    assertEquals(0, summary.throttled());
    assertEquals(2_000, summary.listed());
    assertEquals(2_000, summary.stored());
  }

  @Test
  void harshFaultsLoseNothingAndAreCountedAsTheSimulatorCountsThem() {
    RunningSimulator simulator =
        here.simulator(
            "--profile=legacy",
            "--time-scale=20",
            "--faults=harsh",
            "--mailboxes=4",
            "--messages=300");
    Summary summary =
        here.complete("--simulator", simulator.root(), "--profile", "legacy", "--time-scale", 20);
    assertTrue(summary.listed() > 1_000, summary.json()::encode);
    assertEquals(simulator.report().getLong("throttled"), summary.throttled());
    assertEquals(simulator.report().getLong("permanentlyBad"), summary.get("permanentlyBad"));
  }

  @Test
  void anEmptyMailboxIsComplete() {
    assertEquals(0, here.complete("--mailboxes", 1, "--messages", 0).listed());
  }

  @Test
  void oneMessageIsComplete() {
    assertEquals(1, here.complete("--mailboxes", 1, "--messages", 1).stored());
  }

  @Test
  @Tag("slow")
  void aThousandMailboxesAreSyncedAtOnce() {
    Summary summary =
        here.complete("--mailboxes", 1_000, "--messages", 20, "--profile", "unlimited");
    assertEquals(1_000, summary.get("mailboxes"));
    assertEquals(20_000, summary.listed());
    assertEquals(20_000, summary.stored());
  }
}
