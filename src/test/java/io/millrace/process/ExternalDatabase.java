package io.millrace.process;

import io.millrace.store.EmbeddedDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;

/** A PostgreSQL that the Millrace under test did not start, as in production. */
record ExternalDatabase(EmbeddedDatabase server) implements AutoCloseable {
  static ExternalDatabase start(Path directory) {
    return new ExternalDatabase(EmbeddedDatabase.start(directory));
  }

  int port() {
    return server.port();
  }

  String password() {
    return server.password();
  }

  @Override
  public void close() {
    server.stop();
  }

  /** A port at which nobody listens. */
  static int closedPort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  static Settings at(int port, String password) {
    return new Settings(port, password);
  }

  /** How a Millrace is told of it. */
  record Settings(int port, String password) {
    /** Starts a command with a configuration that names the database. */
    MillraceProcess start(Workplace here, Object... command) throws IOException {
      return start(here, (Path) null, command);
    }

    /** With more on the class path. */
    MillraceProcess start(Workplace here, Path classes, Object... command) throws IOException {
      Path conf =
          here.file(
              "external.json",
              """
              {"database": {"uri": "postgresql://millrace@127.0.0.1:%d/postgres"},
               "google": {"rootUrl": "http://127.0.0.1:9/", "tokenUrl": "http://127.0.0.1:9/token"},
               "console": {"port": 0}}
              """
                  .formatted(port));
      Map<String, String> environment =
          Map.of(
              "APP_ENCRYPTION_KEY",
              Base64.getEncoder().encodeToString(new byte[32]),
              "MILLRACE_DATABASE_PASSWORD",
              password);
      return here.start(
          256,
          classes,
          environment,
          Stream.concat(Stream.of(command), Stream.of("--conf", conf)).toArray());
    }
  }
}
