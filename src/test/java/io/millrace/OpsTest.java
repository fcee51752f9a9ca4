package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.google.GoogleSettings;
import io.millrace.sim.SimAccount;
import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A running Millrace that has synced a mailbox, as machines see it. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpsTest {
  private static final Pattern METRIC = Pattern.compile("\\b(millrace|vertx|jvm|process)_\\w+");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Instruments instruments = new Instruments();
  private final Vertx vertx = instruments.vertx();
  private Simulator simulator;
  private Database database;
  private Millrace millrace;
  private int port;

  @BeforeAll
  void start() throws Exception {
    simulator =
        await(
            Simulator.start(
                vertx,
                SimOptions.defaults()
                    .withMailboxes(1)
                    .withMessages(50)
                    .withTimeScale(20)
                    .withProfile("legacy")));
    ConfigurationLoader loader =
        new ConfigurationLoader(Map.of())
            .preset("timeScale", 20)
            .preset("quota.profile", "legacy")
            .preset("google.rootUrl", simulator.rootUrl())
            .preset("google.tokenUrl", simulator.tokenUrl())
            .preset("gmail.pollMs", 0)
            .preset("console.port", 0)
            .preset("alerts.everyMs", 1_000)
            .preset("health.sampleMs", 1_000);
    Configuration configuration =
        loader
            .load()
            .withGoogle(
                new GoogleSettings(
                    URI.create(simulator.rootUrl()),
                    URI.create(simulator.tokenUrl()),
                    Simulator.CLIENT_ID,
                    Simulator.CLIENT_SECRET,
                    Duration.ofSeconds(10),
                    50));
    database = await(Database.open(vertx, new DatabaseSettings(null, null, null, 10)));
    millrace = await(Millrace.start(vertx, configuration, database, instruments));
    port = await(millrace.serve(configuration));
    List<Long> users = new ArrayList<>();
    for (SimAccount account : simulator.accounts()) {
      users.add(await(millrace.mailboxes().connect(account.email(), account.refreshToken())));
    }
    await(millrace.sync(users));
    until(() -> await(millrace.jobs().unfinished(users)).live() == 0);
  }

  @AfterAll
  void stop() throws Exception {
    await(millrace.stop());
    await(database.close());
    await(simulator.close());
    await(vertx.close());
    instruments.close();
  }

  @Test
  void everyMetricThatTheDashboardAndTheRulesNameIsThere() throws Exception {
    Set<String> named = new TreeSet<>();
    for (String file : List.of("conf/grafana.json", "conf/alerts.yml")) {
      Matcher matcher = METRIC.matcher(Files.readString(Path.of(file)));
      while (matcher.find()) {
        named.add(matcher.group());
      }
    }
    assertTrue(named.size() > 30, "named are " + named);
    until(
        () -> {
          Set<String> missing = new TreeSet<>(named);
          missing.removeAll(metrics());
          return missing.isEmpty();
        },
        () -> {
          Set<String> missing = new TreeSet<>(named);
          missing.removeAll(metrics());
          return "missing are " + missing;
        });
  }

  @Test
  void everyPanelOfTheDashboardAsksForSomething() throws Exception {
    JsonNode dashboard = new ObjectMapper().readTree(Path.of("conf", "grafana.json").toFile());
    for (JsonNode panel : dashboard.path("panels")) {
      if (!panel.path("type").asText().equals("row")) {
        assertTrue(panel.path("targets").size() > 0, panel.path("title").asText());
      }
    }
  }

  @Test
  void everyRuleHasAPageThatSaysWhatToDo() throws Exception {
    List<String> pages =
        Files.readAllLines(Path.of("conf", "alerts.yml")).stream()
            .map(String::strip)
            .filter(line -> line.startsWith("runbook: "))
            .map(line -> line.substring("runbook: ".length()))
            .distinct()
            .toList();
    assertTrue(pages.size() > 5);
    for (String page : pages) {
      assertTrue(Files.readString(Path.of(page)).contains("## What to do"), page);
    }
  }

  @Test
  void aSyncHasLeftItsFigures() throws Exception {
    String text = get("/metrics").body();
    assertTrue(
        text.lines()
            .anyMatch(
                line ->
                    line.startsWith("millrace_job_runs_seconds_count{kind=\"google_gmail_sync\"")
                        && line.contains("completed")
                        && !line.endsWith(" 0")),
        "a completed sync is counted");
    assertTrue(
        text.lines()
            .anyMatch(
                line ->
                    line.startsWith("millrace_google_calls_seconds_count{answer=\"ok\"")
                        && line.contains("\"list\"")
                        && !line.endsWith(" 0")),
        "a listing is counted");
    assertTrue(
        text.lines()
            .anyMatch(
                line ->
                    line.startsWith("millrace_google_calls_seconds_count{answer=\"ok\"")
                        && line.contains("\"token\"")
                        && !line.endsWith(" 0")),
        "an access token is counted");
    assertTrue(
        text.lines()
            .anyMatch(
                line ->
                    line.startsWith("millrace_cache_reads_total{by=\"asked\"")
                        && !line.endsWith("NaN")),
        "what the cache was asked is still known");
    assertTrue(text.lines().noneMatch(line -> line.contains("@")), "no address is a label");
  }

  @Test
  void readinessTellsOfEachNeed() throws Exception {
    HttpResponse<String> answer = get("/health/ready");
    assertEquals(200, answer.statusCode());
    JsonNode told = new ObjectMapper().readTree(answer.body());
    assertEquals("ready", told.path("status").asText());
    for (String need : List.of("database", "lease", "ledger", "google")) {
      assertTrue(told.at("/checks/" + need + "/ok").asBoolean(), need);
    }
    assertEquals("closed", told.at("/checks/google/word").asText());
    assertEquals(200, get("/health/live").statusCode());
  }

  private Set<String> metrics() throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void until(Callable<Boolean> condition) throws Exception {
    until(condition, () -> "it did not come true");
  }

  private void until(Callable<Boolean> condition, Callable<String> why) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(why.call());
      }
      await(vertx.timer(100, TimeUnit.MILLISECONDS));
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
