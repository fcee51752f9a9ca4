package io.millrace.sim;

import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the simulator has seen and done so far, counted on its own side of the wire.
 *
 * @param requests HTTP requests, those for tokens included, those under {@code /sim/} not
 * @param calls API calls by method, refused ones included; each part of a batch is one
 * @param throttled 429s and quota 403s, whole or as parts, in answers that went out intact
 * @param unitsSpent units of accepted calls
 * @param unitsSpentByUser the same by address
 * @param maxUserMinuteUnits the most units that one user attempted, accepted or refused, in any
 *     sliding minute (divided by the time scale)
 * @param maxProjectMinuteUnits the same of all users together
 * @param limits what was in force
 * @param permanentlyBad ids that can never be fetched, of those that a plain list returns
 * @param permanentlyBadWithSpamTrash the same with spam and trash
 * @param faults how often each fault was played
 * @param bytesSent bytes of whole bodies, compressed where they were
 * @param deletedInMidSync messages that a fault deleted
 * @param arrivedInMidSync messages that a fault let arrive
 * @param messagesDelivered messages in answers that went out intact
 * @param refetched single gets of messages that the user's client already had
 * @param refetchedInThreads messages in thread answers that the client already had
 * @param tokensIssued access tokens given out
 */
public record SimReport(
    long requests,
    Map<String, Long> calls,
    long throttled,
    long unitsSpent,
    Map<String, Long> unitsSpentByUser,
    long maxUserMinuteUnits,
    long maxProjectMinuteUnits,
    Limits limits,
    long permanentlyBad,
    long permanentlyBadWithSpamTrash,
    Map<String, Long> faults,
    long bytesSent,
    long deletedInMidSync,
    long arrivedInMidSync,
    long messagesDelivered,
    long refetched,
    long refetchedInThreads,
    long tokensIssued) {

  /** Units and calls in flight; 0 = no limit. */
  public record Limits(long userMinute, long projectMinute, long projectDay, int concurrency) {}

  static SimReport of(World world) {
    Map<String, Long> calls = new LinkedHashMap<>();
    world.meter().calls().forEach((method, count) -> calls.put(method.label, count.sum()));
    Map<String, Long> faults = new LinkedHashMap<>();
    world.meter().faults().forEach((kind, count) -> faults.put(kind.name(), count.sum()));
    Quota quota = world.quota();
    Map<String, Long> users = new TreeMap<>();
    for (Mailbox mailbox : world.mailboxes()) {
      users.put(mailbox.account().email(), quota.spent(mailbox.quota()));
    }
    Meter meter = world.meter();
    return new SimReport(
        meter.requests.sum(),
        Collections.unmodifiableMap(calls),
        meter.throttled.sum(),
        quota.spent(),
        Collections.unmodifiableMap(users),
        quota.maxUserMinute(),
        quota.maxProjectMinute(),
        limits(quota),
        world.badIds().listed(),
        world.badIds().all(),
        Collections.unmodifiableMap(faults),
        meter.bytesSent.sum(),
        meter.deleted.sum(),
        meter.arrived.sum(),
        meter.messagesDelivered.sum(),
        meter.refetched.sum(),
        meter.refetchedInThreads.sum(),
        meter.tokensIssued.sum());
  }

  private static Limits limits(Quota quota) {
    QuotaProfile profile = quota.profile();
    return new Limits(
        orNone(profile.userMinute()),
        orNone(profile.projectMinute()),
        orNone(profile.projectDay()),
        profile.limited() ? quota.wall() : 0);
  }

  private static long orNone(long limit) {
    return limit == Long.MAX_VALUE ? 0 : limit;
  }

  /** The report as {@code GET /sim/report} gives it: the same names. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("requests", requests)
        .put("calls", object(calls))
        .put("throttled", throttled)
        .put("unitsSpent", unitsSpent)
        .put("unitsSpentByUser", object(unitsSpentByUser))
        .put("maxUserMinuteUnits", maxUserMinuteUnits)
        .put("maxProjectMinuteUnits", maxProjectMinuteUnits)
        .put(
            "limits",
            new JsonObject()
                .put("userMinute", limits.userMinute())
                .put("projectMinute", limits.projectMinute())
                .put("projectDay", limits.projectDay())
                .put("concurrency", limits.concurrency()))
        .put("permanentlyBad", permanentlyBad)
        .put("permanentlyBadWithSpamTrash", permanentlyBadWithSpamTrash)
        .put("faults", object(faults))
        .put("bytesSent", bytesSent)
        .put("deletedInMidSync", deletedInMidSync)
        .put("arrivedInMidSync", arrivedInMidSync)
        .put("messagesDelivered", messagesDelivered)
        .put("refetched", refetched)
        .put("refetchedInThreads", refetchedInThreads)
        .put("tokensIssued", tokensIssued);
  }

  private static JsonObject object(Map<String, Long> counts) {
    JsonObject object = new JsonObject();
    counts.forEach(object::put);
    return object;
  }
}
