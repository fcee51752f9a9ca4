package io.millrace.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What follows from a failure, by its class: one table, and one function that reads it.
 *
 * <p>Delays are drawn evenly from zero to {@code min(cap, base · 2^n)} (full jitter, as in
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), but never less than half a
 * second, so that a retry is never an immediate one. Where the other side named an instant, no
 * retry comes before it: it goes before {@code cap}, which bounds only what is computed here, and
 * is itself believed up to a day. Pure.
 *
 * @param rules one for each class
 */
public record FailurePolicy(Map<FailureClass, Rule> rules) {
  private static final long LEAST_MS = 500;
  private static final int MOST_DOUBLINGS = 20;
  private static final Duration LONGEST_TOLD = Duration.ofHours(24);

  /** What happens when a class has had its {@link Rule#max}. */
  public enum Escalation {
    /** The job is dead. */
    BURY,
    /** The job is dead, and somebody has to do something before a redrive can help. */
    CALL_FOR_HELP,
    /** From now on each failure spends an attempt, as a transient one does. */
    COUNT
  }

  /**
   * A line of the table.
   *
   * @param max failures, of this class or others, after which {@code escalation} follows: 1 is at
   *     once. Where no attempt is spent: refusals in a row
   * @param base the first delay
   * @param cap the longest computed delay
   * @param obeysInstant whether an instant that the other side named is waited for
   * @param spendsAttempt whether the failure counts
   */
  public record Rule(
      int max,
      Duration base,
      Duration cap,
      boolean obeysInstant,
      boolean spendsAttempt,
      Escalation escalation) {
    /** The same line with numbers of the operator's. */
    public Rule with(int otherMax, Duration otherBase, Duration otherCap) {
      return new Rule(otherMax, otherBase, otherCap, obeysInstant, spendsAttempt, escalation);
    }
  }

  /**
   * What to do.
   *
   * @param again whether to try again; else the job is dead
   * @param delay until then, zero if not again
   * @param attemptSpent whether the failure counts
   * @param callForHelp whether a person is needed
   */
  public record Decision(
      boolean again, Duration delay, boolean attemptSpent, boolean callForHelp) {}

  /** The defaults. */
  public static final FailurePolicy DEFAULT = new FailurePolicy(table());

  /** Checks that the table is whole. */
  public FailurePolicy {
    List<FailureClass> missing =
        Arrays.stream(FailureClass.values())
            .filter(Predicate.not(rules.keySet()::contains))
            .toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("No rule for failures of the classes " + missing + ".");
    }
    rules = Collections.unmodifiableMap(new EnumMap<>(rules));
  }

  private static Map<FailureClass, Rule> table() {
    Duration base = Duration.ofSeconds(2);
    Duration cap = Duration.ofSeconds(60);
    Duration told = Duration.ofMinutes(15);
    Map<FailureClass, Rule> table = new EnumMap<>(FailureClass.class);
    table.put(FailureClass.TRANSIENT, new Rule(5, base, cap, true, true, Escalation.BURY));
    table.put(FailureClass.PERMANENT, new Rule(1, base, cap, false, true, Escalation.BURY));
    table.put(FailureClass.RATE_LIMIT, new Rule(10, base, told, true, false, Escalation.COUNT));
    table.put(FailureClass.QUOTA, new Rule(10, base, told, true, false, Escalation.COUNT));
    table.put(FailureClass.TIMEOUT, new Rule(5, base, cap, false, true, Escalation.BURY));
    // All jobs meet it at once, and none of them is to blame.
    table.put(FailureClass.DATABASE, new Rule(10, base, cap, false, false, Escalation.COUNT));
    table.put(
        FailureClass.AUTHENTICATION, new Rule(3, base, cap, true, true, Escalation.CALL_FOR_HELP));
    table.put(FailureClass.DATA, new Rule(1, base, cap, false, true, Escalation.BURY));
    return table;
  }

  /** The default table with other delays and attempts for what may pass by itself. */
  public static FailurePolicy of(int attempts, Duration base, Duration cap) {
    Map<FailureClass, Rule> table = table();
    for (FailureClass c : List.of(FailureClass.TRANSIENT, FailureClass.TIMEOUT)) {
      table.put(c, table.get(c).with(attempts, base, cap));
    }
    for (FailureClass c :
        List.of(FailureClass.RATE_LIMIT, FailureClass.QUOTA, FailureClass.DATABASE)) {
      table.put(c, table.get(c).with(10, base, cap));
    }
    return new FailurePolicy(table);
  }

  /** The line of a class, never null. */
  public Rule rule(FailureClass failureClass) {
    return rules.get(failureClass);
  }

  /** The same with all durations divided by a time scale. */
  public FailurePolicy scaled(double scale) {
    Map<FailureClass, Rule> scaled = new EnumMap<>(FailureClass.class);
    rules.forEach(
        (c, r) ->
            scaled.put(c, r.with(r.max(), divided(r.base(), scale), divided(r.cap(), scale))));
    return new FailurePolicy(scaled);
  }

  private static Duration divided(Duration duration, double scale) {
    return Duration.ofNanos((long) (duration.toNanos() / scale));
  }

  /**
   * What follows from a failure.
   *
   * @param spent attempts spent before this one
   * @param refusals failures of this class in a row that spent none, this one not counted
   * @param attempts what the kind allows: the bound for transient failures, and for the other
   *     classes if it is the smaller one
   */
  Decision decide(
      Diagnosis diagnosis,
      int spent,
      int refusals,
      int attempts,
      Instant now,
      RandomGenerator random) {
    Rule rule = rule(diagnosis.failureClass());
    if (!rule.spendsAttempt() && refusals + 1 < rule.max()) {
      return new Decision(true, delay(rule, diagnosis, refusals, now, random), false, false);
    }
    boolean counted = !rule.spendsAttempt() && rule.escalation() == Escalation.COUNT;
    int most =
        counted || diagnosis.failureClass() == FailureClass.TRANSIENT
            ? attempts
            : Math.min(attempts, rule.max());
    if (spent + 1 >= most) {
      return new Decision(
          false, Duration.ZERO, true, rule.escalation() == Escalation.CALL_FOR_HELP);
    }
    int doublings = counted ? refusals : spent;
    return new Decision(true, delay(rule, diagnosis, doublings, now, random), true, false);
  }

  private static Duration delay(
      Rule rule, Diagnosis diagnosis, int doublings, Instant now, RandomGenerator random) {
    long most =
        Math.min(
            rule.cap().toMillis(), rule.base().toMillis() << Math.min(doublings, MOST_DOUBLINGS));
    if (rule.obeysInstant() && diagnosis.retryAt() != null && diagnosis.retryAt().isAfter(now)) {
      // All who were told the same instant must not come back in the same one.
      long told =
          Math.min(
              Duration.between(now, diagnosis.retryAt()).plusMillis(1).toMillis(),
              LONGEST_TOLD.toMillis());
      return Duration.ofMillis(told + random.nextLong(rule.base().toMillis() + 1));
    }
    long least = Math.min(LEAST_MS, most);
    return Duration.ofMillis(least + (most > least ? random.nextLong(most - least + 1) : 0));
  }
}
