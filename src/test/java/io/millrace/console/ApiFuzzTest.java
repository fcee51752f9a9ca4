package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever is sent, the answer is a problem that says so, and never a fault of ours. */
@Timeout(120)
class ApiFuzzTest {
  private static final List<String> PATH_VALUES =
      List.of(
          "x",
          "-1",
          "0",
          "1.5",
          "99999999999999999999",
          "%00",
          "%ff%fe",
          "%F0%9F%92%A5",
          "..%2f..",
          "%25",
          "null",
          "a%20b",
          "' or 1=1",
          "9223372036854775807",
          "a".repeat(300));

  private static final List<String> QUERIES =
      List.of(
          "limit=0",
          "limit=x",
          "limit=1&limit=2",
          "limit=99999999999999999999",
          "after=-1",
          "after=%00",
          "after=x_y",
          "after=2026-01-01T00:00:00Z_x",
          "user=1e3",
          "state=DEAD",
          "from=yesterday",
          "from=%2B1000000000-01-01T00:00:00Z",
          "until=2026-13-01T00:00:00Z",
          "kind=%00",
          "kind=",
          "error=%ff",
          "batch=0x10",
          "nothing=1",
          "=",
          "&&&",
          "%zz",
          "group=%27",
          "redriven=maybe",
          "kind=" + "k".repeat(3_000));

  private static final List<String> BODIES =
      List.of(
          "",
          "{",
          "[]",
          "null",
          "1",
          "\"x\"",
          "{}x",
          "{\"a\":1,\"a\":2}",
          "{\"kind\":null}",
          "{\"kind\":{},\"user\":[],\"payload\":1}",
          "{\"kind\":\"api-test\",\"user\":1e400,\"payload\":{}}",
          "{\"kind\":\"api-test\",\"user\":99999999999999999999,\"payload\":{}}",
          "{\"kind\":\"api-test\",\"user\":1,\"payload\":{\"n\":1},\"key\":\"\\u0000\"}",
          "{\"kind\":\"api-test\",\"user\":1,\"payload\":{\"n\":\"\\ud800\"}}",
          "{\"kind\":\"api-test\",\"user\":1,\"payload\":{\"n\":1,\"x\":\"\\u0000\"}}",
          "{\"kind\":\"api-test\",\"user\":1,\"payload\":{\"n\":1},\"key\":\"\\ud800\"}",
          "{\"kind\":\"\\u0000\",\"user\":1,\"payload\":{}}",
          "{\"kind\":\"api-test\",\"user\":1,\"payload\":{\"n\":1},\"runAt\":\"9999-12-31T23:59:59Z\",\"priority\":1.5}",
          "{\"priority\":\"high\"}",
          "{\"priority\":99}",
          "{\"reason\":[]}",
          "{\"reason\":\"\\u0000\"}",
          "{\"maxRunning\":-1}",
          "{\"maxRunning\":\"1\"}",
          "{\"payload\":[]}",
          "{\"payload\":{\"n\":{}}}",
          "{\"action\":\"cancel\",\"filter\":[]}",
          "{\"action\":\"drop\",\"filter\":{}}",
          "{\"action\":\"cancel\",\"filter\":{\"user\":\"x\"}}",
          "{\"action\":\"purge\",\"filter\":{\"group\":\"\\u0000\"},\"after\":\"x\"}",
          "{\"dryRun\":\"yes\"}",
          "[".repeat(5_000),
          "{\"a\":".repeat(2_000));

