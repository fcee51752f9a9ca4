package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code sync}: mailboxes from the simulator into PostgreSQL without a quota, every derived job
 * done. The whole run counts, warming up included.
 */
@Command(name = "sync")
final class SyncBench extends Benchmark {
  @Option(names = "--mailboxes", paramLabel = "N", description = "Mailboxes (50).")
  int mailboxes = 50;

  @Option(names = "--messages", paramLabel = "N", description = "Messages in each (2,000).")
  int messages = 2_000;

  @Option(names = "--full", description = "Then measure full bodies as well.")
  boolean full;

  @Option(
      names = "--full-messages",
      paramLabel = "N",
      description = "Messages in each mailbox for that (400).")
  int fullMessages = 400;

  @Option(names = "--seed", paramLabel = "N", description = "What the mail is made from (1).")
  long seed = 1;

  @Option(
      names = "--java-option",
      paramLabel = "OPTION",
      description = "For Millrace's process, such as -Xmx256m; repeatable.")
  List<String> javaOptions = new ArrayList<>();

  @Option(
      names = "--jfr",
      paramLabel = "FILE",
      description = "Record Millrace's process with JDK Flight Recorder.")
  Path jfr;

  @Option(
      names = "--statements",
      description = "Add which statements PostgreSQL's sessions were at, and what they waited for.")
  boolean statements;

  @Override
  String name() {
    return "sync";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    ObjectNode figures = run("metadata", messages, machine);
    if (full) {
      ObjectNode bodies = run("full", fullMessages, machine);
      figures.set("fullMessagesPerSecond", bodies.get("messagesPerSecond"));
      figures.set("full", bodies);
    }
    figures.set("machine", machine);
    return figures;
  }

  private ObjectNode run(String format, int each, ObjectNode machine) throws Exception {
    say("%d mailboxes of %d messages, %s".formatted(mailboxes, each, format));
    try (Scope scope = new Scope()) {
      return new SyncRun(mailboxes, each, format, seed, javaOptions, jfr, statements)
          .measure(scope, machine);
    }
  }

  @Override
  boolean sound(ObjectNode figures) {
    return figures.path("complete").asBoolean()
        && (!full || figures.at("/full/complete").asBoolean());
  }
}
