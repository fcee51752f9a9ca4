package io.millrace;

import io.millrace.store.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Whether the database is there, new enough, in step with this version, and on time. */
final class DatabaseCheck {
  private static final int OLDEST = 15;

  /** Of the binaries that come along. */
  private static final String EMBEDDED = "17";

  private static final String ASK =
      """
      select current_setting('server_version_num')::int / 10000 as major,
             clock_timestamp() as now,
             to_regclass('millrace.flyway_schema_history') is not null as migrated
      """;

  private static final String ASK_MIGRATIONS =
      """
      select coalesce(bool_and(success), true) as well,
             coalesce(max(split_part(version, '.', 1)::int), 0) as version
      from millrace.flyway_schema_history
      where version is not null
      """;

  private final Vertx vertx;
  private final DatabaseSettings settings;

  DatabaseCheck(Vertx vertx, DatabaseSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
  }

  Future<List<Check>> examine() {
    if (settings.uri() == null) {
      return Future.succeededFuture(List.of(embedded()));
    }
    PgConnectOptions options = PgConnectOptions.fromUri(settings.uri());
    if (settings.password() != null) {
      options.setPassword(settings.password());
    }
    return PgConnection.connect(vertx, options)
        .timeout(Doctor.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .compose(
            connection ->
                ask(connection)
                    .timeout(Doctor.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .eventually(connection::close))
        .otherwise(
            e ->
                List.of(
                    Check.bad(
                        "database",
                        Redaction.text(settings.uri())
                            + " does not answer: "
                            + Doctor.reason(e)
                            + "; check database.uri, the password and that PostgreSQL runs")));
  }

  private static Future<List<Check>> ask(PgConnection connection) {
    Instant before = Instant.now();
    return connection
        .query(ASK)
        .execute()
        .compose(
            rows -> {
              Row row = rows.iterator().next();
              List<Check> checks = new ArrayList<>();
              checks.add(version(row.getInteger("major")));
              Instant theirs = row.get(OffsetDateTime.class, "now").toInstant();
              checks.add(
                  Doctor.clock(
                      "clock against database", theirs, before, Instant.now(), Duration.ZERO));
              return migrations(connection, row.getBoolean("migrated"))
                  .map(
                      check -> {
                        checks.add(check);
                        return checks;
                      });
            });
  }

  private static Check version(int major) {
    return major >= OLDEST
        ? Check.ok("database", "PostgreSQL " + major)
        : Check.bad("database", "PostgreSQL " + major + " is too old; use " + OLDEST + " or newer");
  }

  private static Future<Check> migrations(PgConnection connection, boolean migrated) {
    if (!migrated) {
      return Future.succeededFuture(
          Check.bad("migrations", "the schema is not there; run: millrace migrate"));
    }
    return connection
        .query(ASK_MIGRATIONS)
        .execute()
        .map(
            rows -> {
              Row row = rows.iterator().next();
              if (!row.getBoolean("well")) {
                return Check.bad("migrations", "one has failed; run: millrace migrate");
              }
              return current(row.getInteger("version"), NewestMigration.version());
            });
  }

  static Check current(int found, int newest) {
    if (found == newest) {
      return Check.ok("migrations", "version " + found);
    }
    return found < newest
        ? Check.bad(
            "migrations", "at version %d of %d; run: millrace migrate".formatted(found, newest))
        : Check.bad(
            "migrations",
            "at version %d, this Millrace knows %d; use a newer one".formatted(found, newest));
  }

  private Check embedded() {
    Path directory = settings.directory();
    if (directory == null) {
      return Check.ok("database", "embedded, temporary");
    }
    Path version = directory.resolve("pg").resolve("PG_VERSION");
    try {
      if (Files.exists(version) && !Files.readString(version).strip().equals(EMBEDDED)) {
        return Check.bad(
            "database",
            "%s was written by PostgreSQL %s, this one is %s; name another database.directory"
                .formatted(directory, Files.readString(version).strip(), EMBEDDED));
      }
    } catch (IOException e) {
      return Check.bad("database", directory + " cannot be read: " + Doctor.reason(e));
    }
    Path existing = directory.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing != null && Files.isDirectory(existing) && Files.isWritable(existing)
        ? Check.ok("database", "embedded in " + directory)
        : Check.bad("database", directory + " cannot be written; name another database.directory");
  }
}
