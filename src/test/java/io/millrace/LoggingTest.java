package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;

class LoggingTest {
  private static final Logger LOG = LoggerFactory.getLogger("io.millrace.engine.Claimer");

  private final CapturedTerminal captured = new CapturedTerminal(false);

  @AfterEach
  void restore() throws JoranException {
    MDC.clear();
    asBefore();
  }

  /** Other tests log where logback.xml says, not to a terminal that nobody reads any more. */
  static void asBefore() throws JoranException {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(LoggingTest.class.getResource("/logback.xml"));
  }

  @Test
  void anEventIsOneJsonObject() throws JsonProcessingException {
    configure(LogSettings.Format.AUTO);
    MDC.put("kind", "google_gmail_sync");
    LOG.atInfo().addKeyValue("job", 42L).addKeyValue("level", "x").log("Claimed \"{}\"\n", 7);
    JsonNode line = only();
    Iterator<String> names = line.fieldNames();
    for (String name : List.of("time", "level", "logger", "thread", "message", "kind", "job")) {
      assertEquals(name, names.next());
    }
    assertEquals("INFO", line.path("level").asText());
    assertEquals("Claimed \"7\"\n", line.path("message").asText());
    assertEquals("io.millrace.engine.Claimer", line.path("logger").asText());
    assertEquals("google_gmail_sync", line.path("kind").asText());
    assertTrue(line.path("job").isIntegralNumber());
    assertEquals("x", line.path("level_").asText());
    assertEquals("", captured.out());
  }

  @Test
  void aLineIsBounded() throws JsonProcessingException {
    configure(LogSettings.Format.JSON);
    Throwable cause = new IllegalStateException("ü".repeat(100_000));
    for (int i = 0; i < 50; i++) {
      cause = new RuntimeException("\u0001".repeat(100_000), cause);
    }
    var event = LOG.atError().setCause(cause);
    for (int i = 0; i < 100; i++) {
      event = event.addKeyValue("k" + i, "\u0001".repeat(10_000));
    }
    event.log("\u0001".repeat(1_000_000));
    int length = captured.err().getBytes(StandardCharsets.UTF_8).length;
    assertTrue(length <= JsonLineEncoder.LONGEST, "" + length);
    JsonNode line = only();
    assertTrue(line.path("truncated").asBoolean());
    assertEquals("java.lang.RuntimeException", line.path("exception").path("class").asText());
  }

  @Test
  void anExceptionKeepsItsInnermostFrames() throws JsonProcessingException {
    configure(LogSettings.Format.JSON);
    LOG.error("Failed", new IllegalStateException("outer", new IllegalArgumentException("inner")));
    JsonNode exception = only().path("exception");
    assertEquals("outer", exception.path("message").asText());
    assertTrue(exception.path("stack").asText().startsWith("at io.millrace.LoggingTest"));
    assertTrue(
        exception
            .path("stack")
            .asText()
            .contains("caused by java.lang.IllegalArgumentException: inner"));
  }

  @Test
  void textIsForPeopleAndForgesNothing() {
    configure(LogSettings.Format.TEXT);
    LOG.atWarn().addKeyValue("user", "a\nb").log("Subject \u001b[31m\n12:00 ERROR forged");
    String text = captured.err();
    assertEquals(1, text.lines().count());
    assertFalse(text.contains("\u001b"));
    assertTrue(text.contains(" WARN  Claimer: Subject"), text);
    assertTrue(text.endsWith(" user=a b\n"), text);
  }

  @Test
  void librariesAreQuietAndJavaLoggingComesHere() throws JsonProcessingException {
    configure(LogSettings.Format.JSON);
    LoggerFactory.getLogger("org.flywaydb.core.Flyway").info("chatter");
    java.util.logging.Logger.getLogger("org.postgresql.Driver").info("chatter");
    java.util.logging.Logger.getLogger("org.postgresql.Driver").warning("trouble");
    assertEquals("trouble", only().path("message").asText());
  }

  private void configure(LogSettings.Format format) {
    Logging.configure(new LogSettings(format, Level.INFO), captured.terminal);
  }

  private JsonNode only() throws JsonProcessingException {
    assertEquals(1, captured.err().lines().count(), captured.err());
    return new JsonMapper().readTree(captured.err());
  }
}
