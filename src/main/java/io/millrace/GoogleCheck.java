package io.millrace;

import io.millrace.google.GoogleSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Whether Google answers, and what time it is there. Any answer will do: nobody is logged in. */
final class GoogleCheck {
  private final HttpClient client;
  private final GoogleSettings settings;

  GoogleCheck(Vertx vertx, GoogleSettings settings) {
    this.settings = settings;
    this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(5_000));
  }

  Future<List<Check>> api() {
    Instant before = Instant.now();
    return call(HttpMethod.GET, settings.rootUrl())
        .map(
            answer ->
                List.of(
                    Check.ok("google", settings.rootUrl() + " answers"),
                    clock(answer.getHeader(HttpHeaders.DATE), before)))
        .otherwise(e -> List.of(unreachable("google", "google.rootUrl", settings.rootUrl(), e)));
  }

  Future<List<Check>> tokens() {
    return call(HttpMethod.POST, settings.tokenUrl())
        .map(answer -> List.of(Check.ok("token endpoint", settings.tokenUrl() + " answers")))
        .otherwise(
            e -> List.of(unreachable("token endpoint", "google.tokenUrl", settings.tokenUrl(), e)));
  }

  private static Check clock(String date, Instant before) {
    String name = "clock against google";
    if (date == null) {
      return Check.ok(name, "not told: the answer has no Date");
    }
    try {
      Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Doctor.clock(name, theirs, before, Instant.now(), Duration.ofSeconds(1));
    } catch (DateTimeParseException e) {
      return Check.ok(name, "not told: the answer's Date cannot be read");
    }
  }

  private static Check unreachable(String name, String key, URI uri, Throwable e) {
    return Check.bad(
        name,
        "%s does not answer: %s; check %s, DNS, proxy and firewall"
            .formatted(uri, Doctor.reason(e), key));
  }

  private Future<HttpClientResponse> call(HttpMethod method, URI uri) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setAbsoluteURI(uri.toString())
            .setTimeout(Doctor.PATIENCE.toMillis());
    return client
        .request(options)
        .compose(request -> request.putHeader(HttpHeaders.CONTENT_LENGTH, "0").send())
        .timeout(Doctor.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }
}
