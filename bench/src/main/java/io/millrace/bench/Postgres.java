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
    return of(directory, EmbeddedDatabase.start(directory));
  }

  /**
   * Starts one that also counts what each statement costs and each within a function, in {@code
   * pg_stat_statements}.
   */
  static Postgres counting(Path directory) throws IOException {
    try (Postgres first = start(directory)) {
      first.run(
          "postgres",
          "alter system set shared_preload_libraries = 'pg_stat_statements'",
          "alter system set pg_stat_statements.track = 'all'",
          "alter system set pg_stat_statements.track_planning = on");
    }
    Postgres postgres = start(directory);
    postgres.run("postgres", "create extension pg_stat_statements");
    return postgres;
  }

  private static Postgres of(Path directory, EmbeddedDatabase server) throws IOException {
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

  /** {@code host:port}. */
  String address() {
    return "127.0.0.1:" + server.port();
  }

  /** How much it has written ahead so far, all databases together. */
  double walBytes() {
    return number("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')");
  }

  Connection connect() throws SQLException {
    return connect("postgres");
  }

  /** To one of its databases, where Millrace's schema comes first. */
  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://%s/%s?currentSchema=millrace,public".formatted(address(), database),
        "millrace",
        server.password());
  }

  /** Executes statements one by one, each in a transaction of its own. */
  void run(String database, String... statements) {
    for (String sql : statements) {
      try (Connection connection = connect(database);
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new BenchException("PostgreSQL refused \"%s\": %s".formatted(sql, e.getMessage()));
      }
    }
  }

  /** The single value of a query, as text. */
  String ask(String sql) {
    return ask("postgres", sql);
  }

  /** The same of another of its databases. */
  String ask(String database, String sql) {
    try (Connection connection = connect(database);
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
