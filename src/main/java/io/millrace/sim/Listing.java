package io.millrace.sim;

import java.util.ArrayList;
import java.util.List;

/** Writes pages of messages and threads, newest first. */
final class Listing {
  private final Mailbox mailbox;
  private final Meter meter;
  private final JsonOut out;

  Listing(Mailbox mailbox, Meter meter, JsonOut out) {
    this.mailbox = mailbox;
    this.meter = meter;
    this.out = out;
  }

  /** Where a page begins: after this index; the turn tells apart tokens for the same place. */
  private record Place(int after, int turn) {
    static final int TURNS = 256;

    long number() {
      return (long) after * TURNS + turn;
    }
  }

  void messages(Params params) {
    MailStore store = mailbox.store();
    Page page = page(params, false);
    out.object();
    if (!page.indexes.isEmpty()) {
      out.array("messages");
      for (int index : page.indexes) {
        out.object().field("id", Hash.hex(store.id(index)));
        out.field("threadId", Hash.hex(store.threadId(index))).end();
      }
      out.endArray();
    }
    finish(page);
  }

  void threads(Params params) {
    MailStore store = mailbox.store();
    Page page = page(params, true);
    out.object();
    if (!page.indexes.isEmpty()) {
      out.array("threads");
      for (int index : page.indexes) {
        out.object().field("id", Hash.hex(store.threadId(index)));
        out.field("snippet", store.mail(index).snippet());
        out.quotedField("historyId", mailbox.historyId(index)).end();
      }
      out.endArray();
    }
    finish(page);
  }

  private static final class Page {
    final List<Integer> indexes = new ArrayList<>();
    String next;
    int estimate;
  }

  private void finish(Page page) {
    if (page.next != null) {
      out.field("nextPageToken", page.next);
    }
    out.field("resultSizeEstimate", page.estimate).end();
  }

  private Page page(Params params, boolean threads) {
    int wanted = params.maxResults();
    ListQuery query =
        new ListQuery(
            mailbox, params.all("labelIds"), params.flag("includeSpamTrash"), params.get("q"));
    String token = params.get("pageToken");
    Place place =
        token == null || token.isEmpty() ? new Place(mailbox.beforeNewest(), 0) : place(token);
    FaultKind fault = mailbox.strike(FaultKind.Where.LIST, Hash.of(place.number(), wanted));
    if (fault == FaultKind.PAGE_TOKEN_REFUSED && token != null) {
      meter.fault(fault);
      throw new ApiException(GoogleError.badRequest("Invalid pageToken"));
    }
    Page page = new Page();
    page.estimate = Math.min(mailbox.messagesTotal(), 201);
    if (fault == FaultKind.EMPTY_PAGE) {
      meter.fault(fault);
      page.next = token(new Place(place.after, (place.turn + 1) % Place.TURNS));
      return page;
    }
    fill(page, place.after, wanted, query, threads);
    if (fault == FaultKind.DUPLICATE_ID && !page.indexes.isEmpty()) {
      meter.fault(fault);
      page.indexes.add(page.indexes.get(page.indexes.size() / 2));
    }
    return page;
  }

  private void fill(Page page, int after, int wanted, ListQuery query, boolean threads) {
    int size = mailbox.store().size();
    long stop = Math.min(size, (long) after + 1 + query.span());
    int last = after;
    for (int index = after + 1; index < stop && page.indexes.size() < wanted; index++) {
      last = index;
      if (mailbox.exists(index)
          && query.test(index)
          && (!threads || newestOfThread(index, query))) {
        page.indexes.add(index);
      }
    }
    if (last < size - 1) {
      page.next = token(new Place(last, 0));
    }
  }

  private boolean newestOfThread(int index, ListQuery query) {
    for (int member : mailbox.store().thread(index)) {
      if (member == index) {
        return true;
      }
      if (mailbox.exists(member) && query.test(member)) {
        return false;
      }
    }
    return true;
  }

  private Permutation tokens() {
    return new Permutation(Hash.of(mailbox.key(), 21));
  }

  private String token(Place place) {
    return Long.toUnsignedString(tokens().apply(place.number()));
  }

  private Place place(String token) {
    try {
      long number = tokens().invert(Long.parseUnsignedLong(token));
      long after = Math.floorDiv(number, Place.TURNS);
      if (after >= mailbox.beforeNewest() && after < mailbox.store().size()) {
        return new Place((int) after, Math.floorMod(number, Place.TURNS));
      }
    } catch (NumberFormatException e) {
      throw new ApiException(GoogleError.badRequest("Invalid pageToken"));
    }
    throw new ApiException(GoogleError.badRequest("Invalid pageToken"));
  }
}
