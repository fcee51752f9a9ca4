package io.millrace.bench.peer;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/**
 * The database of one job system.
 *
 * @param server {@code host:port}
 * @param name of the database
 */
public record Address(String server, String name, String user, String password) {
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
    return "jdbc:postgresql://%s/%s?reWriteBatchedInserts=true".formatted(server, name);
  }

  /** Connections for systems that want JDBC. */
  HikariDataSource pool(int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(jdbc());
    config.setUsername(user);
    config.setPassword(password);
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }
}
