package io.millrace.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * The addresses under {@code /sim/}: what a test wants to know, and what it wants to happen. They
 * cost no quota and meet no faults.
 */
final class Control {
  private final World world;

  Control(World world) {
    this.world = world;
  }

  void handle(HttpServerRequest request, String path, Buffer body) {
    JsonObject answer;
    int status = 200;
    try {
      if (request.method().equals(HttpMethod.GET)) {
        answer = read(path);
      } else {
        answer = act(path, body.length() == 0 ? new JsonObject() : new JsonObject(body));
      }
    } catch (DecodeException | ClassCastException | IllegalArgumentException e) {
      status = 400;
      answer = new JsonObject().put("error", e.getMessage());
    }
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json; charset=UTF-8")
        .end(answer.toBuffer());
  }

  private JsonObject read(String path) {
    return switch (path) {
      case "/sim/accounts" -> accounts();
      case "/sim/minute" -> minute();
      case "/sim/report" -> world.report().toJson();
      default -> throw new IllegalArgumentException("Nothing to read at " + path + ".");
    };
  }

  private JsonObject minute() {
    Quota.Minute now = world.quota().minuteNow();
    return new JsonObject().put("own", now.own()).put("elsewhere", now.elsewhere());
  }

  private JsonObject accounts() {
    JsonArray accounts = new JsonArray();
    for (Mailbox mailbox : world.mailboxes()) {
      SimAccount account = mailbox.account();
      accounts.add(
          new JsonObject()
              .put("email", account.email())
              .put("refreshToken", account.refreshToken()));
    }
    return new JsonObject()
        .put("clientId", Tokens.CLIENT_ID)
        .put("clientSecret", Tokens.CLIENT_SECRET)
        .put("accounts", accounts)
        .put("profile", world.options().profile())
        .put("timeScale", world.options().timeScale())
        .put("seed", world.options().seed());
  }

  private JsonObject act(String path, JsonObject order) {
    Mailbox mailbox = world.mailbox(order.getString("email", ""));
    if (mailbox == null) {
      throw new IllegalArgumentException("There is no mailbox with this email.");
    }
    JsonObject done = new JsonObject();
    switch (path) {
      case "/sim/add" -> {
        int index = mailbox.arrive();
        done.put("id", Hash.hex(mailbox.store().id(index)));
        done.put("threadId", Hash.hex(mailbox.store().threadId(index)));
      }
      case "/sim/delete" -> mailbox.delete(index(mailbox, order));
      case "/sim/label" -> relabel(mailbox, order);
      case "/sim/expire-history" -> mailbox.expireHistory();
      case "/sim/revoke" -> world.tokens().revokeAccess(mailbox);
      case "/sim/revoke-grant" -> world.tokens().revokeGrants(mailbox);
      case "/sim/consent" -> world.tokens().consents().decide(mailbox, order.getString("answer"));
      case "/sim/delegation" ->
          world.tokens().delegations().refuse(mailbox, order.getString("error"));
      case "/sim/spend" ->
          world.quota().spendElsewhere(mailbox.quota(), order.getInteger("units", 0));
      case "/sim/refuse" -> mailbox.refuse(refusal(order.getString("error")));
      default -> throw new IllegalArgumentException("Nothing to do at " + path + ".");
    }
    return done.put("historyId", Long.toString(mailbox.historyId()));
  }

  private static GoogleError refusal(String name) {
    if (name == null) {
      return null;
    }
    GoogleError error = GoogleError.BY_NAME.get(name);
    if (error == null) {
      throw new IllegalArgumentException("Known errors: " + GoogleError.BY_NAME.keySet());
    }
    return error;
  }

  private static void relabel(Mailbox mailbox, JsonObject order) {
    int index = index(mailbox, order);
    List<String> labels = new ArrayList<>(mailbox.labels(index));
    List<String> added = strings(order.getJsonArray("add", new JsonArray()));
    List<String> gone = strings(order.getJsonArray("remove", new JsonArray()));
    added.removeAll(labels);
    gone.retainAll(labels);
    labels.removeAll(gone);
    labels.addAll(added);
    mailbox.relabel(index, labels, added, gone);
  }

  private static List<String> strings(JsonArray array) {
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      strings.add(array.getString(i));
    }
    return strings;
  }

  private static int index(Mailbox mailbox, JsonObject order) {
    Long id = Hash.parseHex(order.getString("id", ""));
    int index = id == null ? MailStore.NONE : mailbox.store().index(id);
    if (index == MailStore.NONE || !mailbox.exists(index)) {
      throw new IllegalArgumentException("There is no message with this id.");
    }
    return index;
  }
}
