package io.millrace.store;

import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.util.Locale;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.postgresql.ds.PGSimpleDataSource;

/** Brings the schema {@code millrace} up to date. Blocks: call it from a worker thread. */
final class Migrations {
  /** Hash partitions of the table of messages. */
  private static final int PARTITIONS = 8;

  private Migrations() {}

  static void migrate(PgConnectOptions options) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {options.getHost()});
    source.setPortNumbers(new int[] {options.getPort()});
    source.setDatabaseName(options.getDatabase());
    source.setUser(options.getUser());
    source.setPassword(options.getPassword());
    source.setConnectTimeout(10);
    if (options.getSslMode() != null && options.getSslMode() != SslMode.DISABLE) {
      source.setSslMode(options.getSslMode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    try {
      FluentConfiguration flyway =
          Flyway.configure()
              .dataSource(source)
              .schemas("millrace")
              .defaultSchema("millrace")
              .placeholders(Map.of("partitions", Integer.toString(PARTITIONS)))
              .locations("classpath:db/migration")
              .failOnMissingLocations(true);
      flyway.load().migrate();
    } catch (FlywayException e) {
      Throwable cause = e;
      while (cause.getCause() != null && cause.getCause() != cause) {
        cause = cause.getCause();
      }
      throw new DatabaseException(
          "The database at %s:%d cannot be brought up to date: %s"
              .formatted(options.getHost(), options.getPort(), firstLines(cause.getMessage())),
          e);
    }
  }

  private static String firstLines(String message) {
    String text = message == null ? "no reason given" : message.strip().replaceAll("\\s+", " ");
    return text.length() > 400 ? text.substring(0, 400) + "…" : text;
  }
}
