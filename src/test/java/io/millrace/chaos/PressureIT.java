package io.millrace.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The database is there, but there is too little of it, or others stand in the way. */
@Timeout(150)
@Tag("slow")
class PressureIT {
  private static final Duration SOON = Duration.ofSeconds(25);

  @RegisterExtension final Stage here = new Stage();

  /**
   * Every connection is held by a handler for longer than the lease. The worker lives all the same:
   * its runs stay its own, and cost no attempt.
   */
  @Test
  void anExhaustedPoolCostsNoLease() throws Exception {
    String[] options = {"poolSize=4", "slots=12", "leaseMs=1500"};
    here.worker(options).ready();
    here.workerAt(here.server().port(), "leaseMs=1500", "kinds=plain").ready();
    here.enqueue("held", 12, 2_000);
    here.oracle().settled(SOON);
    assertEquals(
        0,
        here.server().number("select count(*) from job_outcome where run > 1 or failures > 0"),
        here.oracle()::situation);
  }

  @Test
  void theServerHasNoConnectionLeft() throws Exception {
    WorkerProcess worker = here.worker().ready();
    here.enqueue("once", 200, 20);
    here.enqueue("plain", 200, 20);
    here.oracle().underWay(40);
    try (Hogs hogs = new Hogs()) {
      here.proxy().refuse(true);
      here.proxy().cutAll();
      hogs.takeAll(here.server());
      here.proxy().refuse(false);
      worker.says("WARN .*(too many clients|remaining connection slots)", SOON);
    }
    here.oracle().settled(SOON);
  }

  @Test
  void handlersDeadlock() throws Exception {
    WorkerProcess worker = here.worker().ready();
    here.enqueue("deadlock", 16, 0);
    here.oracle().settled(SOON);
    worker.says("WARN .*(deadlock|40P01)", SOON);
    assertEquals(16, here.server().number("select taken from chaos.pair where id = 0"));
  }

  /** Every transaction of every engine is serializable, and many of them fail. */
  @Test
  void transactionsCannotBeSerialized() throws Exception {
    here.server().run("alter role millrace set default_transaction_isolation = 'serializable'");
    WorkerProcess one = here.worker("slots=4");
    WorkerProcess other = here.worker("slots=4");
    one.ready();
    other.ready();
    here.enqueue("once", 300, 0);
    here.enqueue("plain", 300, 0);
    here.enqueue("flaky", 50, 0);
    here.oracle().settled(SOON);
    assertTrue(
        (one.log() + other.log()).contains("could not serialize access"),
        "nothing failed, so nothing was shown");
  }

  /**
   * Work goes on while nothing that is dead can be removed; also when the planner has looked at
   * tables in which, at that moment, nobody lived: to read them from end to end is slow.
   */
  @Test
  void anIdleTransactionHoldsXmin() throws Exception {
    here.worker("slots=50").ready();
    try (Connection idle = here.server().connect();
        Statement statement = idle.createStatement()) {
      idle.setAutoCommit(false);
      statement.execute("set transaction isolation level repeatable read");
      statement.execute("create temporary table holder as select count(*) from job_ready");
      rounds(10);
      here.server().run("analyze");
      assertEquals(List.of(), readFromEndToEnd(), "plans that read what is dead");
      rounds(10);
    }
    rounds(2);
  }

  private void rounds(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      here.enqueue(i % 2 == 0 ? "plain" : "once", 1_000, 0);
      here.oracle().settled(SOON);
    }
  }

  /** What the fence does in every transaction of a handler. */
  private List<String> readFromEndToEnd() throws SQLException {
    return here
        .server()
        .rows(
            """
            explain select failures from job_running
             where user_id = 1 and id = 1 and run = 1 for update""")
        .stream()
        .filter(line -> line.contains("Seq Scan"))
        .toList();
  }

  /** Sessions of somebody else, as many as the server takes. */
  private static final class Hogs implements AutoCloseable {
    private final List<Connection> held = new ArrayList<>();

    private void takeAll(PostgresServer server) {
      try {
        while (true) {
          held.add(server.connect());
        }
      } catch (SQLException e) {
        assertEquals("53300", e.getSQLState(), e.getMessage());
      }
    }

    @Override
    public void close() throws SQLException {
      for (Connection each : held) {
        each.close();
      }
    }
  }
}
