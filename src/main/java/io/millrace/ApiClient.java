package io.millrace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Asks a running Millrace over its API, and turns every refusal into a sentence and an exit status.
 * When asked to slow down it waits, a bounded number of times. Used by one thread.
 */
final class ApiClient {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final int LONGEST_SENTENCE = 1_000;
  private static final String KEY = "Idempotency-Key";
  private static final int TOO_MANY = 429;
  private static final int MOST_WAITS = 5;
  private static final long LONGEST_WAIT_S = 10;

  /** Nobody is there, or nobody who would let us in, at last after waits. */
  private static final Set<Integer> REFUSALS = Set.of(401, 403, 421, TOO_MANY, 502, 503, 504);

  private static final Set<Integer> WRONG_CALLS = Set.of(400, 405, 413, 415, 422);

  private final String root;
  private final Optional<String> token;
  private final HttpClient http;

  /**
   * @param address without a path behind which the API would stand
   * @param caFile certificates that alone are trusted
   */
  ApiClient(URI address, Optional<String> token, Optional<Path> caFile) {
    this.root = address.toString().replaceFirst("/+$", "");
    this.token = token;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER);
    caFile.ifPresent(file -> builder.sslContext(TrustedFile.context(file)));
    this.http = builder.build();
  }

  /** Reads; what is null in the query is left out. */
  JsonNode get(String path, Map<String, ?> query) {
    StringBuilder asked = new StringBuilder(path);
    char mark = '?';
    for (Map.Entry<String, ?> one : query.entrySet()) {
      if (one.getValue() != null) {
        asked.append(mark).append(one.getKey()).append('=').append(coded("" + one.getValue()));
        mark = '&';
      }
    }
    return answer(send(request(asked.toString()).GET().build()));
  }

  JsonNode get(String path) {
    return get(path, Map.of());
  }

  /** Reads what may be missing on this server; empty if it is. */
  Optional<JsonNode> find(String path) {
    HttpResponse<String> answer = send(request(path).GET().build());
    return answer.statusCode() == 404 ? Optional.empty() : Optional.of(answer(answer));
  }

  /** Reads what tells what is the matter even when it is refused. */
  JsonNode told(String path) {
    HttpResponse<String> answer = send(request(path).GET().build());
    JsonNode body = json(answer.body());
    return body != null && body.isObject() && body.has("checks") ? body : answer(answer);
  }

  /** Changes something once: if no answer comes it is sent again under the same key. */
  JsonNode post(String path, ObjectNode body) {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .header(KEY, UUID.randomUUID().toString())
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    return answer(send(request));
  }

  JsonNode post(String path) {
    return post(path, object());
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** For the path or the query of an address. */
  static String coded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(root + path))
            .timeout(ANSWER)
            .header("Accept", "application/json");
    token.ifPresent(shown -> builder.header("Authorization", "Bearer " + shown));
    return builder;
  }

  /** Asks again after a wait while too much was asked. */
  private HttpResponse<String> send(HttpRequest request) {
    HttpResponse<String> answer = sendNow(request);
    for (int waits = 0; waits < MOST_WAITS && answer.statusCode() == TOO_MANY; waits++) {
      long seconds = retryAfter(answer);
      if (seconds > LONGEST_WAIT_S) {
        return answer;
      }
      try {
        TimeUnit.SECONDS.sleep(seconds);
      } catch (InterruptedException e) {
        throw interrupted();
      }
      answer = sendNow(request);
    }
    return answer;
  }

  /** In seconds; 1 if the server does not tell. */
  private static long retryAfter(HttpResponse<String> answer) {
    String told = answer.headers().firstValue("Retry-After").orElse("");
    return told.matches("[0-9]{1,9}") ? Long.parseLong(told) : 1;
  }

  /** Twice if it has a key under which it is done once, and no answer comes. */
  private HttpResponse<String> sendNow(HttpRequest request) {
    try {
      try {
        return http.send(request, HttpResponse.BodyHandlers.ofString());
      } catch (IOException e) {
        if (e instanceof SSLException || request.headers().firstValue(KEY).isEmpty()) {
          throw e;
        }
        return http.send(request, HttpResponse.BodyHandlers.ofString());
      }
    } catch (IOException e) {
      throw away(e);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static ExitException interrupted() {
    Thread.currentThread().interrupt();
    return new ExitException(ExitException.INCOMPLETE, "interrupted");
  }

  private ExitException away(IOException e) {
    String why =
        e instanceof SSLException
            ? "its certificate is not trusted, or it does not speak TLS (--ca-file names whom to trust)"
            : e instanceof java.net.http.HttpTimeoutException
                ? "it does not answer in time"
                : "nobody answers there";
    return new ExitException(ExitException.AWAY, "%s cannot be asked: %s".formatted(root, why));
  }

  private JsonNode answer(HttpResponse<String> answer) {
    int status = answer.statusCode();
    JsonNode body = json(answer.body());
    if (status == 200 && body != null) {
      return body;
    }
    throw new ExitException(
        REFUSALS.contains(status)
            ? ExitException.AWAY
            : WRONG_CALLS.contains(status) ? ExitException.WRONG : ExitException.INCOMPLETE,
        sentence(status, body));
  }

  /** As the server words it; by status alone where something else than Millrace answers. */
  private String sentence(int status, JsonNode body) {
    if (body == null || !body.path("detail").isTextual()) {
      return "%s answered with status %d and nothing that Millrace says; is --url right?"
          .formatted(root, status);
    }
    StringBuilder text = new StringBuilder(body.path("detail").textValue());
    if (body.path("errors").size() > 1) {
      body.path("errors")
          .forEach(
              e ->
                  text.append(' ')
                      .append(e.path("field").asText())
                      .append(": ")
                      .append(e.path("detail").asText())
                      .append('.'));
    }
    if (status == 401) {
      text.append(" (--token-file or ").append(ApiOptions.TOKEN).append(" holds a token)");
    }
    return ProgressLine.cut(Table.plain(text.toString()), LONGEST_SENTENCE);
  }

  private static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
