package io.millrace.sim;

import java.util.List;

/**
 * Carries out calls on a mailbox and writes their answers. Quota has been settled before; what can
 * still go wrong here is the call itself, or a fault. Stateless; any thread.
 */
final class Gmail {
  private static final List<String> MESSAGE_FIELDS =
      List.of(
          "id",
          "threadId",
          "labelIds",
          "snippet",
          "historyId",
          "internalDate",
          "sizeEstimate",
          "payload");

  private final Meter meter;
  private final Quota quota;
  private final Tokens tokens;
  private final PubSub pubSub;

  Gmail(Meter meter, Quota quota, Tokens tokens, PubSub pubSub) {
    this.meter = meter;
    this.quota = quota;
    this.tokens = tokens;
    this.pubSub = pubSub;
  }

  /** Writes the answer of one call and returns its HTTP status. */
  int answer(Call call, Mailbox mailbox, String accessToken, JsonOut out, Tally tally) {
    int from = out.length();
    try {
      strike(call, mailbox, accessToken);
      dispatch(call, mailbox, out, tally);
      cut(call, out, from);
      return 200;
    } catch (ApiException e) {
      tally.refused(e.error());
      e.error().write(out.restart(from));
      return e.error().code();
    } catch (Unreadable e) {
      meter.fault(FaultKind.BAD_JSON);
      out.restart(from).ascii("{\"id\":\"").ascii(call.id()).ascii("\",\"threadId\":\"18");
      return 200;
    }
  }

  private void dispatch(Call call, Mailbox mailbox, JsonOut out, Tally tally) {
    Listing listing = new Listing(mailbox, meter, out);
    switch (call.method()) {
      case MESSAGES_LIST -> listing.messages(call.params());
      case THREADS_LIST -> listing.threads(call.params());
      case HISTORY_LIST -> new HistoryListing(mailbox, meter, out).write(call.params());
      case MESSAGES_GET -> message(call, mailbox, out, tally);
      case THREADS_GET -> thread(call, mailbox, out, tally);
      case ATTACHMENTS_GET -> attachment(call, mailbox, out);
      case PROFILE_GET -> profile(mailbox, out);
      case LABELS_LIST -> Labels.writeAll(mailbox, out);
      case LABELS_GET -> Labels.writeOne(mailbox, call.id(), out);
      case WATCH -> pubSub.watch(mailbox, call.params().get("topicName"), out);
      case STOP -> pubSub.stop(mailbox, out);
    }
  }

  private static void profile(Mailbox mailbox, JsonOut out) {
    out.object().field("emailAddress", mailbox.account().email());
    out.field("messagesTotal", mailbox.messagesTotal());
    out.field("threadsTotal", mailbox.store().threadCount());
    out.quotedField("historyId", mailbox.historyId()).end();
  }

  private void message(Call call, Mailbox mailbox, JsonOut out, Tally tally) {
    String format = call.params().oneOf("format", "full", "metadata", "minimal", "raw");
    int index = find(call, mailbox);
    if (mailbox.getBringsArrival()) {
      mailbox.arrive();
      meter.fault(FaultKind.MESSAGE_ADDED);
      meter.arrived.increment();
    }
    checkReadable(index, mailbox);
    if (vanishes(index, mailbox)) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    if (mailbox.wasDelivered(index)) {
      meter.refetched.increment();
    }
    new MessageJson(mailbox, out).write(index, format, call.params().all("metadataHeaders"));
    tally.delivers(mailbox, index);
  }

  private void thread(Call call, Mailbox mailbox, JsonOut out, Tally tally) {
    String format = call.params().oneOf("format", "full", "metadata", "minimal");
    int root = find(call, mailbox.store());
    int[] members = root == MailStore.NONE ? new int[0] : mailbox.store().thread(root);
    if (members.length == 0 || members[members.length - 1] != root) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    for (int member : members) {
      if (mailbox.exists(member)) {
        checkReadable(member, mailbox);
        vanishes(member, mailbox);
      }
    }
    out.object().field("id", Hash.hex(mailbox.store().id(root)));
    out.quotedField("historyId", mailbox.historyId(members[0])).array("messages");
    MessageJson json = new MessageJson(mailbox, out);
    int written = 0;
    for (int i = members.length - 1; i >= 0; i--) {
      if (mailbox.exists(members[i])) {
        written++;
        meter.refetchedInThreads.add(mailbox.wasDelivered(members[i]) ? 1 : 0);
        json.write(members[i], format, call.params().all("metadataHeaders"));
        tally.delivers(mailbox, members[i]);
      }
    }
    if (written == 0) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    out.endArray().end();
  }

