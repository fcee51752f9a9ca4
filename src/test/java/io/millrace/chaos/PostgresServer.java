package io.millrace.chaos;

import io.millrace.store.PostgresPrograms;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** A PostgreSQL that a test may stop, kill, start again and fail over; a child of the test. */
final class PostgresServer implements AutoCloseable {
  private static final Duration UP = Duration.ofSeconds(30);
  private static final List<String> SETTINGS =
      List.of(
          "listen_addresses=127.0.0.1",
          "unix_socket_directories=",
          "timezone=UTC",
          "log_timezone=UTC",
          "shared_buffers=64MB",
          "max_connections=60",
          "deadlock_timeout=100ms",
          // Processes die here, the machine does not: what a process has written stays.
          "fsync=off");

  private final Path cluster;
  private final Path log;
  private final String password;
  private final int port;
  private List<String> settings = List.of();
  private Process process;

  /**
   * A server that is not yet started.
   *
   * @param cluster its data directory
   */
  PostgresServer(Path cluster, Path log, String password) throws IOException {
    this.cluster = cluster;
    this.log = log;
    this.password = password;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  String password() {
    return password;
  }

  Path cluster() {
    return cluster;
  }

  boolean alive() {
    return process != null && process.isAlive();
  }

  /** Starts it, with settings besides the usual ones, and waits until it takes connections. */
  PostgresServer start(String... extra) {
    settings = List.of(extra);
    return restart();
  }

  /** Starts it as it was started before. */
  PostgresServer restart() {
    // Until the last backend of a killed server has ended, a new one refuses its memory.
    Await.until(UP, this::log, this::comesUp);
    return this;
  }

  private boolean comesUp() throws Exception {
    if (!alive()) {
      process = launch();
    }
    return number("select 1") == 1;
  }

  private Process launch() throws IOException {
    List<String> line = new ArrayList<>(PostgresPrograms.command("postgres"));
    line.addAll(List.of("-D", cluster.toString(), "-p", Integer.toString(port)));
    SETTINGS.forEach(s -> line.addAll(List.of("-c", s)));
    settings.forEach(s -> line.addAll(List.of("-c", s)));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("TZ", "UTC");
    return builder.start();
  }

  /**
   * Stops it and waits for its end.
   *
   * @param mode {@code fast} or {@code immediate}
   */
  void stop(String mode) throws Exception {
    control("-m", mode, "-w", "-t", "30", "stop");
    ended();
  }

  /** Ends the postmaster by -9; its backends notice and follow. */
  void kill() throws Exception {
    process.destroyForcibly();
    ended();
  }

  private void ended() throws InterruptedException {
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the server did not end\n" + log());
    }
  }

  /**
   * Stops it, copies it, and starts both: the copy follows by streaming, and no commit is answered
   * before the copy has it.
   */
  PostgresServer startWithReplica(Path copy, Path copyLog) throws Exception {
    stop("fast");
    copyTree(cluster, copy);
    PostgresServer replica = new PostgresServer(copy, copyLog, password);
    Files.createFile(copy.resolve("standby.signal"));
    start("synchronous_standby_names=*");
    replica.start(
        "primary_conninfo=host=127.0.0.1 port=%d user=millrace password=%s"
            .formatted(port, password));
    Await.until(
        UP,
        replica::log,
        () -> number("select count(*) from pg_stat_replication where sync_state = 'sync'") == 1);
    return replica;
  }

  /** Makes a replica a server of its own. */
  void promote() throws Exception {
    control("-w", "-t", "30", "promote");
  }

  private void control(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(PostgresPrograms.command("pg_ctl"));
    line.addAll(List.of("-D", cluster.toString()));
    line.addAll(List.of(arguments));
    Process pgCtl =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!pgCtl.waitFor(40, TimeUnit.SECONDS) || pgCtl.exitValue() != 0) {
      pgCtl.destroyForcibly();
      throw new AssertionError(line + " failed\n" + log());
    }
  }

  /** A session of a client that is not Millrace. */
  Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "millrace");
    properties.setProperty("password", password);
    properties.setProperty("currentSchema", "millrace");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("ApplicationName", "observer");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
  }

  long number(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** The first column. */
  List<String> rows(String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  void run(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  String log() {
    try {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }

  @Override
  public void close() {
    try {
      if (alive()) {
        stop("immediate");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new AssertionError("the server on " + cluster + " is left behind", e);
    }
  }

  /** Copies the data directory of a server that does not run. */
  static void copyTree(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(
                directory,
                to.resolve(from.relativize(directory)),
                StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
