package io.millrace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.millrace.console.TraceSettings;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TracingTest {
  private record Sent(String path, String type, String body) {}

  @Test
  void spansAreSentByOtlp() throws Exception {
    BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          sent.add(
              new Sent(
                  exchange.getRequestURI().getPath(),
                  exchange.getRequestHeaders().getFirst("Content-Type"),
                  new String(body, ISO_8859_1)));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    receiver.start();
    try {
      String endpoint = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/v1/traces";
      try (OpenTelemetrySdk sdk = Tracing.of(new TraceSettings(true, endpoint, 1, "here"))) {
        sdk.getTracer("test").spanBuilder("a step").startSpan().end();
      }
      Sent one = sent.poll(10, TimeUnit.SECONDS);
      assertTrue(one != null, "something was sent at the end");
      assertEquals("/v1/traces", one.path());
      assertEquals("application/x-protobuf", one.type());
      assertTrue(one.body().contains("a step") && one.body().contains("here"));
    } finally {
      receiver.stop(0);
    }
  }

  @Test
  void itIsOffUnlessItIsConfigured() {
    assertFalse(new ConfigurationLoader(Map.of()).load().ops().tracing().enabled());
    assertTrue(
        new ConfigurationLoader(Map.of("MILLRACE_TRACING_ENABLED", "true"))
            .load()
            .ops()
            .tracing()
            .enabled());
  }
}