  private void attachment(Call call, Mailbox mailbox, JsonOut out) {
    int index = find(call, mailbox);
    checkReadable(index, mailbox);
    String partId = MessageJson.partId(mailbox.store().id(index), call.attachment());
    if (partId == null) {
      throw new ApiException(GoogleError.badRequest("Invalid attachment token"));
    }
    Part part = mailbox.store().mail(index).payload().find(partId);
    if (part == null || !part.apart()) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    out.object().field("size", part.size()).base64Field("data", part.data().get()).end();
  }

  private static int find(Call call, Mailbox mailbox) {
    int index = find(call, mailbox.store());
    if (index == MailStore.NONE || !mailbox.exists(index)) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    return index;
  }

  private static int find(Call call, MailStore store) {
    Long id = Hash.parseHex(call.id());
    if (id == null) {
      throw new ApiException(GoogleError.badRequest("Invalid id value"));
    }
    return store.index(id);
  }

  /** A message that the seed has spoilt is an error, alone and in its thread. */
  private void checkReadable(int index, Mailbox mailbox) {
    if (index < 0) {
      return;
    }
    FaultKind bad = mailbox.plan().forGood(mailbox.key(), mailbox.store().id(index));
    if (bad == FaultKind.BAD_500) {
      meter.fault(bad);
      throw new ApiException(GoogleError.backend(500));
    } else if (bad == FaultKind.BAD_JSON) {
      throw new Unreadable();
    }
  }

  private boolean vanishes(int index, Mailbox mailbox) {
    if (index < 0 || mailbox.wasDelivered(index)) {
      return false;
    }
    if (mailbox.strike(FaultKind.Where.MESSAGE, mailbox.store().id(index)) == null) {
      return false;
    }
    meter.fault(FaultKind.MESSAGE_DELETED);
    meter.deleted.increment();
    return mailbox.delete(index);
  }

  private void strike(Call call, Mailbox mailbox, String accessToken) {
    FaultKind kind = mailbox.strike(FaultKind.Where.CALL, call.subject());
    boolean get = call.method() == ApiMethod.MESSAGES_GET || call.method() == ApiMethod.THREADS_GET;
    if (kind == null || (kind == FaultKind.TEMPORARY_404 && !get)) {
      return;
    }
    meter.fault(kind);
    if (kind == FaultKind.TOKEN_REVOKED) {
      tokens.revoke(accessToken);
    }
    throw new ApiException(
        switch (kind) {
          case RESOURCE_EXHAUSTED -> GoogleError.EXHAUSTED;
          case CONCURRENT_429 -> GoogleError.CONCURRENT;
          case QUOTA_403 -> GoogleError.USER_MINUTE;
          case RETRY_AFTER ->
              quota.shutOut(mailbox.quota(), 5 + mailbox.plan().detail(call.subject(), 26));
          case TOKEN_REVOKED -> GoogleError.INVALID_CREDENTIALS;
          case TEMPORARY_404 -> GoogleError.NOT_FOUND;
          case ERROR_502 -> GoogleError.backend(502);
          case ERROR_503 -> GoogleError.backend(503);
          case ERROR_504 -> GoogleError.backend(504);
          default -> GoogleError.backend(500);
        });
  }

  private static void cut(Call call, JsonOut out, int from) {
    String fields = call.params().get("fields");
    if (fields == null || fields.isEmpty()) {
      return;
    }
    FieldMask mask = FieldMask.parse(fields);
    boolean whole =
        call.method() == ApiMethod.MESSAGES_GET
            && mask.keeps(MESSAGE_FIELDS)
            && !"raw".equals(call.params().get("format"));
    if (!whole) {
      byte[] kept = mask.cut(out.array(), from, out.length() - from);
      out.restart(from).raw(kept, kept.length);
    }
  }

  /** The answer is to break off. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable() {
      super("unreadable", null, false, false);
    }
  }
}
