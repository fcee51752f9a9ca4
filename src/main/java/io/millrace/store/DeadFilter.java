package io.millrace.store;

import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;

/**
 * Which dead letters are meant. What is null does not matter.
 *
 * @param kind the name of a kind
 * @param user whose jobs
 * @param reason why they are dead, such as {@code exhausted} or {@code lost}
 * @param failure the class of the last failure
 * @param from dead at this instant or later
 * @param until dead before this instant
 * @param redriven whether those are meant, too, whose work a new job has taken over
 * @param group the fingerprint of their common cause, as {@link DeadGroups} tells it
 */
public record DeadFilter(
    String kind,
    Long user,
    String reason,
    String failure,
    Instant from,
    Instant until,
    boolean redriven,
    String group) {
  /** Of any group. */
  public DeadFilter(
      String kind,
      Long user,
      String reason,
      String failure,
      Instant from,
      Instant until,
      boolean redriven) {
    this(kind, user, reason, failure, from, until, redriven, null);
  }

  /** All that wait for somebody to redrive or purge them. */
  public static final DeadFilter ALL = new DeadFilter(null, null, null, null, null, null, false);

  /** The same of one kind. */
  public DeadFilter ofKind(String name) {
    return new DeadFilter(name, user, reason, failure, from, until, redriven, group);
  }

  /** The same of one user. */
  public DeadFilter ofUser(long owner) {
    return new DeadFilter(kind, owner, reason, failure, from, until, redriven, group);
  }

  /** The same, dead before an instant. */
  public DeadFilter before(Instant instant) {
    return new DeadFilter(kind, user, reason, failure, from, instant, redriven, group);
  }

  /** The same and those that were redriven. */
  public DeadFilter withRedriven() {
    return new DeadFilter(kind, user, reason, failure, from, until, true, group);
  }

  /** The same without those that were redriven. */
  public DeadFilter waiting() {
    return new DeadFilter(kind, user, reason, failure, from, until, false, group);
  }

  /** As a condition on {@code job_dead d}; its values are added to the tuple. */
  String condition(Short kindId, Tuple values) {
    return range(kindId, values) + traits(values);
  }

  /** The part of the condition by which an index finds letters in the order of their death. */
  String range(Short kindId, Tuple values) {
    StringBuilder sql = new StringBuilder("true");
    if (kind != null) {
      and(sql, " and d.kind = $%d", values, kindId == null ? Short.valueOf((short) -1) : kindId);
    }
    and(sql, " and d.user_id = $%d", values, user);
    and(sql, " and d.dead_at >= $%d", values, from == null ? null : from.atOffset(ZoneOffset.UTC));
    and(sql, " and d.dead_at < $%d", values, until == null ? null : until.atOffset(ZoneOffset.UTC));
    return sql.toString();
  }

  /** The rest of the condition, for which each letter has to be looked at. */
  String traits(Tuple values) {
    StringBuilder sql = new StringBuilder();
    and(sql, " and d.reason = $%d", values, reason);
    and(sql, " and d.error ->> 'failure' = $%d", values, failure);
    and(sql, " and dead_group(d.kind, d.reason, d.error) = $%d", values, group);
    return redriven ? sql.toString() : sql.append(" and d.redriven_at is null").toString();
  }

  private static void and(StringBuilder sql, String clause, Tuple values, Object value) {
    if (value != null) {
      values.addValue(value);
      sql.append(clause.formatted(values.size()));
    }
  }
}
