package io.millrace.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A request to the API from arrival to answer: one call, or the calls of a batch. Each call is
 * authorised and charged when it arrives and is in flight until the answer has gone out. One
 * request, one thread at a time.
 */
final class ApiRequest {
  private static final String PART = "\r\nContent-Type: application/http\r\n";
  private static final String HEAD =
      "Content-Type: application/json; charset=UTF-8\r\nVary: Origin\r\nVary: X-Origin\r\n\r\n";

  /** A call with what arrival made of it: admitted, or refused with an error. */
  private record Item(
      BatchPart part, Call call, Mailbox mailbox, String token, GoogleError refused) {}

  private final World world;
  private final boolean batch;
  private final List<Item> items = new ArrayList<>();
  private final Map<Mailbox, Integer> inFlight = new HashMap<>();
  private final Quota.Arrival arrival = new Quota.Arrival();
  private final Tally tally = new Tally();
  private FaultKind fault;
  private boolean finished;

  private ApiRequest(World world, boolean batch) {
    this.world = world;
    this.batch = batch;
  }

  static ApiRequest single(
      World world, String method, String target, String authorization, Params body) {
    ApiRequest request = new ApiRequest(world, false);
    request.arrive(new BatchPart(null, method, target, authorization), null, body);
    request.meetFault();
    return request;
  }

  static ApiRequest batch(World world, List<BatchPart> parts, String authorization) {
    ApiRequest request = new ApiRequest(world, true);
    for (BatchPart part : parts) {
      request.arrive(part, authorization, Params.NONE);
    }
    request.meetFault();
    return request;
  }

  FaultKind fault() {
    return fault;
  }

  Tally tally() {
    return tally;
  }

  /** Whether making the answer may wait for a disk. */
  boolean blocking() {
    return items.stream().anyMatch(i -> i.mailbox != null && i.mailbox.store().blocking());
  }

  /** A repeatable number for latency and other details. */
  long subject() {
    Item first = items.get(0);
    return first.call == null ? 0 : first.call.subject();
  }

  String contentType() {
    boolean whole = fault == FaultKind.REQUEST_429 || fault == FaultKind.REQUEST_503;
    return batch && !whole
        ? "multipart/mixed; boundary=" + boundary()
        : "application/json; charset=UTF-8";
  }

  /** Carries out the calls and writes the answer; returns the HTTP status. */
  int answer(JsonOut out) {
    if (fault == FaultKind.REQUEST_429 || fault == FaultKind.REQUEST_503) {
      GoogleError error =
          fault == FaultKind.REQUEST_429 ? GoogleError.EXHAUSTED : GoogleError.backend(503);
      world.meter().fault(fault);
      tally.refused(error);
      error.write(out);
      return error.code();
    }
    if (!batch) {
      return carryOut(items.get(0), out, tally);
    }
    answerParts(out);
    return 200;
  }

  /** The answer has gone out, or never will: its calls are no longer in flight. */
  void finish() {
    if (!finished) {
      finished = true;
      inFlight.forEach((mailbox, calls) -> world.quota().release(mailbox.quota(), calls));
    }
  }

  private void arrive(BatchPart part, String outerAuthorization, Params body) {
    String authorization = part.authorization() == null ? outerAuthorization : part.authorization();
    Mailbox mailbox = world.tokens().opens(authorization);
    Call call = null;
    GoogleError refused = null;
    try {
      call = Call.parse(part.method(), part.target(), body);
      if (mailbox == null) {
        refused = GoogleError.INVALID_CREDENTIALS;
      } else {
        refused = settle(call, mailbox);
      }
    } catch (ApiException e) {
      refused = e.error();
    }
    items.add(new Item(part, call, mailbox, Tokens.bearer(authorization), refused));
  }

  private GoogleError settle(Call call, Mailbox mailbox) {
    if (!call.user().equals("me") && !call.user().equalsIgnoreCase(mailbox.account().email())) {
      return GoogleError.delegationDenied(mailbox.account().email());
    }
    world.meter().call(call.method());
    if (mailbox.refusal() != null) {
      return mailbox.refusal();
    }
    GoogleError refused = world.quota().admit(mailbox.quota(), call.method(), arrival);
    if (refused == null) {
      inFlight.merge(mailbox, 1, Integer::sum);
    }
    return refused;
  }

  /** Faults of the whole request meet it only when its first call got through. */
  private void meetFault() {
    Item first = items.get(0);
    if (first.refused == null) {
      fault = first.mailbox.strike(FaultKind.Where.ANSWER, first.call.subject());
    }
  }

  private int carryOut(Item item, JsonOut out, Tally to) {
    if (item.refused == null) {
      return world.gmail().answer(item.call, item.mailbox, item.token, out, to);
    }
    to.refused(item.refused);
    item.refused.write(out);
    return item.refused.code();
  }

  private void answerParts(JsonOut out) {
    Item first = items.get(0);
    FaultKind disorder = null;
    boolean named = items.stream().allMatch(i -> i.part.contentId() != null);
    if (named && first.refused == null && items.size() > 1) {
      disorder = first.mailbox.strike(FaultKind.Where.BATCH, first.call.subject());
    }
    if (disorder != null) {
      world.meter().fault(disorder);
    }
    int chosen = disorder == null ? 0 : first.mailbox.plan().detail(subject(), items.size());
    int shift = disorder == FaultKind.PARTS_REORDERED ? Math.max(1, chosen) : 0;
    JsonOut scratch = new JsonOut(8 * 1024);
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get((i + shift) % items.size());
      Tally own = new Tally();
      int status = carryOut(item, scratch.restart(0), own);
      if (disorder == FaultKind.PART_MISSING && i == chosen) {
        continue;
      }
      tally.add(own);
      write(item, status, scratch, out);
      if (disorder == FaultKind.PART_REPEATED && i == chosen && status == 200) {
        write(item, status, scratch, out);
      }
    }
    out.ascii("--").ascii(boundary()).ascii("--\r\n");
  }

  private void write(Item item, int status, JsonOut json, JsonOut out) {
    out.ascii("--").ascii(boundary()).ascii(PART).ascii(item.part.answerLine());
    out.ascii("\r\nHTTP/1.1 ").ascii(Integer.toString(status)).ascii(" ").ascii(reason(status));
    out.ascii("\r\n").ascii(HEAD).raw(json.array(), json.length()).ascii("\r\n");
  }

  private static String boundary() {
    return "batch_mIlLrAcE0sImUlAtOr0b0uNdArY";
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 429 -> "Too Many Requests";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      default -> "Internal Server Error";
    };
  }
}
