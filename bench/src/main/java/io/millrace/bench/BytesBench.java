package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code bytes}: what comes over the network for a message, as the socket sees it, when only
 * headers are fetched and when all is.
 */
@Command(name = "bytes")
final class BytesBench extends Benchmark {
  private static final long END_SECONDS = 600;

  @Option(names = "--mailboxes", paramLabel = "N", description = "Generated mailboxes (8).")
  int mailboxes = 8;

  @Option(names = "--messages", paramLabel = "N", description = "Messages in each (500).")
  int messages = 500;

  @Override
  String name() {
    return "bytes";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode figures = Result.JSON.createObjectNode();
    figures.put("name", name());
    ObjectNode generated = compare(List.of("--mailboxes=" + mailboxes, "--messages=" + messages));
    ObjectNode real = compare(List.of("--mbox=" + RealMail.file()));
    figures.set("ratio", generated.get("ratio"));
    figures.set("realMailRatio", real.get("ratio"));
    figures.set("generated", generated);
    figures.set("realMail", real);
    figures.set("machine", Machine.describe());
    return figures;
  }

  private ObjectNode compare(List<String> mail) throws Exception {
    ObjectNode pair = Result.JSON.createObjectNode();
    double metadata = bytes("metadata", mail);
    double full = bytes("full", mail);
    pair.set("ratio", Result.figure(full / metadata));
    pair.set("metadataBytesPerMessage", Result.figure(metadata));
    pair.set("fullBytesPerMessage", Result.figure(full));
    return pair;
  }

  private double bytes(String format, List<String> mail) throws Exception {
    try (Scope scope = new Scope()) {
      Path work = scope.directory();
      SimulatorProcess simulator = SimulatorProcess.unlimited(scope, work, mail);
      Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
      DemoProcess.End end =
          DemoProcess.start(
                  scope,
                  work,
                  simulator,
                  postgres,
                  new DemoProcess.Setting("unlimited", 1, format, List.of()))
              .end(END_SECONDS);
      if (!end.complete()) {
        throw new BenchException("The sync was not complete: " + end.summary());
      }
      JsonNode received = end.summary().path("bytesReceived");
      double each = received.asDouble() / postgres.number("select count(*) from message");
      say("%s of %s: %,.0f bytes a message".formatted(format, mail, each));
      return each;
    }
  }
}
