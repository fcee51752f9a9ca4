package io.millrace.bench;

import io.millrace.store.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The embedded PostgreSQL with its own settings, but owned by the harness: so it is still there to
 * be asked when Millrace has ended.
 */
final class Postgres implements AutoCloseable {
  private final EmbeddedDatabase server;
  private final long pid;

  private Postgres(EmbeddedDatabase server, long pid) {
    this.server = server;
    this.pid = pid;
  }

  /** Starts one with fresh data. */
  static Postgres start(Path directory) throws IOException {
    EmbeddedDatabase server = EmbeddedDatabase.start(directory);
    String first = Files.readAllLines(directory.resolve("pg/postmaster.pid")).get(0);
    return new Postgres(server, Long.parseLong(first.strip()));
  }

  /** For {@code database.uri}. */
  String uri() {
    return "postgresql://millrace@127.0.0.1:%d/postgres".formatted(server.port());
  }

  String password() {
    return server.password();
  }

  /** CPU seconds of the server and all its processes. */
  double cpuSeconds() {
    return CpuClock.ofFamily(pid);
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?currentSchema=millrace".formatted(server.port()),
        "millrace",
        server.password());
  }

  /** The single value of a query, as text. */
  String ask(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    } catch (SQLException e) {
      throw new BenchException("PostgreSQL refused \"%s\": %s".formatted(sql, e.getMessage()));
    }
  }

  /** The single value of a query, as a number; not a number if it is null. */
  double number(String sql) {
    String text = ask(sql);
    return text == null ? Double.NaN : Double.parseDouble(text);
  }

  @Override
  public void close() {
    server.stop();
  }
}
