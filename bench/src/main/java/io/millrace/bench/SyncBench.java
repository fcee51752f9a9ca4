package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code sync}: mailboxes from the simulator into PostgreSQL without a quota, every derived job
 * done; then the same with nothing derived, and with full bodies. The whole of each run counts,
 * warming up included.
 */
@Command(name = "sync")
final class SyncBench extends Benchmark {
  @Option(names = "--mailboxes", paramLabel = "N", description = "Mailboxes (50).")
  int mailboxes = 50;

  @Option(names = "--messages", paramLabel = "N", description = "Messages in each (5,000).")
  int messages = 5_000;

  @Option(
      names = "--storing",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Measure fetching and storing without derived jobs as well, or not.")
  boolean storing;

  @Option(
      names = "--full",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Measure full bodies as well, or not.")
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
    if (storing) {
      say("%d mailboxes of %d messages, nothing derived".formatted(mailboxes, messages));
      try (Scope own = new Scope()) {
        double rate =
            new SyncRun(mailboxes, messages, "metadata", seed, javaOptions, null, false)
                .storing(own);
        figures.set("fetchStorePerSecond", Result.figure(rate));
      }
    }
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
