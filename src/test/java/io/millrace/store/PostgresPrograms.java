package io.millrace.store;

import java.io.IOException;
import java.util.List;

/** PostgreSQL's bundled programs, for tests that start and kill servers of their own. */
public final class PostgresPrograms {
  private PostgresPrograms() {}

  /** The beginning of a command line. */
  public static List<String> command(String program) throws IOException {
    return PostgresBinaries.unpacked().command(program);
  }
}
