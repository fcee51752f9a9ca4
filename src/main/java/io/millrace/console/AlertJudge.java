package io.millrace.console;

import io.millrace.store.Alerts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes of samples, and of how alerts stood, what is to be written and told. Pure. */
final class AlertJudge {
  private final AlertSettings settings;

  AlertJudge(AlertSettings settings) {
    this.settings = settings;
  }

  /** The samples that may raise something. */
  List<Sample> wanted(List<Sample> all) {
    return all.stream().filter(s -> settings.thresholds().containsKey(s.source())).toList();
  }

  static Alerts.Key key(Sample sample) {
    return new Alerts.Key(sample.source().key(), sample.subject());
  }

  /**
   * @param standing rows of the samples, and rows of which there have been no figures for a while
   * @param wanted with thresholds
   */
  Alerts.Changes judge(List<Sample> wanted, List<Alerts.Standing> standing, Instant now) {
    Map<Alerts.Key, Alerts.Standing> rows = new HashMap<>();
    standing.forEach(row -> rows.put(row.key(), row));
    List<Alerts.Standing> kept = new ArrayList<>();
    List<Alerts.Key> over = new ArrayList<>();
    List<Alerts.Event> events = new ArrayList<>();
    for (Sample sample : wanted) {
      Alerts.Standing row = rows.remove(key(sample));
      AlertState before = row == null ? AlertState.ok(now) : state(row);
      Threshold threshold = settings.thresholds().get(sample.source());
      AlertState after =
          before.next(sample.value(), threshold, settings.margin(), settings.hold(), now);
      if (after.level() != before.level()) {
        events.add(event(sample, before.level(), after.level(), threshold, now));
      }
      if (!after.quiet()) {
        kept.add(row(sample, after, threshold, now));
      } else if (row != null) {
        over.add(row.key());
      }
    }
    for (Alerts.Standing unseen : rows.values()) {
      over.add(unseen.key());
      if (!unseen.level().equals(AlertState.Level.OK.word())) {
        events.add(silent(unseen, now));
      }
    }
    return new Alerts.Changes(kept, over, events);
  }

  private static AlertState state(Alerts.Standing row) {
    return new AlertState(
        AlertState.Level.of(row.level()),
        row.since(),
        row.pending() == null ? null : AlertState.Level.of(row.pending()),
        row.pendingSince());
  }

  private static Alerts.Standing row(
      Sample sample, AlertState state, Threshold threshold, Instant now) {
    return new Alerts.Standing(
        key(sample),
        state.level().word(),
        state.since(),
        state.pending() == null ? null : state.pending().word(),
        state.pendingSince(),
        sample.value(),
        of(threshold, state.level()),
        now);
  }

  private static double of(Threshold threshold, AlertState.Level level) {
    return level == AlertState.Level.CRITICAL ? threshold.critical() : threshold.warn();
  }

  private static Alerts.Event event(
      Sample sample,
      AlertState.Level was,
      AlertState.Level level,
      Threshold threshold,
      Instant now) {
    double bound = of(threshold, level);
    return new Alerts.Event(
        0,
        now,
        key(sample),
        level.word(),
        was.word(),
        sample.value(),
        bound,
        sentence(key(sample), level, sample.value(), bound));
  }

  /** What a level means, for a person. */
  static String sentence(Alerts.Key key, AlertState.Level level, double value, double bound) {
    AlertSource source = AlertSource.of(key.source());
    if (source == null) {
      return "%s %s: %s is above %s".formatted(key.source(), key.subject(), value, bound);
    }
    String about = source.about(key.subject());
    String words = source.words(value);
    return level == AlertState.Level.OK
        ? "%s: %s, all is well again".formatted(about, words)
        : "%s: %s, %s above %s"
            .formatted(
                about,
                words,
                level == AlertState.Level.CRITICAL ? "critical" : "a warning",
                source.words(bound));
  }

  private static Alerts.Event silent(Alerts.Standing row, Instant now) {
    AlertSource source = AlertSource.of(row.key().source());
    String about = source == null ? row.key().source() : source.about(row.key().subject());
    return new Alerts.Event(
        0,
        now,
        row.key(),
        AlertState.Level.OK.word(),
        row.level(),
        null,
        row.threshold(),
        about + ": there are no figures any more");
  }
}
