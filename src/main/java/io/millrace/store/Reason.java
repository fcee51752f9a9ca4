package io.millrace.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/** Why something on the disk failed, in words. */
final class Reason {
  private static final int TAIL_BYTES = 2_000;

  private Reason() {}

  static String of(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "no permission for " + e.getMessage();
    }
    if (e instanceof NoSuchFileException) {
      return "there is no " + e.getMessage();
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return e.getMessage() + " is not a directory";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** The last meaningful lines of a program's output, on one line. */
  static String tail(Path output) throws IOException {
    byte[] bytes = Files.readAllBytes(output);
    int from = Math.max(0, bytes.length - TAIL_BYTES);
    List<String> lines =
        new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .filter(l -> !l.isEmpty())
            .toList();
    return String.join(" ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }
}
