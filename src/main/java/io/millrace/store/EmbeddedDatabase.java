package io.millrace.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of our own, for those who configured none: durable settings, a password,
 * loopback only.
 *
 * <p>One living Millrace owns a data directory, by a file lock that the operating system drops when
 * the process dies. The server itself outlives a killed owner; the next owner adopts it. Everything
 * here blocks: call it from a worker thread.
 */
public final class EmbeddedDatabase {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);
  private static final long NEEDED_BYTES = 256L << 20;
  private static final long SETTLE_SECONDS = 60;
  private static final Map<String, String> SERVER =
      Map.of(
          "listen_addresses", "127.0.0.1",
          "unix_socket_directories", "",
          "timezone", "UTC",
          "max_connections", "100",
          "shared_buffers", "256MB",
          "max_wal_size", "2GB",
          "checkpoint_timeout", "15min",
          "jit", "off",
          "random_page_cost", "1.1",
          "log_timezone", "UTC");

  private final Path directory;
  private final boolean temporary;
  private final FileChannel lockFile;
  private final FileLock lock;
  private PostgresBinaries binaries;
  private int port;
  private String password;

  private EmbeddedDatabase(Path directory, boolean temporary, FileChannel lockFile, FileLock lock) {
    this.directory = directory;
    this.temporary = temporary;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Starts the server that keeps its data in a directory, or adopts it where it still runs.
   *
   * @param directory made if it is not there; null for a temporary one that {@link #stop} removes
   * @throws DatabaseException with one sentence for a person, if it cannot
   */
  public static EmbeddedDatabase start(Path directory) {
    EmbeddedDatabase database = null;
    try {
      boolean temporary = directory == null;
      Path home = temporary ? TemporaryDirectories.fresh() : Files.createDirectories(directory);
      database = locked(home.toAbsolutePath(), temporary);
      database.check();
      database.binaries = PostgresBinaries.unpacked();
      if (temporary) {
        TemporaryDirectories.clear(database.binaries);
      }
      database.password = database.secret("password");
      database.launch();
      return database;
    } catch (IOException e) {
      if (database != null) {
        database.unlock();
      }
      throw new DatabaseException(
          "The data directory %s cannot be used: %s.".formatted(directory, Reason.of(e)), e);
    } catch (DatabaseException e) {
      if (database != null) {
        database.unlock();
      }
      throw e;
    }
  }

  private static EmbeddedDatabase locked(Path home, boolean temporary) throws IOException {
    FileChannel file =
        FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      file.close();
      throw new DatabaseException(
          "The data directory %s is in use by another Millrace that is running: stop it, or choose another directory."
              .formatted(home));
    }
    return new EmbeddedDatabase(home, temporary, file, lock);
  }

  private Path cluster() {
    return directory.resolve("pg");
  }

  private void check() throws IOException {
    Path version = cluster().resolve("PG_VERSION");
    if (Files.exists(version)) {
      String found = Files.readString(version).strip();
      if (!found.equals(PostgresBinaries.MAJOR)) {
        throw new DatabaseException(
            "The data directory %s was written by PostgreSQL %s and this Millrace brings PostgreSQL %s: move the data with pg_upgrade or pg_dump, or choose another directory."
                .formatted(directory, found, PostgresBinaries.MAJOR));
      }
    } else if (Files.exists(cluster())) {
      throw new DatabaseException(
          "%s is there but holds no PostgreSQL data: choose an empty directory."
              .formatted(cluster()));
    }
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < NEEDED_BYTES) {
      throw new DatabaseException(
          "The disk of the data directory %s has %d MB left and the database needs at least %d MB: free some space, or choose another directory."
              .formatted(directory, free >> 20, NEEDED_BYTES >> 20));
    }
  }

  private void launch() throws IOException {
    if (!Files.exists(cluster())) {
      initialise();
    }
    int running = runningPort();
    if (running > 0) {
      port = running;
      log.info("adopted the database server that a killed process left running, port {}", port);
      return;
    }
    Files.deleteIfExists(cluster().resolve("postmaster.pid"));
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    StringBuilder options = new StringBuilder("-p " + port);
    SERVER.forEach((k, v) -> options.append(" -c ").append(k).append("='").append(v).append('\''));
    Path serverLog = directory.resolve("postgres.log");
    Files.deleteIfExists(serverLog);
    command(
        "pg_ctl",
        List.of(
            "-D",
            cluster().toString(),
            "-l",
            serverLog.toString(),
            "-o",
            options.toString(),
            "-w",
            "-t",
            "60",
            "start"),
        serverLog);
  }

  /** In a directory beside, renamed when whole: a killed initdb leaves nothing half made. */
  private void initialise() throws IOException {
    Path fresh = directory.resolve("pg.new");
    TemporaryDirectories.delete(fresh);
    command(
        "initdb",
        List.of(
            "-D",
            fresh.toString(),
            "-U",
            "millrace",
            "-A",
            "scram-sha-256",
            "--pwfile",
            directory.resolve("password").toString(),
            "-E",
            "UTF8",
            "--no-locale",
            "--no-instructions"),
        null);
    Files.move(fresh, cluster());
  }

  /**
   * The port of a server that already runs on our data, or 0. One that is just coming up or going
   * down is waited for: two servers must never share a directory.
   */
  private int runningPort() throws IOException {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
    while (true) {
      Postmaster found = Postmaster.of(cluster());
      if (found == null || !found.alive()) {
        return 0;
      }
      if (found.ready()) {
        return found.port();
      }
      if (System.nanoTime() - giveUp > 0) {
        throw new DatabaseException(
            "The database server that a killed process left in %s (process %d) neither starts nor stops: end it."
                .formatted(directory, found.pid()));
      }
      found.awaitEnd(100);
    }
  }

  private void command(String program, List<String> arguments, Path serverLog) throws IOException {
    List<String> line = new ArrayList<>(binaries.command(program));
    line.addAll(arguments);
    Path output = Files.createTempFile(directory, program, ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().put("LC_ALL", "C");
      builder.environment().put("TZ", "UTC");
      Process process = builder.start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new DatabaseException(program + " did not end within 120 s.");
      }
      if (process.exitValue() != 0) {
        String said = serverLog != null && Files.exists(serverLog) ? Reason.tail(serverLog) : "";
        throw new DatabaseException(
            "The embedded database cannot start in %s: %s"
                .formatted(directory, said.isBlank() ? Reason.tail(output) : said));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseException("Interrupted while " + program + " ran.", e);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  /** A secret that was made for this directory once and is readable by its owner only. */
  public String secret(String name) {
    return Secrets.kept(directory.resolve(name));
  }

  /** Where the server listens on loopback. */
  public int port() {
    return port;
  }

  /** The password of its one role, {@code millrace}. */
  public String password() {
    return password;
  }

  /** Stops the server, and removes its directory if it was a temporary one. */
  public void stop() {
    try {
      command(
          "pg_ctl",
          List.of("-D", cluster().toString(), "-m", "fast", "-w", "-t", "60", "stop"),
          null);
    } catch (IOException | DatabaseException e) {
      log.warn("the embedded database did not stop cleanly: {}", e.getMessage());
    }
    unlock();
  }

  private void unlock() {
    try {
      lock.release();
      lockFile.close();
      if (temporary) {
        TemporaryDirectories.delete(directory);
      }
    } catch (IOException e) {
      log.warn("{} could not be given back: {}", directory, Reason.of(e));
    }
  }
}
