package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.google.Prices;
import io.millrace.store.Interactions;
import io.millrace.store.Jobs;
import io.millrace.store.Mailboxes;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What a run came to: the committed totals, across restarts on the same data.
 *
 * @param listed distinct ids that Gmail listed; the five counts after it add up to it
 * @param stored messages stored by the run
 * @param duplicate messages that were there before
 * @param gone ids that Gmail no longer has
 * @param deadLettered ids that failed for good
 * @param deferred ids that a queued job will fetch again
 * @param complete whether nothing is left to do
 * @param normalized interactions made of messages
 * @param contacts people found in them
 * @param unitsSpent quota units charged
 * @param unitsNaive units that one get a message and the same listing would have cost
 * @param throttled answers that refused a call for lack of quota, 429 or 403
 * @param permanentlyBad ids that the simulator made impossible to fetch, −1 if it cannot be asked
 * @param bytesReceived bytes from Google over the network
 * @param elapsedMs milliseconds from the first job to the last
 * @param messagesPerSecond messages stored in a second over that time
 * @param peakHeapBytes the most heap in use at any time
 * @param heapFirstTenthBytes heap left after collections (median) during the first tenth of the
 *     work, −1 if there was none
 * @param heapLastTenthBytes the same during the last tenth
 * @param version of Millrace
 */
public record Summary(
    int mailboxes,
    long listed,
    long stored,
    long duplicate,
    long gone,
    long deadLettered,
    long deferred,
    boolean complete,
    long normalized,
    long contacts,
    long unitsSpent,
    long unitsNaive,
    long throttled,
    long permanentlyBad,
    long bytesReceived,
    long elapsedMs,
    double messagesPerSecond,
    long peakHeapBytes,
    long heapFirstTenthBytes,
    long heapLastTenthBytes,
    String version) {
  private static final JsonMapper MAPPER = new JsonMapper();

  private static final Map<String, String> MEANING =
      Map.ofEntries(
          Map.entry("mailboxes", "in the run"),
          Map.entry("listed", "distinct ids"),
          Map.entry("stored", "messages"),
          Map.entry("duplicate", "stored before"),
          Map.entry("gone", "deleted meanwhile"),
          Map.entry("deadLettered", "failed for good"),
          Map.entry("deferred", "still to be fetched"),
          Map.entry("complete", "every listed id accounted for, nothing left to do"),
          Map.entry("normalized", "interactions"),
          Map.entry("contacts", "people"),
          Map.entry("unitsSpent", "quota units"),
          Map.entry("unitsNaive", "quota units, at one get a message"),
          Map.entry("throttled", "calls refused for lack of quota"),
          Map.entry("permanentlyBad", "ids that cannot be fetched at all"),
          Map.entry("bytesReceived", "bytes"),
          Map.entry("elapsedMs", "ms"),
          Map.entry("messagesPerSecond", "messages/s"),
          Map.entry("peakHeapBytes", "bytes"),
          Map.entry("heapFirstTenthBytes", "bytes after collections, first tenth of the work"),
          Map.entry("heapLastTenthBytes", "bytes after collections, last tenth"));

  /**
   * Adds up what the database knows.
   *
   * @param states of all mailboxes of the run
   * @param before messages stored before this process began
   */
  static Summary of(
      List<Mailboxes.State> states,
      Interactions.Derived derived,
      Jobs.Unfinished jobs,
      Prices prices,
      long permanentlyBad,
      long before,
      long elapsedMs,
      HeapWatch heap) {
    long listed = sum(states, Mailboxes.State::listed);
    long stored = sum(states, Mailboxes.State::stored);
    long pages = states.stream().mapToLong(s -> Math.max(1, (s.listed() + 499) / 500)).sum();
    boolean complete =
        states.stream().allMatch(s -> s.phase().equals("complete"))
            && jobs.live() == 0
            && jobs.dead() == 0;
    return new Summary(
        states.size(),
        listed,
        stored,
        sum(states, Mailboxes.State::duplicate),
        sum(states, Mailboxes.State::gone),
        sum(states, Mailboxes.State::deadLettered),
        // An id is listed when its fate is known, so none is put off; jobs for single ids come
        // later.
        0,
        complete,
        derived.interactions(),
        derived.contacts(),
        sum(states, Mailboxes.State::unitsSpent),
        prices.get() * listed + prices.list() * pages,
        sum(states, Mailboxes.State::throttled),
        permanentlyBad,
        sum(states, Mailboxes.State::bytesReceived),
        elapsedMs,
        elapsedMs == 0 ? 0 : Math.max(0, stored - before) * 1000.0 / elapsedMs,
        heap.peak(),
        heap.afterCollection(0, 0.1),
        heap.afterCollection(0.9, 1),
        Version.current());
  }

  private static long sum(List<Mailboxes.State> states, ToLongFunction<Mailboxes.State> count) {
    return states.stream().mapToLong(count).sum();
  }

  /** Whether each listed id is in exactly one of the five counts. */
  public boolean addsUp() {
    return listed == stored + duplicate + gone + deadLettered + deferred;
  }

  /** {@link ExitException#OK} when complete, else {@link ExitException#INCOMPLETE}. */
  public int exitStatus() {
    return complete && deferred == 0 && addsUp() ? ExitException.OK : ExitException.INCOMPLETE;
  }

  /** One JSON object on one line. */
  public String toJson() {
    return fields().toString();
  }

  /** A line for each field, for a person. */
  public String toTable() {
    StringBuilder table = new StringBuilder();
    for (Map.Entry<String, JsonNode> field : fields().properties()) {
      JsonNode value = field.getValue();
      String text =
          value.isIntegralNumber() && value.asLong() < 0
              ? "–"
              : value.isIntegralNumber()
                  ? String.format(Locale.ROOT, "%,d", value.asLong())
                  : value.isBoolean() ? (value.asBoolean() ? "yes" : "no") : value.asText();
      String meaning = MEANING.getOrDefault(field.getKey(), "");
      table.append(
          String.format(Locale.ROOT, "%-18s %15s  %s", field.getKey(), text, meaning)
              .stripTrailing());
      table.append('\n');
    }
    return table.toString();
  }

  private ObjectNode fields() {
    ObjectNode fields = MAPPER.valueToTree(this);
    boolean known = Double.isFinite(messagesPerSecond);
    fields.put("messagesPerSecond", known ? Math.round(messagesPerSecond * 10) / 10.0 : 0);
    return fields;
  }
}
