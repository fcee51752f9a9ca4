package io.millrace.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories of databases that nobody wants to keep. Their names tell which process made them, so
 * that what a killed one left behind, its server included, can be told and cleared away.
 */
final class TemporaryDirectories {
  private static final Logger log = LoggerFactory.getLogger(TemporaryDirectories.class);
  private static final Pattern NAME = Pattern.compile("millrace-(\\d+)-.*");
  private static final int MOST = 100;

  private TemporaryDirectories() {}

  /** A new one that is this process's. */
  static Path fresh() throws IOException {
    return Files.createTempDirectory("millrace-" + ProcessHandle.current().pid() + "-");
  }

  /**
   * Clears away what killed processes left behind, at most {@value #MOST} of them. What cannot be
   * cleared is told and left alone.
   */
  static void clear(PostgresBinaries binaries) throws IOException {
    for (Path directory : abandoned()) {
      try {
        List<String> stop = new ArrayList<>(binaries.command("pg_ctl"));
        stop.addAll(List.of("-D", directory.resolve("pg").toString(), "-m", "immediate"));
        stop.addAll(List.of("-w", "-t", "10", "stop"));
        Process process =
            new ProcessBuilder(stop)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(15, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
        delete(directory);
        log.info("cleared away {}, which a killed process had left", directory);
      } catch (IOException e) {
        log.warn("{} could not be cleared away: {}", directory, Reason.of(e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Removes a directory with all that is in it, if it is there. */
  static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static List<Path> abandoned() throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(TemporaryDirectories::abandoned).limit(MOST).toList();
    }
  }

  private static boolean abandoned(Path directory) {
    Matcher name = NAME.matcher(directory.getFileName().toString());
    return name.matches()
        && name.group(1).length() < 19
        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
        && Files.isDirectory(directory.resolve("pg"))
        && Files.isWritable(directory);
  }
}
