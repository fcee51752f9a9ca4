package io.millrace.process;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The database servers that run now, found among the processes of this machine. */
final class Postmasters {
  private Postmasters() {}

  /** The data directories below a directory on which a server runs. */
  static List<Path> below(Path directory) {
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().command().filter(c -> c.endsWith("postgres")).isPresent())
        .flatMap(p -> Stream.of(p.info().arguments().orElse(new String[0])))
        .filter(argument -> argument.startsWith(directory + "/"))
        .map(argument -> Path.of(argument).getParent())
        .distinct()
        .toList();
  }
}
