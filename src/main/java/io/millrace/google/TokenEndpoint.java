package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.google.GoogleFailure.BadRequest;
import io.millrace.google.GoogleFailure.DeadGrant;
import io.millrace.google.GoogleFailure.Denied;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.Unavailable;
import io.millrace.limit.ByteBudget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;

/** Speaks to Google's token endpoint. Runs on the caller's context. */
final class TokenEndpoint {
  private static final long LONGEST_ANSWER = 64 * 1024;
  private static final Duration UNSAID = Duration.ofMinutes(5);
  private static final Duration LONGEST_LIFE = Duration.ofDays(1);

  /**
   * @param life from now on
   */
  record Answer(String token, Duration life) {
    @Override
    public String toString() {
      return "Answer[for " + life + "]";
    }
  }

  private final Vertx vertx;
  private final HttpClient http;
  private final GoogleSettings settings;
  private final InstantSource clock;
  private final Breaker breaker;

  /** Its answers are small and bounded; they do not compete with mail. */
  private final Arrivals arrivals = new Arrivals(new ByteBudget(Long.MAX_VALUE));

  TokenEndpoint(Vertx vertx, HttpClient http, GoogleSettings settings, InstantSource clock) {
    this.vertx = vertx;
    this.http = http;
    this.settings = settings;
    this.clock = clock;
    this.breaker =
        new Breaker(
            vertx, "Google's token endpoint", settings.breaker(), true, clock, System::nanoTime);
  }

  Future<Answer> refresh(String refreshToken) {
    Buffer form =
        Buffer.buffer(
            "grant_type=refresh_token&refresh_token="
                + encode(refreshToken)
                + "&client_id="
                + encode(settings.clientId())
                + "&client_secret="
                + encode(settings.clientSecret()));
    return breaker
        .call(
            () -> connect().compose(request -> send(request, form)),
            done -> done.succeeded() ? done.result().verdict() : Breaker.verdict(done.cause()))
        .map(this::read);
  }

  private Future<HttpClientRequest> connect() {
    URI url = settings.tokenUrl();
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return http.request(
            GoogleHttp.to(settings, url)
                .setMethod(HttpMethod.POST)
                .setURI(url.getRawQuery() == null ? path : path + "?" + url.getRawQuery()))
        .recover(
            e ->
                Future.failedFuture(
                    new GoogleException(
                        new Unavailable(
                            "no connection to the token endpoint ("
                                + e.getClass().getSimpleName()
                                + ")."))));
  }

  private Future<Exchange.Answer> send(HttpClientRequest request, Buffer form) {
    request
        .putHeader("Content-Type", "application/x-www-form-urlencoded")
        .putHeader("Accept", "application/json")
        .putHeader("User-Agent", "millrace");
    Exchange.Bounds bounds = new Exchange.Bounds(settings.timeout(), LONGEST_ANSWER, n -> {});
    return new Exchange(vertx, request, bounds, arrivals, nanos -> {}).send(form);
  }

  private Answer read(Exchange.Answer answer) {
    byte[] body = answer.body();
    if (answer.status() != 200) {
      throw new GoogleException(failure(answer));
    }
    String token = null;
    Duration life = UNSAID;
    try (JsonParser p = Json.parser(body, 0, body.length)) {
      if (p.nextToken() == JsonToken.START_OBJECT) {
        while (p.nextToken() == JsonToken.FIELD_NAME) {
          String name = p.currentName();
          p.nextToken();
          if (name.equals("access_token") && p.currentToken() == JsonToken.VALUE_STRING) {
            token = p.getText();
          } else if (name.equals("expires_in") && p.currentToken().isScalarValue()) {
            Long seconds = Json.clamped(p.getText(), 0, LONGEST_LIFE.toSeconds());
            life = seconds == null ? UNSAID : Duration.ofSeconds(seconds);
          } else {
            p.skipChildren();
          }
        }
      }
    } catch (IOException e) {
      throw new GoogleException(new Malformed("a token answer that is no JSON."));
    }
    if (token == null || token.isBlank() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new GoogleException(new Malformed("a token answer without a token."));
    }
    return new Answer(token, life);
  }

  private GoogleFailure failure(Exchange.Answer answer) {
    ErrorBody error = ErrorBody.read(answer.body(), 0, answer.body().length);
    if (error.has("invalid_grant")) {
      return new DeadGrant("the grant has expired or was revoked.");
    }
    for (String reason : new String[] {"invalid_client", "unauthorized_client", "deleted_client"}) {
      if (error.has(reason)) {
        return new Denied(reason, "the operator must check the OAuth client's id and secret.");
      }
    }
    GoogleFailure failure =
        Failures.classify(answer.status(), answer.headers()::get, answer.body(), clock.instant());
    if (failure instanceof BadRequest || failure.permanent()) {
      String reasons = error.reasons.strip().toLowerCase(Locale.ROOT);
      return new Denied(
          reasons.isEmpty() ? "status " + answer.status() : reasons,
          "the operator must check the settings of the OAuth client.");
    }
    return failure instanceof Malformed
        ? failure
        : new Unavailable("the token endpoint answered " + answer.status() + ".");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