  private static ApiTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @Test
  void noRequestMakesAFault() throws Exception {
    kit.clean();
    List<String> wrong = new ArrayList<>();
    for (Endpoint endpoint : kit.table()) {
      List<String> paths = new ArrayList<>();
      if (endpoint.path().contains(":")) {
        PATH_VALUES.forEach(
            v -> {
              paths.add(endpoint.path().replaceAll(":[a-z]+", v).replace(" ", "%20"));
              paths.add(plain(endpoint).replaceFirst("none$", v).replace(" ", "%20"));
            });
      } else {
        paths.add(endpoint.path());
      }
      for (String path : paths) {
        judge(wrong, endpoint, path, "{}".getBytes(StandardCharsets.UTF_8), "application/json");
      }
      String plain = plain(endpoint);
      if (endpoint.writes()) {
        for (String body : BODIES) {
          judge(wrong, endpoint, plain, body.getBytes(StandardCharsets.UTF_8), "application/json");
        }
        judge(wrong, endpoint, plain, new byte[] {(byte) 0xff, '{', '}'}, "application/json");
        judge(wrong, endpoint, plain, "{}".getBytes(StandardCharsets.UTF_16), "application/json");
        judge(wrong, endpoint, plain, "a=b".getBytes(StandardCharsets.UTF_8), "text/plain");
        judge(
            wrong,
            endpoint,
            plain,
            "--x\r\n\r\n--x--".getBytes(StandardCharsets.UTF_8),
            "multipart/form-data; boundary=x");
      } else {
        for (String query : QUERIES) {
          judge(wrong, endpoint, plain + "?" + query, new byte[0], "application/json");
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void randomBytesMakeNoFault() throws Exception {
    Random random = new Random(5);
    List<String> wrong = new ArrayList<>();
    List<Endpoint> writes = kit.table().stream().filter(Endpoint::writes).toList();
    for (int i = 0; i < 300; i++) {
      Endpoint endpoint = writes.get(random.nextInt(writes.size()));
      byte[] body = new byte[random.nextInt(200)];
      random.nextBytes(body);
      String path = plain(endpoint);
      judge(wrong, endpoint, path, body, "application/json");
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void whatIsTooLargeIsRefused() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Endpoint endpoint : kit.table()) {
      if (endpoint.writes() && endpoint.bodyBytes() < 1 << 20) {
        String path = plain(endpoint);
        int status =
            exchange(
                    endpoint.method().name(),
                    path,
                    new byte[endpoint.bodyBytes() + 1],
                    "application/json")
                .status();
        if (status != 413) {
          wrong.add(path + ": " + status);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void otherMethodsAndPathsAreProblems() throws Exception {
    for (String method : List.of("PUT", "PATCH", "DELETE", "TRACE", "BREW")) {
      Answer answer = exchange(method, "/api/v1/jobs", new byte[0], "application/json");
      assertTrue(answer.status() == 405 || answer.status() == 404, method + answer.status());
    }
    assertEquals(404, exchange("GET", "/api/v1/nothing", new byte[0], "text/plain").status());
    assertEquals(404, exchange("GET", "/api/v2/jobs", new byte[0], "text/plain").status());
  }

  @Test
  void aNameThatIsNotOursIsRefused() throws Exception {
    assertEquals(421, host("evil.example"));
    assertEquals(421, host("127.0.0.1.evil.example"));
    assertEquals(200, host("localhost"));
    assertEquals(200, host("millrace.local:8080"));
    assertEquals(200, host("console.example.org"));
    assertEquals(200, host("[::1]:80"));
  }

  private static int host(String name) throws Exception {
    return raw(
            "GET /health/live HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n",
            new byte[0])
        .status();
  }

  private static void judge(
      List<String> wrong, Endpoint endpoint, String path, byte[] body, String type)
      throws Exception {
    Answer answer = exchange(endpoint.method().name(), path, body, type, token(endpoint));
    String what = endpoint.method() + " " + path + " " + new String(body, StandardCharsets.UTF_8);
    if (what.length() > 200) {
      what = what.substring(0, 200);
    }
    if (answer.status() >= 500 || answer.status() < 200) {
      wrong.add(answer.status() + ": " + what);
    } else if (answer.status() >= 400 && !problem(answer)) {
      wrong.add("no problem: " + what + " -> " + answer.body());
    }
  }

  private static boolean problem(Answer answer) {
    JsonObject json = new JsonObject(answer.body());
    JsonArray errors = json.getJsonArray("errors", new JsonArray());
    return answer.status() == json.getInteger("status")
        && !json.getString("code", "").isBlank()
        && !json.getString("detail", "").isBlank()
        && !answer.body().contains("Exception")
        && !answer.body().contains("\\tat ")
        && errors.size() <= 50;
  }

  private record Answer(int status, String body) {}

  /** What is for an end user alone is tried by one, on what is theirs. */
  private static boolean owned(Endpoint endpoint) {
    return !endpoint.roles().contains(Role.OPERATOR);
  }

  private static String plain(Endpoint endpoint) {
    return endpoint
        .path()
        .replace(":user", owned(endpoint) ? Long.toString(kit.alice) : "999999998")
        .replace(":job", "999999998")
        .replaceAll(":(name|message)", "none");
  }

  private static String token(Endpoint endpoint) {
    return owned(endpoint) ? ApiTestKit.ALICE : ApiTestKit.OPERATOR;
  }

  private static Answer exchange(String method, String path, byte[] body, String type)
      throws Exception {
    return exchange(method, path, body, type, ApiTestKit.OPERATOR);
  }

  private static Answer exchange(String method, String path, byte[] body, String type, String token)
      throws Exception {
    String head =
        "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(method, path, token, type, body.length);
    return raw(head, body);
  }

  /** By a bare socket: a client that is well behaved would not send such things. */
  private static Answer raw(String head, byte[] body) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), kit.console.port())) {
      socket.setSoTimeout(20_000);
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      request.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
      request.writeBytes(body);
      socket.getOutputStream().write(request.toByteArray());
      InputStream in = socket.getInputStream();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      int end = text.indexOf("\r\n\r\n");
      String status = text.length() > 12 ? text.substring(9, 12) : "0";
      return new Answer(Integer.parseInt(status), end < 0 ? "" : text.substring(end + 4));
    }
  }
}
