package io.millrace.google;

import static io.millrace.google.Peer.NOW;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class FailuresPropertyTest {
  @Property(tries = 500)
  void anyBytesGiveAFailure(@ForAll int status, @ForAll byte[] body, @ForAll String header) {
    for (int s : new int[] {status, 200, 400, 403, 404, 429, 500, 302}) {
      GoogleFailure failure = Failures.classify(s, name -> header, body, NOW);
      assertNotNull(failure.sentence());
    }
  }

  @Property(tries = 500)
  void anyTextsGiveAFailure(@ForAll String reason, @ForAll String message, @ForAll int code) {
    String json = "{\"error\":{\"code\":" + code + ",\"message\":" + quote(message);
    json += ",\"errors\":[{\"reason\":" + quote(reason) + "},3,null],\"details\":[[{}]]}}";
    for (int s : new int[] {200, 400, 403, 404, 429, 500}) {
      assertNotNull(FailuresTest.classify(s, message, json).sentence());
      assertNotNull(
          FailuresTest.classify(s, message, json.substring(0, json.length() / 2)).sentence());
    }
  }

  private static String quote(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
