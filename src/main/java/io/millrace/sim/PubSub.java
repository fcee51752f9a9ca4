package io.millrace.sim;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Which mailboxes Gmail has promised to tell a topic of, as {@code users.watch} and {@code
 * users.stop} leave it. Safe from any thread.
 */
final class PubSub {
  private static final Pattern TOPIC = Pattern.compile("projects/[^/\\s]+/topics/[^/\\s]+");
  private static final double LIFE_SECONDS = 7 * 86_400;

  /** A promise; each is another, also for the same topic. */
  static final class Watch {
    final String topic;
    final long expires;

    Watch(String topic, long expires) {
      this.topic = topic;
      this.expires = expires;
    }
  }

  private final SimClock clock;
  private final TokenSigner signer = new TokenSigner();
  private final Map<Mailbox, Watch> watches = new ConcurrentHashMap<>();

  PubSub(SimClock clock) {
    this.clock = clock;
  }

  TokenSigner signer() {
    return signer;
  }

  /** What is watched now. */
  Map<Mailbox, Watch> watched() {
    watches.values().removeIf(watch -> clock.now() - watch.expires >= 0);
    return watches;
  }

  /** Answers {@code users.watch}; throws 400 for what is no topic. */
  void watch(Mailbox mailbox, String topic, JsonOut out) {
    if (topic == null || !TOPIC.matcher(topic).matches()) {
      throw new ApiException(
          GoogleError.badRequest("Invalid topicName does not match projects/*/topics/*"));
    }
    watches.put(mailbox, new Watch(topic, clock.now() + clock.span(LIFE_SECONDS)));
    long until = clock.wall().millis() + clock.millis(LIFE_SECONDS * 1_000);
    out.object().quotedField("historyId", mailbox.historyId());
    out.quotedField("expiration", until).end();
  }

  /** Answers {@code users.stop}. */
  void stop(Mailbox mailbox, JsonOut out) {
    watches.remove(mailbox);
    out.object().end();
  }

  /** What a push says when a mailbox has come to a history id, without its envelope. */
  static JsonObject notice(Mailbox mailbox, long historyId) {
    return new JsonObject()
        .put("emailAddress", mailbox.account().email())
        .put("historyId", historyId);
  }
}
