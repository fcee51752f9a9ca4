package io.millrace.google;

import static io.millrace.google.Peer.NOW;
import static io.millrace.google.Peer.message;
import static io.millrace.google.Peer.part;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchAnswerTest {
  private static final List<String> IDS = List.of("x", "y", "z");
  private static final String TYPE = "multipart/mixed; boundary=b";

  private final String x = part(0, 200, message("x", "1"));
  private final String y = part(1, 200, message("y", "2"));
  private final String z = part(2, 200, message("z", "3"));

  @Test
  void partsAreTakenByTheirContentIdInAnyOrder() {
    assertEquals("ok ok ok", read(x + y + z + "--b--\r\n"));
    assertEquals("ok ok ok", read(z + x + y + "--b--\r\n"));
  }

  @Test
  void linesMayEndInLfThePreambleIsSkippedAndTheEndMayMiss() {
    assertEquals("ok ok ok", read(("hello\r\n\r\n" + x + z + y).replace("\r\n", "\n")));
    assertEquals("ok ok ok", read("\r\n" + x + y + z.stripTrailing()));
  }

  @Test
  void aMissingPartConcernsOnlyItsId() {
    assertEquals("ok Unavailable ok", read(x + z + "--b--"));
    assertEquals("Unavailable Unavailable Unavailable", read("--b--"));
    assertEquals("Unavailable Unavailable Unavailable", read(""));
  }

  @Test
  void ofAPartThatComesTwiceTheFirstCounts() {
    String again = part(0, 404, Peer.error(404, "notFound", "Requested entity was not found."));
    assertEquals("ok ok ok", read(x + again + y + z + "--b--"));
    assertEquals("NotFound ok ok", read(again + x + y + z + "--b--"));
  }

  @Test
  void withoutContentIdsTheOrderCountsIfTheNumberFits() {
    String anonymous = (x + y + z + "--b--").replace("Content-ID: <response-p", "X: <");
    assertEquals("ok ok ok", read(anonymous));
    assertEquals(
        "Unavailable Unavailable Unavailable",
        read((x + z + "--b--").replace("Content-ID: <response-p", "X: <")));
  }

  @Test
  void anotherMessageThanAskedForIsNeverTaken() {
    assertEquals(
        "Malformed ok Malformed",
        read((z + y + x).replace("p2>", "pX>").replace("p0>", "p2>").replace("pX>", "p0>")));
  }

  @Test
  void aBoundaryWithinAMailEndsNothing() {
    String tricky = part(1, 200, message("y", "\\n--b\\r\\n--b--\\r\\n"));
    assertEquals("ok ok ok", read(x + tricky + z + "--b--"));
  }

  @Test
  void aWrongContentLengthDoesNoHarm() {
    assertEquals(
        "ok ok ok", read((x + y + z + "--b--").replaceAll("Length: \\d+", "Length: 99999999")));
    assertEquals("ok ok ok", read((x + y + z + "--b--").replaceAll("Length: \\d+", "Length: -1")));
  }

  @Test
  void everyPartHasItsOwnFailure() {
    String body =
        part(0, 429, Peer.error(429, "rateLimitExceeded", "Too many concurrent requests for user."))
            + part(1, 503, "<html>--b inside</html>")
            + part(2, 200, "<html>sign in</html>");
    assertEquals("TooConcurrent Unavailable Malformed", read(body + "--b--"));
    body = part(0, 200, "") + part(1, 200, "{\"id\":\"y\",\"labelIds\":7}") + part(2, 401, "");
    assertEquals("Malformed Malformed Unauthorized", read(body + "--b--"));
  }

  @Test
  void aBrokenPartDoesNotSpoilTheNext() {
    String broken = "--b\r\nContent-ID: <response-p1>\r\n";
    assertEquals("ok Malformed ok", read(x + broken + z + "--b--"));
    assertEquals("ok Malformed ok", read(x + broken + "\r\nHTTP/1.1 200 OK\r\n" + z));
    assertEquals(
        "ok Malformed ok", read(x + broken + "\r\nHTTP/1.1 200 OK\r\n\r\n{\"id\":\"y\r\n" + z));
    assertEquals("ok Malformed ok", read(x + broken + "\r\nHTTP/1.1 2\r\n\r\n{}\r\n" + z));
  }

  @Test
  void itNeedNotSayItsBoundaryButItMustHaveOne() {
    byte[] body = Peer.utf8(x + y + z);
    assertEquals(3, BatchAnswer.read(body, null, IDS, MessageFormat.FULL, NOW).size());
    assertThrows(
        GoogleException.class,
        () -> BatchAnswer.read(Peer.utf8("{}"), "application/json", IDS, MessageFormat.FULL, NOW));
    assertEquals(
        3,
        BatchAnswer.read(
                body,
                "multipart/mixed; charset=x; boundary=\"b\"; a=c",
                IDS,
                MessageFormat.FULL,
                NOW)
            .size());
  }

  @Test
  void everyCutGivesOneResultForEachId() {
    String whole = x + y + z + "--b--\r\n";
    for (int i = 0; i <= whole.length(); i++) {
      String kinds = read(whole.substring(0, i));
      assertEquals(3, kinds.split(" ").length);
      if (i >= (x + y).length()) {
        assertEquals("ok ok", kinds.substring(0, 5));
      }
    }
  }

  @Test
  void randomDamageNeverThrows() {
    Random random = new Random(5);
    byte[] whole = Peer.utf8(x + y + z + "--b--\r\n");
    for (int i = 0; i < 5000; i++) {
      byte[] damaged = whole.clone();
      for (int j = random.nextInt(6); j >= 0; j--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      assertEquals(3, BatchAnswer.read(damaged, TYPE, IDS, MessageFormat.FULL, NOW).size());
    }
  }

  private static String read(String body) {
    StringBuilder kinds = new StringBuilder();
    for (PartResult p : BatchAnswer.read(Peer.utf8(body), TYPE, IDS, MessageFormat.FULL, NOW)) {
      kinds.append(p.data() != null ? "ok" : p.failure().getClass().getSimpleName()).append(' ');
    }
    return kinds.toString().strip();
  }
}
