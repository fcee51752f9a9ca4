package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Redrives or purges all dead letters that a filter means: first counts them, then asks. */
final class DeadMany {
  private static final String PATH = "/api/v1/dead/bulk";
  private static final String NONE = "No letter is meant: nothing to do.";
  private static final int LONGEST_ANSWER = 100;

  @Option(names = "--all", description = "All dead letters, if no filter is given.")
  boolean all;

  @Option(names = "--yes", description = "Do not ask.")
  boolean yes;

  /** Whether single letters are meant, which are named; refuses what means nothing or both. */
  boolean single(List<Long> ids, DeadOptions which) {
    boolean named = ids != null && !ids.isEmpty();
    boolean filtered = !which.filter().isEmpty();
    if (named && (filtered || all)) {
      throw new ExitException("name either IDs, or options that mean many, not both");
    }
    if (!named && !filtered && !all) {
      throw new ExitException("say which: IDs, --group or another option, or --all");
    }
    return named;
  }

  /** Returns the exit status. */
  int redrive(Main main, ApiOptions api, ApiClient client, DeadOptions which) {
    JsonNode count = count(client, which, "redrive");
    if (none(count)) {
      api.show(main, redriven(0, 0, 0), NONE);
      return ExitException.OK;
    }
    if (!agreed(main, count, "Redrive")) {
      return ExitException.INCOMPLETE;
    }
    long redriven = 0;
    long keyTaken = 0;
    long payloadGone = 0;
    String after = null;
    String until = until(which, count);
    do {
      ObjectNode step = step("redrive", which, until);
      JsonNode done = client.post(PATH, after == null ? step : step.put("after", after));
      redriven += done.path("redriven").asLong();
      keyTaken += done.path("keyTaken").size();
      payloadGone += done.path("payloadGone").size();
      after = done.path("next").textValue();
    } while (after != null);
    api.show(
        main,
        redriven(redriven, keyTaken, payloadGone),
        counted(redriven, "redriven")
            + (keyTaken == 0 ? "" : "; %d not, as a job with their key lives".formatted(keyTaken))
            + (payloadGone == 0
                ? ""
                : "; %d not, as their payload is gone".formatted(payloadGone)));
    return keyTaken + payloadGone == 0 ? ExitException.OK : ExitException.INCOMPLETE;
  }

  /** Returns the exit status. */
  int purge(Main main, ApiOptions api, ApiClient client, DeadOptions which) {
    JsonNode count = count(client, which, "purge");
    if (none(count)) {
      api.show(main, purged(0), NONE);
      return ExitException.OK;
    }
    if (!agreed(main, count, "Purge for ever")) {
      return ExitException.INCOMPLETE;
    }
    long purged = 0;
    boolean more;
    String until = until(which, count);
    do {
      JsonNode done = client.post(PATH, step("purge", which, until));
      purged += done.path("purged").asLong();
      more = done.path("more").asBoolean() && done.path("purged").asLong() > 0;
    } while (more);
    api.show(main, purged(purged), counted(purged, "purged"));
    return ExitException.OK;
  }

  private static ObjectNode step(String action, DeadOptions which, String until) {
    ObjectNode filter = which.filter();
    if (until != null) {
      filter.put("until", until);
    }
    ObjectNode body = ApiClient.object().put("action", action);
    body.set("filter", filter);
    return body;
  }

  /**
   * What died after it was counted is not meant, such as letters that are redriven and die again.
   */
  private static String until(DeadOptions which, JsonNode count) {
    String at = count.path("at").textValue();
    if (at == null || which.until == null) {
      return at == null ? which.until : at;
    }
    boolean earlier = OffsetDateTime.parse(which.until).isBefore(OffsetDateTime.parse(at));
    return earlier ? which.until : at;
  }

  private static ObjectNode redriven(long redriven, long keyTaken, long payloadGone) {
    return ApiClient.object()
        .put("redriven", redriven)
        .put("keyTaken", keyTaken)
        .put("payloadGone", payloadGone);
  }

  private static ObjectNode purged(long purged) {
    return ApiClient.object().put("purged", purged);
  }

  private static String counted(long n, String done) {
    return String.format(Locale.ROOT, "%,d %s %s", n, n == 1 ? "letter" : "letters", done);
  }

  private static JsonNode count(ApiClient client, DeadOptions which, String action) {
    return client.post(PATH, step(action, which, which.until).put("dryRun", true));
  }

  /** Only so many are looked at to count them: where there may be more, 0 is not none. */
  private static boolean none(JsonNode count) {
    return count.path("count").asLong() == 0 && !count.path("atLeast").asBoolean();
  }

  private boolean agreed(Main main, JsonNode count, String question) {
    if (yes) {
      return true;
    }
    long n = count.path("count").asLong();
    main.terminal.say(
        String.format(
            Locale.ROOT,
            "%s %s%,d %s? [y/N]",
            question,
            count.path("atLeast").asBoolean() ? "at least " : "",
            n,
            n == 1 ? "letter" : "letters"));
    boolean agreed = answer(main).matches("(?i)y|yes");
    if (!agreed) {
      main.terminal.say("millrace: nothing was changed; --yes does not ask");
    }
    return agreed;
  }

  private static String answer(Main main) {
    StringBuilder line = new StringBuilder();
    try {
      int c;
      while ((c = main.in.read()) >= 0 && c != '\n' && line.length() < LONGEST_ANSWER) {
        line.append((char) c);
      }
    } catch (IOException e) {
      return "";
    }
    return line.toString().strip();
  }
}
