package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void jsonHasEveryFieldOnOneLine() {
    assertEquals(
        "{\"mailboxes\":1,\"listed\":1400,\"stored\":1390,\"duplicate\":4,\"gone\":3,"
            + "\"deadLettered\":3,\"deferred\":0,\"complete\":true,\"normalized\":1390,"
            + "\"contacts\":120,\"unitsSpent\":19600,\"unitsNaive\":28015,\"throttled\":0,"
            + "\"permanentlyBad\":3,\"bytesReceived\":123456789,\"elapsedMs\":61000,"
            + "\"messagesPerSecond\":22.8,\"peakHeapBytes\":50000000,"
            + "\"heapFirstTenthBytes\":20000000,\"heapLastTenthBytes\":21000000,"
            + "\"version\":\"1.2\"}",
        summary(1390, 0, true, 22.78).toJson());
    assertTrue(summary(0, 0, true, Double.NaN).toJson().contains("\"messagesPerSecond\":0.0,"));
  }

  @Test
  void theTableIsForPeople() {
    String table = summary(1390, 0, true, 22.78).toTable();
    assertTrue(table.contains("bytesReceived          123,456,789  bytes\n"), table);
    assertTrue(table.contains("complete                       yes  every listed id"), table);
    assertTrue(table.contains("messagesPerSecond             22.8  messages/s\n"), table);
  }

  @Test
  void onlyWhatIsCompleteAndAddsUpIsSuccess() {
    assertEquals(0, summary(1390, 0, true, 1).exitStatus());
    assertEquals(1, summary(1390, 0, false, 1).exitStatus());
    assertEquals(1, summary(1389, 0, true, 1).exitStatus());
    assertEquals(1, summary(1389, 1, true, 1).exitStatus());
  }

  private static Summary summary(long stored, long deferred, boolean complete, double rate) {
    return new Summary(
        1,
        1400,
        stored,
        4,
        3,
        3,
        deferred,
        complete,
        1390,
        120,
        19600,
        28015,
        0,
        3,
        123456789L,
        61000,
        rate,
        50_000_000,
        20_000_000,
        21_000_000,
        "1.2");
  }
}
