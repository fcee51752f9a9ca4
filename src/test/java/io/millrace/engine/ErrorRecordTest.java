package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of a failure: enough to understand it, bounded, and no secret. */
class ErrorRecordTest {
  @Test
  void tellsWhatHappenedWhereAndWhy() {
    Exception root = new IllegalArgumentException("the root");
    JsonObject error =
        record(new IllegalStateException("outside", new RuntimeException("in", root)));
    assertEquals("transient", error.getString("failure"));
    assertEquals("java.lang.IllegalStateException", error.getString("class"));
    assertEquals("outside", error.getString("message"));
    assertEquals("the root", error.getJsonArray("causes").getJsonObject(1).getString("message"));
    assertTrue(error.getString("stack").startsWith(ErrorRecordTest.class.getName()));
    assertEquals(2, error.getInteger("attempt"));
    assertEquals("k", error.getJsonObject("context").getString("kind"));
  }

  @Test
  void isBoundedWhateverIsThrown() {
    Throwable deep = new IllegalStateException("x\u0000\ud800".repeat(1_000_000));
    for (int i = 0; i < 1_000; i++) {
      deep = new IllegalStateException("y".repeat(10_000), deep);
    }
    String encoded = record(deep).encode();
    assertTrue(encoded.length() < 16_000, "" + encoded.length());
    assertFalse(encoded.contains("\\u0000"));
    assertTrue(ErrorRecord.words("a\u0000b").equals("ab"));
    assertNull(ErrorRecord.words(null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cannot reach postgresql://user:S3cretS3cret@host:5432/db",
        "GET https://x/y?access_token=S3cretS3cret&z=1 failed",
        "refused: Authorization: Bearer S3cretS3cret.abc",
        "answer was {\"refresh_token\": \"S3cretS3cret\", \"scope\": 1}",
        "password=S3cretS3cret was wrong",
        "grant ya29.S3cretS3cret_-x is dead",
        "grant 1//S3cretS3cret is dead",
      })
  void keepsNoSecret(String message) {
    JsonObject error = record(new IllegalStateException(message, new RuntimeException(message)));
    assertFalse(error.encode().contains("S3cret"), error.encode());
  }

  @Test
  void countsRefusalsInARowFromTheEnd() {
    JsonArray attempts = new JsonArray();
    for (String failure : new String[] {"quota", "transient", "quota", "quota"}) {
      attempts.add(new JsonObject().put("failure", failure));
    }
    assertEquals(2, ErrorRecord.inARow(attempts.encode(), FailureClass.QUOTA.key()));
    assertEquals(0, ErrorRecord.inARow(attempts.encode(), FailureClass.RATE_LIMIT.key()));
    assertEquals(0, ErrorRecord.inARow(null, FailureClass.QUOTA.key()));
  }

  private static JsonObject record(Throwable cause) {
    return ErrorRecord.of(
        cause,
        FailureClass.TRANSIENT,
        true,
        true,
        2,
        Instant.EPOCH,
        new JsonObject().put("kind", "k"));
  }
}
