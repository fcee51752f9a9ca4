package io.millrace.bench.peer;

/**
 * The database of one job system.
 *
 * @param server {@code host:port}
 * @param name of the database
 */
record Address(String server, String name, String user, String password) {
  /** As the harness says. */
  static Address ofEnvironment() {
    return new Address(
        System.getenv("BENCH_SERVER"),
        System.getenv("BENCH_DATABASE"),
        System.getenv("BENCH_USER"),
        System.getenv("BENCH_PASSWORD"));
  }

  /** For Vert.x and others that want no driver in it. */
  String uri() {
    return "postgresql://%s@%s/%s".formatted(user, server, name);
  }

  String jdbc() {
    return "jdbc:postgresql://%s/%s".formatted(server, name);
  }
}
