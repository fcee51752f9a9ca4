package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Looks all the time at what PostgreSQL's sessions do, to tell which statements take how long and
 * what they wait for. Costs the server a little itself, so it is off unless asked for.
 */
final class StatementWatch implements AutoCloseable {
  private static final long EVERY_MS = 10;
  private static final int SHOWN = 25;
  private static final String LOOK =
      """
      select left(regexp_replace(query, '\\s+', ' ', 'g'), 90),
             coalesce(wait_event_type || ':' || wait_event, 'running')
        from pg_stat_activity
       where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()
      """;

  private record Seen(String statement, String doing) {}

  private final Map<Seen, Integer> counts = new HashMap<>();
  private final Connection connection;
  private final Thread thread = new Thread(this::watch, "bench-statements");
  private int looks;
  private volatile boolean closed;

  StatementWatch(Postgres postgres) throws SQLException {
    connection = postgres.connect();
    thread.setDaemon(true);
    thread.start();
  }

  /** The busiest first: how many sessions were at it on average while there was any. */
  synchronized ArrayNode busiest() {
    ArrayNode rows = Result.JSON.createArrayNode();
    counts.entrySet().stream()
        .sorted(Map.Entry.<Seen, Integer>comparingByValue().reversed())
        .limit(SHOWN)
        .forEach(
            entry -> {
              ObjectNode row = rows.addObject();
              row.set("sessions", Result.figure((double) entry.getValue() / looks));
              row.put("doing", entry.getKey().doing());
              row.put("statement", entry.getKey().statement());
            });
    return rows;
  }

  private void watch() {
    try (PreparedStatement look = connection.prepareStatement(LOOK)) {
      while (!closed) {
        look(look);
        Thread.sleep(EVERY_MS);
      }
    } catch (SQLException e) {
      if (!closed) {
        Benchmark.say("PostgreSQL's sessions can no longer be watched: " + e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void look(PreparedStatement look) throws SQLException {
    try (ResultSet rows = look.executeQuery()) {
      boolean any = false;
      while (rows.next()) {
        any = true;
        counts.merge(new Seen(rows.getString(1), rows.getString(2)), 1, Integer::sum);
      }
      looks += any ? 1 : 0;
    }
  }

  @Override
  public void close() throws SQLException {
    closed = true;
    connection.close();
  }
}
