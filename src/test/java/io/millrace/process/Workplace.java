package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives each test a directory of its own, and ends and removes all that the test has started. */
final class Workplace implements BeforeEachCallback, AfterEachCallback {
  /** Within this every process of the ordinary tests must have done its work. */
  static final Duration END = Duration.ofSeconds(150);

  private static final int HEAP = 384;

  private final List<MillraceProcess> started = new ArrayList<>();
  private Path directory;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory("millrace-process").toRealPath();
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    started.forEach(MillraceProcess::close);
    started.clear();
    List<Path> orphans = Postmasters.below(directory);
    for (Path data : orphans) {
      KeptData.open(data).close();
    }
    delete(directory);
    if (context.getExecutionException().isEmpty()) {
      assertEquals(List.of(), orphans, "database servers were left behind");
    }
  }

  Path directory() {
    return directory;
  }

  /** A path in the directory, at which nothing is yet. */
  Path fresh(String name) {
    return directory.resolve(name);
  }

  Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  MillraceProcess start(Object... arguments) {
    return start(HEAP, Map.of(), arguments);
  }

  MillraceProcess start(int heap, Map<String, String> environment, Object... arguments) {
    return start(heap, null, environment, arguments);
  }

  MillraceProcess start(
      int heap, Path classes, Map<String, String> environment, Object... arguments) {
    List<String> texts = Stream.of(arguments).map(Object::toString).toList();
    MillraceProcess process = MillraceProcess.start(directory, heap, classes, environment, texts);
    started.add(process);
    return process;
  }

  /** A demo that ends by itself and tells in JSON what it came to. */
  MillraceProcess demo(Object... arguments) {
    return demo(HEAP, List.of(arguments));
  }

  MillraceProcess demo(int heap, List<Object> arguments) {
    Stream<Object> common = Stream.of("demo", "--once", "--json", "--port", 0);
    return start(heap, Map.of(), Stream.concat(common, arguments.stream()).toArray());
  }

  /** Runs a demo to its end, which must be a good one. */
  Summary complete(Object... arguments) {
    return Summary.of(demo(arguments).ends(0, END));
  }

  /** A simulator in a process of its own. */
  RunningSimulator simulator(Object... arguments) {
    return simulatorAt(0, arguments);
  }

  RunningSimulator simulatorAt(int port, Object... arguments) {
    Stream<Object> common = Stream.of("sim", "--port", port);
    return RunningSimulator.of(start(Stream.concat(common, Stream.of(arguments)).toArray()));
  }

  /** The real mail that lies beside the checkout; without it the test is skipped. */
  static Path realMail() {
    String shared = System.getenv("MILLRACE_SHARED");
    Path mail =
        Path.of(shared == null ? "../shared" : shared, "data/mail/mail.mbox.gz").toAbsolutePath();
    assumeTrue(Files.isReadable(mail), "skipped: there is no real mail beside the checkout");
    return mail;
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
