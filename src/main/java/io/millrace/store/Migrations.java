package io.millrace.store;

import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.postgresql.ds.PGSimpleDataSource;

/** Brings the schema {@code millrace} up to date. Blocks: call it from a worker thread. */
final class Migrations {
  /** Hash partitions of the table of messages. */
  private static final int PARTITIONS = 8;

  /** No row where the job tables are not there yet. */
  private static final String PARTITIONS_MADE =
      """
      select greatest(1, count(i.inhrelid))
        from pg_class c left join pg_inherits i on i.inhparent = c.oid
       where c.oid = to_regclass('millrace.job_ready')
       group by c.oid""";

  private Migrations() {}

  /**
   * @param hashPartitions of the hot job tables, which cannot change later: a database that was
   *     made with another number is refused before anything is changed
   */
  static void migrate(PgConnectOptions options, int hashPartitions) {
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
      requirePartitions(source, options, hashPartitions);
      FluentConfiguration flyway =
          Flyway.configure()
              .dataSource(source)
              .schemas("millrace")
              .defaultSchema("millrace")
              .placeholders(
                  Map.of(
                      "partitions", Integer.toString(PARTITIONS),
                      "hashPartitions", Integer.toString(hashPartitions)))
              .locations("classpath:db/migration")
              .failOnMissingLocations(true);
      flyway.load().migrate();
    } catch (FlywayException | SQLException e) {
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

  private static void requirePartitions(DataSource source, PgConnectOptions options, int wanted)
      throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet made = statement.executeQuery(PARTITIONS_MADE)) {
      if (made.next() && made.getInt(1) != wanted) {
        throw new DatabaseException(
            "The database at %1$s:%2$d was made with database.hashPartitions = %3$d, which cannot change later: set it to %3$d instead of %4$d, or begin with an empty database."
                .formatted(options.getHost(), options.getPort(), made.getInt(1), wanted));
      }
    }
  }

  private static String firstLines(String message) {
    String text = message == null ? "no reason given" : message.strip().replaceAll("\\s+", " ");
    return text.length() > 400 ? text.substring(0, 400) + "…" : text;
  }
}
