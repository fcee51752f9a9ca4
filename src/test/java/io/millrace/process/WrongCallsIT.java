package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A wrong call or surrounding is answered at once, with one clear sentence and status 2. */
@Timeout(120)
class WrongCallsIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension final Workplace here = new Workplace();

  @Test
  void anUnknownOption() {
    refused("no such option --mailbox; did you mean --mailboxes?", here.start("demo", "--mailbox"));
  }

  @Test
  void anMboxThatIsNotThere() {
    refused("--mbox nothing.mbox does not exist", here.start("demo", "--mbox", "nothing.mbox"));
  }

  @Test
  void anMboxThatIsNone() throws IOException {
    Path garbage = here.file("garbage.mbox", "no mail at all\n");
    refused(garbage + " cannot be read: no line begins a message", here.demo("--mbox", garbage));
  }

  @Test
  void anArchiveThatIsNone() throws IOException {
    Path garbage = here.file("garbage.mbox.gz", "not compressed\n");
    refused(garbage + " cannot be read: Not in GZIP format", here.demo("--mbox", garbage));
  }

  @Test
  void aPortInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      refused("ort " + port, here.start("sim", "--port", port));
      refused("ort " + port, here.start("demo", "--once", "--messages=1", "--port", port));
    }
  }

  @Test
  void aDataDirectoryThatIsAFile() throws IOException {
    Path file = here.file("file", "");
    refused("--data " + file + " is not a directory", here.demo("--data", file));
  }

  @Test
  void aDataDirectoryThatAnotherOneWorksOn() {
    Path data = here.fresh("data");
    MillraceProcess first =
        here.start("demo", "--messages=1", "--mailboxes=1", "--port=0", "--data", data);
    first.awaitError(Pattern.compile("Watch it live"), SOON);
    refused("is in use by another Millrace that is running", here.demo("--data", data));
    first.terminate();
    first.ends(MillraceProcess.TERMINATED, SOON);
  }

  @Test
  void dataOfAnotherPostgresql() throws IOException {
    Path cluster = Files.createDirectories(here.fresh("data").resolve("pg"));
    Files.writeString(cluster.resolve("PG_VERSION"), "14\n");
    refused("was written by PostgreSQL 14", here.demo("--data", cluster.getParent()));
  }

  @Test
  void aDiskThatIsFull() throws Exception {
    Path disk = Files.createDirectories(here.fresh("disk"));
    assumeTrue(
        succeeds("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk.toString()),
        "skipped: no small disk can be mounted here");
    try {
      refused("MB left and the database needs at least", here.demo("--data", disk.resolve("data")));
    } finally {
      succeeds("umount", disk.toString());
    }
  }

  @Test
  void aConfigurationWithAnUnknownKey() throws IOException {
    Path conf = here.file("conf.json", "{\"gmail\": {\"pagesize\": 100}}");
    refused("did you mean gmail.pageSize?", here.start("run", "--conf", conf));
  }

  @Test
  void aDatabaseThatIsDown() throws IOException {
    ExternalDatabase.Settings nowhere = ExternalDatabase.at(ExternalDatabase.closedPort(), "any");
    refused("refused", nowhere.start(here, "migrate"));
  }

  @Test
  void aDatabaseWithAnotherPassword() throws Exception {
    try (ExternalDatabase database = ExternalDatabase.start(here.fresh("elsewhere"))) {
      refused(
          "password authentication failed",
          ExternalDatabase.at(database.port(), "wrong").start(here, "migrate"));
    }
  }

  @Test
  void theDoctorSaysWhatToDo() throws Exception {
    ExternalDatabase.Settings nowhere = ExternalDatabase.at(ExternalDatabase.closedPort(), "any");
    MillraceProcess doctor = nowhere.start(here, "doctor");
    doctor.ends(2, SOON);
    List<String> lines = doctor.out().lines().toList();
    assertTrue(
        lines.stream().allMatch(l -> l.matches("[a-z ]+: (ok|NOT OK) \\(.+\\)")), doctor::out);
    assertTrue(
        lines.stream().anyMatch(l -> l.startsWith("database: NOT OK (") && l.contains("check")),
        doctor::out);
    assertFalse(doctor.out().contains("any"), doctor::out);

    MillraceProcess machine = nowhere.start(here, "doctor", "--json");
    assertFalse(new JsonObject(machine.ends(2, SOON).out()).getBoolean("ok"));
  }

  /** The sentence is there, no trace is, and standard output is left alone. */
  private static void refused(String sentence, MillraceProcess process) {
    process.ends(2, SOON);
    assertTrue(process.err().contains(sentence), process::err);
    long said = process.err().lines().filter(l -> l.startsWith("millrace")).count();
    assertEquals(1, said, process::err);
    assertFalse(
        process.err().contains("\tat ") || process.err().contains("Exception"), process::err);
    assertEquals("", process.out());
  }

  private static boolean succeeds(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS) && process.exitValue() == 0;
  }
}
