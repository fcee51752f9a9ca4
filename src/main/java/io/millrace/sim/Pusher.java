package io.millrace.sim;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one subscription of changes to watched mailboxes, with Pub/Sub's habits: at least once, in
 * no order, again until it is acknowledged; and with Gmail's: at most one event a second for each
 * mailbox, the others are dropped.
 */
final class Pusher extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Pusher.class);
  private static final Set<Integer> ACKNOWLEDGED = Set.of(102, 200, 201, 202, 204);
  private static final long TICK_MS = 10;
  private static final long LONGEST_MS = 10_000;
  private static final double TOKEN_SECONDS = 3_600;
  private static final int MOST_OUTSTANDING = 10_000;
  private static final int MOST_DOUBLINGS = 9;
  private static final int ONE_IN = 8;

  private record Told(PubSub.Watch watch, long historyId, long at) {}

  private final World world;
  private final PushTarget target;
  private final Map<Mailbox, Told> told = new HashMap<>();
  private HttpClient http;
  private long published;
  private int outstanding;

  Pusher(World world, PushTarget target) {
    this.world = world;
    this.target = target;
  }

  @Override
  public Future<?> start() {
    http =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout(5_000),
            new PoolOptions().setHttp1MaxSize(16).setMaxWaitQueueSize(MOST_OUTSTANDING));
    return vertx
        .executeBlocking(() -> world.pubSub().signer().keys(), false)
        .onSuccess(keys -> vertx.setPeriodic(TICK_MS, id -> tick()));
  }

  @Override
  public Future<?> stop() {
    return http.close();
  }

  private void tick() {
    world.pubSub().watched().forEach(this::look);
  }

  private void look(Mailbox mailbox, PubSub.Watch watch) {
    long historyId = mailbox.historyId();
    Told last = told.get(mailbox);
    if (last != null && last.watch == watch && last.historyId == historyId) {
      return;
    }
    long now = world.clock().now();
    boolean another = last == null || last.watch != watch;
    if (another || now - last.at >= world.clock().span(1)) {
      told.put(mailbox, new Told(watch, historyId, now));
      publish(PubSub.notice(mailbox, historyId));
    } else {
      told.put(mailbox, new Told(watch, historyId, last.at));
    }
  }

  private void publish(JsonObject notice) {
    long number = ++published;
    JsonObject envelope =
        new JsonObject()
            .put(
                "message",
                new JsonObject()
                    .put("data", notice.toBuffer().getBytes())
                    .put("messageId", Long.toString(number))
                    .put("publishTime", world.clock().wall().instant().toString()))
            .put("subscription", "projects/millrace-sim/subscriptions/push");
    Buffer body = envelope.toBuffer();
    int habit = Hash.below(Hash.of(world.options().seed(), 0x9059, number), ONE_IN);
    if (habit == 1) {
      later(body, 2_000, 0);
    } else {
      deliver(body, 0);
      if (habit == 0) {
        deliver(body, 0);
      }
    }
  }

  private void later(Buffer body, double ofGoogleMs, int failures) {
    vertx.setTimer(world.clock().millis(ofGoogleMs), id -> deliver(body, failures));
  }

  private void deliver(Buffer body, int failures) {
    if (outstanding >= MOST_OUTSTANDING) {
      LOG.warn("A push is given up: {} are outstanding", outstanding);
      return;
    }
    outstanding++;
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(target.url().toString())
            .setTimeout(LONGEST_MS)
            .setIdleTimeout(LONGEST_MS);
    http.request(options)
        .compose(
            request ->
                request
                    .putHeader("Authorization", "Bearer " + token())
                    .putHeader("Content-Type", "application/json")
                    .putHeader("User-Agent", "APIs-Google; (+https://developers.google.com)")
                    .send(body))
        .compose(response -> response.body().map(v -> response.statusCode()))
        .onComplete(
            done -> {
              outstanding--;
              if (done.failed() || !ACKNOWLEDGED.contains(done.result())) {
                later(body, 100 * (1 << Math.min(failures, MOST_DOUBLINGS)), failures + 1);
              }
            });
  }

  private String token() {
    long now = world.clock().wall().millis() / 1_000;
    return world
        .pubSub()
        .signer()
        .sign(
            new JsonObject()
                .put("iss", TokenSigner.ISSUER)
                .put("aud", target.audience())
                .put("azp", "113774264463038321964")
                .put("sub", "113774264463038321964")
                .put("email", target.serviceAccount())
                .put("email_verified", true)
                .put("iat", now)
                .put("exp", now + (long) TOKEN_SECONDS));
  }
}
