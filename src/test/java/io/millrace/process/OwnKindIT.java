package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/jobs.md tells a developer to do: the code and the SQL are taken from the page. */
@Timeout(120)
class OwnKindIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern RUNNING = Pattern.compile("is running; see");
  private static final Pattern GREETING = Pattern.compile("greeting Ada");

  @RegisterExtension final Workplace here = new Workplace();

  @Test
  void aKindThatLiesOnTheClassPathIsRun() throws Exception {
    String page = Files.readString(Path.of("docs/jobs.md"));
    Path classes = compile(block(page, "java"), block(page, ""));
    try (ExternalDatabase database = ExternalDatabase.start(here.fresh("elsewhere"))) {
      MillraceProcess service =
          ExternalDatabase.at(database.port(), database.password()).start(here, classes, "run");
      service.awaitError(RUNNING, SOON);
      String url = "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(database.port());
      try (Connection sql = DriverManager.getConnection(url, "millrace", database.password());
          Statement statement = sql.createStatement()) {
        long id = Long.parseLong(ask(statement, block(page, "sql")));
        service.awaitError(GREETING, SOON);
        String note = "select note from millrace.job_outcome where id = " + id;
        service.awaitWhileAlive(() -> ask(statement, note) != null, SOON);
        assertEquals("Hello, Ada!", ask(statement, note));
      }
      service.terminate();
      service.ends(MillraceProcess.TERMINATED, Duration.ofSeconds(15));
    }
  }

  private Path compile(String source, String name) throws Exception {
    Path file = here.file("Greet.java", source);
    Path classes = here.fresh("classes");
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(services.resolve("io.millrace.engine.JobHandler"), name);
    String[] line = {
      "-cp", System.getProperty("millrace.jar"), "-d", classes.toString(), file.toString()
    };
    int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, line);
    assertEquals(0, failed, "the page's code does not compile");
    return classes;
  }

  private static String block(String page, String language) {
    Matcher block = Pattern.compile("(?m)^```" + language + "\n([^`]+)^```$").matcher(page);
    if (!block.find()) {
      throw new AssertionError("the page has no block of " + language);
    }
    return block.group(1);
  }

  private static String ask(Statement statement, String sql) {
    try (ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : null;
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }
}
