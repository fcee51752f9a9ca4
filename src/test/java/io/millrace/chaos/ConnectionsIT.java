package io.millrace.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Between engine and database the network cuts, swallows answers, stalls and refuses. */
@Timeout(90)
@Tag("slow")
class ConnectionsIT {
  private static final Duration SOON = Duration.ofSeconds(20);

  @RegisterExtension final Stage here = new Stage();

  @Test
  void connectionsCutOneByOne() throws Exception {
    WorkerProcess worker = here.worker().ready();
    here.proxy().delay(Duration.ofMillis(1));
    work(400, 20);
    here.oracle().underWay(20);
    for (int i = 0; i < 40; i++) {
      int cuts = i;
      Await.until(SOON, worker::log, here.proxy()::cutOne);
      Await.until(SOON, worker::log, () -> here.proxy().accepted() > cuts);
      Await.last(Duration.ofMillis(25));
    }
    here.oracle().settled(SOON);
    worker.says("WARN .*(no claim|wait for the database|tried again)", SOON);
  }

  /**
   * Sometimes in the middle of the answer to a commit: the engine must find out what became of it.
   */
  @Test
  void connectionsCutAllAtOnce() throws Exception {
    WorkerProcess worker = here.worker().ready();
    work(400, 10);
    for (int times = 1; times <= 4; times++) {
      here.oracle().underWay(times * 40);
      here.proxy().cutAll();
      here.proxy().cutInAnswersWith("COMMIT", 3);
      Await.until(SOON, here.oracle()::situation, () -> here.proxy().answersToCut() == 0);
    }
    here.oracle().settled(SOON);
    assertTrue(worker.alive());
  }

  /**
   * The jobs are this worker's, who does not know it: they must come back before their deadline,
   * which is a minute ahead.
   */
  @Test
  void theAnswerToAClaimIsCutOff() throws Exception {
    here.worker("timeoutMs=60000").ready();
    here.proxy().cutInAnswersWith("\"ms\"", 2);
    work(40, 0);
    Await.until(SOON, here.oracle()::situation, () -> here.proxy().answersToCut() == 0);
    here.oracle().settled(SOON);
  }

  /** Longer than the lease: others do the work, and it comes back by itself. */
  @Test
  void theNetworkStallsAndGoesOn() throws Exception {
    WorkerProcess stalled = here.worker("leaseMs=1500").ready();
    here.workerAt(here.server().port(), "leaseMs=1500").ready();
    work(300, 40);
    here.oracle().underWay(30);
    here.proxy().stall();
    here.oracle().underWay(200);
    Await.until(
        SOON,
        here.oracle()::situation,
        () -> here.server().number("select count(*) from worker where expires_at < clock()") == 1);
    here.proxy().resume();
    here.oracle().settled(SOON);
    stalled.says("lease had run out", SOON);
    int before = stalled.began().size();
    work(300, 20);
    here.oracle().settled(SOON);
    assertTrue(stalled.began().size() > before, stalled.log());
  }

  /** Its sessions hold locks on what it ran; that must not keep others from it. */
  @Test
  void oneThatStallsInATransactionLosesItsRuns() throws Exception {
    WorkerProcess stalled = here.worker("leaseMs=1500").ready();
    here.enqueue("held", 4, 1_000);
    Await.until(
        SOON,
        here.oracle()::situation,
        () ->
            here.server()
                    .number("select count(*) from pg_stat_activity where wait_event = 'PgSleep'")
                == 4);
    here.proxy().stall();
    here.workerAt(here.server().port(), "leaseMs=1500").ready();
    here.oracle().settled(SOON);
    here.proxy().resume();
    stalled.says("lease had run out", SOON);
    here.oracle().settled(SOON);
  }

  /** As behind a firewall that forgot them: no byte, no end. Whoever waits, waits for ever. */
  @Test
  void connectionsThatNobodyAnswersAreGivenUp() throws Exception {
    WorkerProcess worker = here.worker("leaseMs=1500", "timeoutMs=4000").ready();
    work(100, 20);
    here.oracle().underWay(20);
    here.proxy().abandon();
    here.oracle().settled(Duration.ofSeconds(45));
    assertTrue(worker.alive());
  }

  @Test
  void toldToStopWhileTheDatabaseIsAwayItEnds() throws Exception {
    WorkerProcess worker = here.worker().ready();
    work(100, 100);
    here.oracle().underWay(5);
    here.proxy().refuse(true);
    here.proxy().cutAll();
    worker.says("WARN ", SOON);
    worker.terminate();
    assertEquals(128 + 15, worker.exits(Duration.ofSeconds(22)), worker.log());
    here.proxy().refuse(false);
    here.worker().ready();
    here.oracle().settled(SOON);
  }

  private void work(int count, long ms) throws Exception {
    here.enqueue("once", count / 2, ms);
    here.enqueue("plain", count - count / 2, ms);
  }
}
