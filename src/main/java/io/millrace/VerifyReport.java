package io.millrace;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.pipeline.MailboxSurvey;
import io.millrace.store.Mailboxes;
import io.millrace.store.Surveys;
import io.millrace.store.Surveys.Stand;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code verify} found, in the end.
 *
 * @param mailbox its address
 * @param same whether everything that Google has is stored, and everything adds up
 * @param listed messages that Google lists
 * @param stored of them stored
 * @param tombstones stored messages that Google has no more, and that are marked so
 * @param spamTrash stored messages in spam or trash, which are not listed
 * @param moving ids that have changed since the cursor: the next sync sees to them
 * @param differences what is wrong, by kind; empty if nothing is
 * @param repaired how many differences of each kind the repair has removed; empty if there was none
 * @param cursor the history id up to which all is accounted for, null before the first full sync
 * @param historyId the mailbox's at Google
 */
record VerifyReport(
    String mailbox,
    boolean same,
    long listed,
    long stored,
    long tombstones,
    long spamTrash,
    long moving,
    List<Difference> differences,
    Map<String, Long> repaired,
    String cursor,
    String historyId) {
  /**
   * One kind of difference.
   *
   * @param kind one word, see {@link #MEANING}
   * @param examples ids, at most 10
   */
  record Difference(String kind, long count, List<String> examples) {}

  private static final Map<String, String> MEANING =
      Map.of(
          "missing", "Google lists them and they are not stored",
          "dead", "they cannot be fetched; message_dead says why",
          "buried", "marked as deleted though Google lists them",
          "extra", "stored though Google does not list them",
          "labels", "in spam or trash here, though Google lists them",
          "counts", "the last full run's counts are not those of its messages",
          "unfinished", "the mailbox has never been synced completely, or is being synced anew",
          "history", "Google tells no more what has changed since the cursor");

  private static final List<String> ORDER =
      List.of("unfinished", "history", "missing", "dead", "buried", "extra", "labels", "counts");

  /**
   * Sums up a comparison.
   *
   * @param trouble what the user or the operator must do, or null
   * @param counts null if no full run is complete
   * @param before the report before the repair, null if there was none
   */
  static VerifyReport of(
      String address,
      Mailboxes.Mailbox mailbox,
      String trouble,
      MailboxSurvey.Found found,
      Surveys.Recount counts,
      VerifyReport before) {
    Map<String, Stand> stands = found.stands();
    List<Difference> differences = new ArrayList<>();
    for (String kind : ORDER) {
      Stand stand =
          switch (kind) {
            case "unfinished" -> one(counts == null, trouble);
            case "history" -> one(!found.historyKnown(), null);
            case "counts" -> one(counts != null && !counts.kept().equals(counts.again()), null);
            default -> stands.getOrDefault(kind, Stand.NONE);
          };
      if (stand.ids() > 0) {
        differences.add(new Difference(kind, stand.ids(), stand.examples()));
      }
    }
    long same = ids(stands, "same");
    return new VerifyReport(
        address,
        differences.isEmpty(),
        same + ids(stands, "missing") + ids(stands, "dead") + ids(stands, "buried"),
        same,
        ids(stands, "tombstone"),
        ids(stands, "aside"),
        ids(stands, "moving"),
        List.copyOf(differences),
        repaired(before, differences),
        mailbox.cursor(),
        found.historyId());
  }

  private static Stand one(boolean holds, String example) {
    return holds ? new Stand(1, example == null ? List.of() : List.of(example)) : Stand.NONE;
  }

  private static long ids(Map<String, Stand> stands, String kind) {
    return stands.getOrDefault(kind, Stand.NONE).ids();
  }

  private static Map<String, Long> repaired(VerifyReport before, List<Difference> left) {
    Map<String, Long> repaired = new TreeMap<>();
    if (before != null) {
      before.differences.forEach(d -> repaired.put(d.kind(), d.count()));
      left.forEach(d -> repaired.computeIfPresent(d.kind(), (k, n) -> Math.max(0, n - d.count())));
    }
    return repaired;
  }

  /** What differs, in one sentence. */
  String summary() {
    if (same) {
      return mailbox + " is the same at Google and here.";
    }
    List<String> words = new ArrayList<>();
    differences.forEach(d -> words.add(d.kind() + " " + number(d.count())));
    return mailbox + " differs: " + String.join(", ", words) + ".";
  }

  /** One JSON object on one line. */
  String toJson() {
    ObjectNode json =
        new JsonMapper()
            .createObjectNode()
            .put("mailbox", mailbox)
            .put("same", same)
            .put("listed", listed)
            .put("stored", stored)
            .put("tombstones", tombstones)
            .put("spamTrash", spamTrash)
            .put("moving", moving)
            .put("cursor", cursor)
            .put("historyId", historyId);
    ObjectNode repairs = json.putObject("repaired");
    repaired.forEach(repairs::put);
    ArrayNode list = json.putArray("differences");
    for (Difference difference : differences) {
      ObjectNode one =
          list.addObject()
              .put("kind", difference.kind())
              .put("count", difference.count())
              .put("meaning", MEANING.get(difference.kind()));
      difference.examples().forEach(one.putArray("examples")::add);
    }
    return json.toString();
  }

  /** A line for each figure, for a person. */
  String toText() {
    StringBuilder text = new StringBuilder(summary()).append('\n');
    line(text, "listed", listed, "messages that Google lists");
    line(text, "stored", stored, "of them stored");
    line(text, "tombstones", tombstones, "stored, and marked as deleted at Google");
    line(text, "spam, trash", spamTrash, "stored, and not listed there");
    line(text, "moving", moving, "changed since the cursor: the next sync sees to them");
    repaired.forEach((kind, n) -> line(text, "repaired", n, kind));
    for (Difference difference : differences) {
      line(text, difference.kind(), difference.count(), MEANING.get(difference.kind()));
      if (!difference.examples().isEmpty()) {
        text.append("  for example ").append(String.join(", ", difference.examples())).append('\n');
      }
    }
    text.append("cursor ").append(cursor == null ? "none" : cursor);
    return text.append(", at Google ").append(historyId).toString();
  }

  private static void line(StringBuilder text, String name, long count, String meaning) {
    text.append(String.format(Locale.ROOT, "%-12s %12s  %s%n", name, number(count), meaning));
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
