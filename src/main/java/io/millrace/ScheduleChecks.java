package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.engine.Recurrence;
import io.millrace.store.Schedule;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** What the schema cannot say of schedules: that they can be read, and that there are such jobs. */
final class ScheduleChecks {
  private final JsonNode schedules;
  private final UnaryOperator<String> origin;
  private final Set<String> kinds;
  private final List<Fault> faults = new ArrayList<>();

  /**
   * @param schedules the section, each key of which is right by itself
   * @param origin for a path, who set it
   * @param kinds the kinds of jobs that there are
   */
  ScheduleChecks(JsonNode schedules, UnaryOperator<String> origin, Set<String> kinds) {
    this.schedules = schedules;
    this.origin = origin;
    this.kinds = kinds;
  }

  List<Fault> check() {
    for (Map.Entry<String, JsonNode> entry : schedules.properties()) {
      check("schedules." + entry.getKey(), entry.getValue());
    }
    return faults;
  }

  private void check(String path, JsonNode schedule) {
    String kind = schedule.path("kind").asText();
    if (!kinds.contains(kind)) {
      add(
          path + ".kind",
          schedule.get("kind"),
          "no such kind of job; "
              + Nearest.to(kind, kinds)
                  .map(name -> "did you mean " + name + "?")
                  .orElse("there are " + String.join(", ", new TreeSet<>(kinds))));
    }
    if (schedule.has("cron") == schedule.has("every")) {
      faults.add(
          new Fault(
              origin.apply(path + ".kind"),
              path,
              "",
              "must have either cron, such as 0 6 * * *, or every, such as PT15M"));
    } else if (schedule.has("every")) {
      readable(path, schedule, "every", Recurrence.EVERY);
      if (schedule.has("zone")) {
        add(path + ".zone", schedule.get("zone"), "must be left out: an interval has no time zone");
      }
    } else {
      readable(path, schedule, "cron", Recurrence.CRON);
    }
    if (schedule.has("cron") && schedule.has("zone")) {
      CrossChecks.wrongZone(schedule.get("zone").asText())
          .ifPresent(wrong -> add(path + ".zone", schedule.get("zone"), wrong));
    }
    if (schedule.path("payload").toString().length() > Schedule.MAX_PAYLOAD) {
      add(
          path + ".payload",
          schedule.get("payload"),
          "must be at most %d characters of JSON".formatted(Schedule.MAX_PAYLOAD));
    }
  }

  private void readable(String path, JsonNode schedule, String key, String prefix) {
    try {
      Recurrence.parse(prefix + schedule.get(key).asText(), ZoneOffset.UTC.getId());
    } catch (IllegalArgumentException e) {
      add(path + "." + key, schedule.get(key), e.getMessage());
    }
  }

  private void add(String path, JsonNode value, String remedy) {
    faults.add(Fault.of(origin.apply(path), path, value, remedy));
  }
}
