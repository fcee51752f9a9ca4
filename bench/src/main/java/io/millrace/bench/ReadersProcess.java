package io.millrace.bench;

import io.millrace.bench.peer.Readers;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Open consoles in a process of their own, and the commands that it obeys. Used by one thread. */
final class ReadersProcess implements AutoCloseable {
  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader answers;

  private ReadersProcess(Process process) {
    this.process = process;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts it; what it says to a person goes to a file. */
  static ReadersProcess start(Path directory) throws IOException {
    List<String> line =
        List.of(
            Home.java().toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Readers.class.getName());
    return new ReadersProcess(
        new ProcessBuilder(line).redirectError(directory.resolve("readers.err").toFile()).start());
  }

  double cpuSeconds() {
    return CpuClock.of(process.pid());
  }

  /** Opens consoles; returns when each of them hears what happens. */
  void open(int port, int consoles) throws IOException {
    ask("open %d %d".formatted(port, consoles), "opened");
  }

  /** Closes the consoles; tells what they have read. */
  String leave() throws IOException {
    String[] read = ask("close", "closed").split(" ", -1);
    return "%s events, %s bytes, %s answers of which %s unchanged and %s refused"
        .formatted((Object[]) read);
  }

  private String ask(String command, String word) throws IOException {
    commands.write(command);
    commands.newLine();
    commands.flush();
    String answer = answers.readLine();
    if (answer == null || !answer.startsWith(word)) {
      throw new BenchException("The readers should have said " + word + ", not " + answer + ".");
    }
    return answer.substring(word.length()).strip();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
