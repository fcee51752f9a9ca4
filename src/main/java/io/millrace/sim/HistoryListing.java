package io.millrace.sim;

import java.util.List;

/** Writes pages of a mailbox's history. */
final class HistoryListing {
  private final Mailbox mailbox;
  private final Meter meter;
  private final JsonOut out;

  HistoryListing(Mailbox mailbox, Meter meter, JsonOut out) {
    this.mailbox = mailbox;
    this.meter = meter;
    this.out = out;
  }

  void write(Params params) {
    int wanted = params.maxResults();
    long start = number(params.get("startHistoryId"), "startHistoryId");
    List<String> types = params.all("historyTypes");
    String label = params.get("labelId");
    if (mailbox.strike(FaultKind.Where.HISTORY, start) != null) {
      meter.fault(FaultKind.HISTORY_EXPIRED);
      mailbox.expireHistory();
    }
    // A page token is the id of the last event that was looked at.
    String token = params.get("pageToken");
    List<History.Event> events = mailbox.history(start);
    long after = token == null || token.isEmpty() ? start : number(token, "pageToken");
    List<History.Event> left = events.stream().filter(e -> e.historyId() > after).toList();
    List<History.Event> page = left.subList(0, Math.min(wanted, left.size()));
    List<History.Event> shown =
        page.stream()
            .filter(e -> types.isEmpty() || types.contains(e.kind().type))
            .filter(e -> label == null || mailbox.labels(e.index()).contains(label))
            .toList();
    out.object();
    if (!shown.isEmpty()) {
      out.array("history");
      shown.forEach(this::event);
      out.endArray();
    }
    if (page.size() < left.size()) {
      out.quotedField("nextPageToken", page.get(page.size() - 1).historyId());
    }
    out.quotedField("historyId", mailbox.historyId()).end();
  }

  private void event(History.Event event) {
    out.object().quotedField("id", event.historyId()).array("messages");
    out.object();
    ids(event.index());
    out.end().endArray().array(event.kind().array).object().object("message");
    ids(event.index());
    new MessageJson(mailbox, out).labels(mailbox.labels(event.index()));
    out.end();
    if (!event.labels().isEmpty()) {
      new MessageJson(mailbox, out).labels(event.labels());
    }
    out.end().endArray().end();
  }

  private void ids(int index) {
    out.field("id", Hash.hex(mailbox.store().id(index)));
    out.field("threadId", Hash.hex(mailbox.store().threadId(index)));
  }

  private static long number(String text, String name) {
    try {
      if (text != null && !text.isEmpty()) {
        return Long.parseUnsignedLong(text);
      }
    } catch (NumberFormatException e) {
      throw Params.invalid(name, text);
    }
    throw Params.invalid(name, "");
  }
}
