package io.millrace.google;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxNoticeTest {
  @Test
  void readsWhatPubSubPushes() {
    String text = "{\"emailAddress\":\" Ann@Example.org\",\"historyId\":\"18446744073709551615\"}";
    assertEquals(
        new MailboxNotice("ann@example.org", "18446744073709551615"),
        MailboxNotice.read(envelope(text)));
    assertEquals(
        new MailboxNotice("a@b.c", "9876543210"),
        MailboxNotice.read(envelope("{\"historyId\":9876543210,\"emailAddress\":\"a@b.c\"}")));
    assertEquals(
        new MailboxNotice("a?>@b.c", "1"),
        MailboxNotice.read(
            wrapped(
                Base64.getUrlEncoder()
                    .encodeToString(
                        "{\"historyId\":1,\"emailAddress\":\"a?>@b.c\"}"
                            .getBytes(StandardCharsets.UTF_8)))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"emailAddress\":\"a@b.c\"}",
        "{\"historyId\":1}",
        "{\"emailAddress\":\"\",\"historyId\":1}",
        "{\"emailAddress\":{},\"historyId\":1}",
        "{\"emailAddress\":\"a@b.c\",\"historyId\":-1}",
        "{\"emailAddress\":\"a@b.c\",\"historyId\":1.5}",
        "{\"emailAddress\":\"a@b.c\",\"historyId\":\"1 or 1=1\"}",
        "{\"emailAddress\":\"a@b.c\",\"historyId\":18446744073709551616}",
        "{\"emailAddress\":\"a@b.c\",\"historyId\":1"
      })
  void refusesWhatIsNone(String text) {
    if (!text.endsWith(":1")) {
      assertThrows(GoogleException.class, () -> MailboxNotice.read(envelope(text)));
    }
    assertThrows(
        GoogleException.class, () -> MailboxNotice.read(text.getBytes(StandardCharsets.UTF_8)));
    assertThrows(GoogleException.class, () -> MailboxNotice.read(wrapped("%%%" + text)));
  }

  @Test
  void refusesAnAddressThatIsTooLong() {
    String text = "{\"emailAddress\":\"" + "a".repeat(400) + "@b.c\",\"historyId\":1}";
    assertThrows(GoogleException.class, () -> MailboxNotice.read(envelope(text)));
  }

  private static byte[] envelope(String text) {
    return wrapped(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] wrapped(String data) {
    return new JsonObject()
        .put("subscription", "projects/p/subscriptions/s")
        .put("message", new JsonObject().put("messageId", "1").put("data", data))
        .toBuffer()
        .getBytes();
  }
}
