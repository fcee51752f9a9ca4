package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code health}: whether a running Millrace can work, how it stands, and what waits. */
@Command(
    name = "health",
    description = "Whether a running Millrace can work, how it stands, and what waits.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Exit status: 0 ready, 1 not ready, 2 wrong call, 3 not reachable or not let in."
    })
final class HealthCommand implements Callable<Integer> {
  private static final String NO_SCORES = "This server does not tell health scores.";

  @ParentCommand Main main;
  @Mixin ApiOptions api;

  @Override
  public Integer call() {
    ApiClient client = api.client(main);
    JsonNode readiness = client.told("/health/ready");
    boolean ready = readiness.path("status").isTextual();
    ObjectNode all = ApiClient.object();
    all.set("readiness", readiness);
    if (!ready) {
      api.show(main, all.put("ready", false), readiness(readiness));
      return ExitException.INCOMPLETE;
    }
    JsonNode overview = client.get("/api/v1/overview");
    Optional<JsonNode> scores = client.find("/api/v1/health");
    all.put("ready", true).set("overview", overview);
    all.set("health", scores.orElse(null));
    int width = api.width(main);
    api.show(
        main,
        all,
        String.join(
            "\n",
            readiness(readiness),
            kinds(overview, width),
            waits(overview),
            mailboxes(overview.path("mailboxes")),
            "",
            scores.map(told -> scores(told, width)).orElse(NO_SCORES)));
    return ExitException.OK;
  }

  private static String readiness(JsonNode readiness) {
    StringBuilder text = new StringBuilder();
    text.append(
        readiness.path("status").asText("").matches("[a-z ]+")
            ? readiness.path("status").asText()
            : "not ready");
    for (Map.Entry<String, JsonNode> check : readiness.path("checks").properties()) {
      JsonNode told = check.getValue();
      String word =
          told.path("ok").asBoolean()
              ? told.path("word").asText("ok")
              : told.path("sentence").asText("not ok");
      text.append("\n  ").append(Table.plain(check.getKey() + ": " + word));
    }
    return text.append('\n').toString();
  }

  private static String kinds(JsonNode overview, int width) {
    long most = overview.path("countedTo").asLong();
    return new Table()
        .word("kind", "kind")
        .number("ready", row -> upTo(row.path("ready"), most))
        .number("running", row -> upTo(row.path("running"), most))
        .number("dead", row -> upTo(row.path("dead"), most))
        .number("first waits", HealthCommand::head)
        .sentence("", row -> row.path("paused").asBoolean() ? "paused" : "")
        .lines(overview.path("kinds"), width);
  }

  private static String head(JsonNode kind) {
    JsonNode seconds = kind.path("headSeconds");
    return seconds.isNumber() ? ProgressLine.duration(Duration.ofSeconds(seconds.asLong())) : "";
  }

  private static String upTo(JsonNode count, long most) {
    return Table.number(count) + (count.asLong() >= most ? "+" : "");
  }

  private static String waits(JsonNode overview) {
    long most = overview.path("countedTo").asLong();
    JsonNode waiting = overview.path("waiting");
    List<String> parts = new ArrayList<>();
    add(parts, waiting.path("scheduled"), most, "for their time");
    add(parts, waiting.path("parents"), most, "for parents");
    add(parts, waiting.path("limits"), most, "for a slot of their user or key");
    return parts.isEmpty()
        ? "Nothing waits but what is ready."
        : "Wait: " + String.join(", ", parts);
  }

  private static void add(List<String> parts, JsonNode count, long most, String what) {
    if (count.asLong() > 0) {
      parts.add(upTo(count, most) + " " + what);
    }
  }

  private static String mailboxes(JsonNode all) {
    return "Mailboxes: %s of %s in sync, %s in trouble, %s paused, %s disconnected; %s messages stored"
        .formatted(
            Table.number(all.path("inSync")),
            Table.number(all.path("mailboxes")),
            Table.number(all.path("inTrouble")),
            Table.number(all.path("paused")),
            Table.number(all.path("disconnected")),
            Table.number(all.path("stored")));
  }

  private static String scores(JsonNode health, int width) {
    Table kinds =
        new Table()
            .word("kind", "kind")
            .number("health", "score")
            .sentence("why less than 100", row -> joined(row.path("lost"), "why"))
            .sentence("advice", row -> joined(row.path("advice"), ""));
    return health.path("kinds").isEmpty()
        ? "No kind has a health score yet."
        : kinds.lines(health.path("kinds"), width);
  }

  private static String joined(JsonNode all, String field) {
    List<String> texts = new ArrayList<>();
    all.forEach(one -> texts.add(field.isEmpty() ? one.asText() : one.path(field).asText()));
    return String.join("; ", texts);
  }
}
