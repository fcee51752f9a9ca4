package io.millrace.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The database goes away and comes back, in every way in which it can. */
@Timeout(200)
@Tag("slow")
class ServerIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String SAYS_SO = "WARN .*the database cannot be reached";

  @RegisterExtension final Stage here = new Stage();

  @Test
  void restarted() throws Exception {
    twoWorkersWhile(
        () -> {
          here.server().stop("fast");
          here.server().restart();
        });
    assertEquals(List.of(), here.oracle().strayTraces(), "printed past the log");
  }

  @Test
  void killed() throws Exception {
    twoWorkersWhile(
        () -> {
          here.server().kill();
          here.server().restart();
        });
  }

  /** The primary is killed; the replica, which has every answered commit, takes over. */
  @Test
  void failedOverToAStreamingReplica() throws Exception {
    PostgresServer replica =
        here.owned(
            here.server().startWithReplica(here.fresh("replica"), here.fresh("replica.log")));
    twoWorkersWhile(
        () -> {
          here.server().kill();
          // As an operator may have it: clients arrive before the new primary takes writes.
          here.server(replica);
          here.proxy().cutAll();
          Await.until(SOON, here.oracle()::situation, () -> here.oracle().said("read-only"));
          replica.promote();
        });
  }

  @Test
  void goneForAMinute() throws Exception {
    twoWorkersWhile(
        () -> {
          here.proxy().refuse(true);
          here.proxy().cutAll();
          Await.last(Duration.ofSeconds(60));
          here.proxy().refuse(false);
        });
  }

  /** Short of the lease, no job pays for it with an attempt. */
  @Test
  void goneForLessThanTheLease() throws Exception {
    WorkerProcess worker = here.worker("leaseMs=20000").ready();
    here.enqueue("plain", 100, 100);
    here.enqueue("steps", Collections.nCopies(8, EngineProcess.job("steps", 4, 20)));
    here.oracle().underWay(10);
    here.server().stop("immediate");
    worker.says(SAYS_SO, SOON);
    Await.last(Duration.ofSeconds(2));
    here.server().restart();
    here.oracle().settled(SOON);
    assertEquals(
        0,
        here.server()
            .number(
                "select count(*) from job_outcome o join job_kind k on k.id = o.kind where name = 'plain' and run > 1"),
        worker.log());
  }

  @Test
  void theDiskIsFull() throws Exception {
    Path disk = smallDisk(130);
    here.server().stop("fast");
    PostgresServer small = here.serverIn(disk.resolve("pg"));
    here.server(small);
    small.start("min_wal_size=32MB", "max_wal_size=32MB", "shared_buffers=32MB");
    WorkerProcess worker = here.worker("slots=4").ready();
    here.enqueue("plain", 4_000, 2);
    here.enqueue("once", 1_000, 2);
    here.oracle().underWay(50);
    Path ballast = disk.resolve("ballast");
    fill(ballast);
    worker.says("WARN .*(No space left|could not extend|53100)", Duration.ofSeconds(30));
    Await.last(Duration.ofSeconds(1));
    Files.delete(ballast);
    if (!small.alive()) {
      // It could not write its journal either.
      small.restart();
    }
    // Thousands of jobs are left, four at a time.
    here.oracle().settled(Duration.ofSeconds(60));
    assertTrue(worker.alive());
  }

  private interface Disturbance {
    void happens() throws Exception;
  }

  private void twoWorkersWhile(Disturbance disturbance) throws Exception {
    WorkerProcess one = here.worker();
    WorkerProcess other = here.worker();
    one.ready();
    other.ready();
    here.enqueue("once", 300, 30);
    here.enqueue("plain", 300, 30);
    here.enqueue("steps", Collections.nCopies(8, EngineProcess.job("steps", 8, 100)));
    here.oracle().underWay(40);
    disturbance.happens();
    here.oracle().settled(SOON);
    for (WorkerProcess worker : List.of(one, other)) {
      assertTrue(worker.alive());
      worker.says(SAYS_SO, SOON);
    }
  }

  /** A file system of its own, which only root can mount. */
  private Path smallDisk(int megabytes) throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "skipped: only root can mount the small disk that is to be filled");
    Path disk = Files.createDirectory(here.fresh("disk"));
    here.owned(() -> run("umount", "-l", disk.toString()));
    run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", disk.toString());
    return disk;
  }

  private static void run(String... line) throws Exception {
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e.getMessage());
    }
  }
}
