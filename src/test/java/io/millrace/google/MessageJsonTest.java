package io.millrace.google;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageJsonTest {
  @Test
  void thePayloadIsKeptAsItStands() throws IOException {
    String payload = "{ \"z\" : [1, {\"ü\":\"\\u0000 \\\"}\" }] ,\"z\":2}";
    for (String before : List.of("", "   \n", "\uFEFF")) {
      MessageData data =
          data(before + "{\"id\":\"ä\",\"payload\": " + payload + " ,\"snippet\":\"a\\u0000b\"}");
      assertEquals(payload, inflate(data.payload()));
      assertEquals("ab", data.snippet());
      assertEquals("ä", data.id());
    }
  }

  @Test
  void whatIsMissingOrNullHasADefault() throws IOException {
    MessageData data =
        data("{\"id\":\"1\",\"labelIds\":null,\"snippet\":null,\"x\":{\"id\":\"2\"}}");
    assertEquals("1", data.id());
    assertEquals("1", data.threadId());
    assertEquals(List.of(), data.labelIds());
    assertEquals("", data.snippet());
    assertNull(data.historyId());
    assertEquals(0, data.payload().length);
  }

  @Test
  void ofAKeyThatComesTwiceTheLaterCounts() throws IOException {
    assertEquals("2", data("{\"id\":\"1\",\"id\":\"2\"}").id());
  }

  @ParameterizedTest
  @CsvSource({
    "1700000000000, 1700000000000",
    "'\"1700000000000\"', 1700000000000",
    "-5, -5",
    "99999999999999999999999999, 9224318015999",
    "'\"9223372036854775807\"', 9224318015999",
    "'\"-9223372036854775808\"', -210866803200000",
    "1.7e12, 1700000000000",
    "null, 0",
  })
  void datesAreBroughtIntoRange(String json, long expected) throws IOException {
    assertEquals(expected, data("{\"id\":\"1\",\"internalDate\":" + json + "}").internalDate());
  }

  @Test
  void aHistoryIdMayBeANumberAndBeyondSixtyThreeBits() throws IOException {
    assertEquals("17", data("{\"id\":\"1\",\"historyId\":17}").historyId());
    String most = "18446744073709551615";
    assertEquals(most, data("{\"id\":\"1\",\"historyId\":\"" + most + "\"}").historyId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"id\":{}}",
        "{\"id\":\"\"}",
        "{\"id\":\"1\",\"labelIds\":\"INBOX\"}",
        "{\"id\":\"1\",\"labelIds\":[[\"INBOX\"]]}",
        "{\"id\":\"1\",\"historyId\":\"18446744073709551616\"}",
        "{\"id\":\"1\",\"historyId\":\"-1\"}",
        "{\"id\":\"1\",\"internalDate\":\"yesterday\"}",
        "{\"id\":\"1\",\"internalDate\":true}",
        "{\"id\":\"1\",\"sizeEstimate\":[]}",
        "{\"id\":\"1\",\"payload\":\"text\"}",
        "{\"id\":\"1\",\"payload\":[]}",
      })
  void wrongTypesAreAProblemOfThisMessageOnly(String json) throws IOException {
    byte[] bytes = Peer.utf8(json + "{}");
    try (JsonParser p = Json.parser(bytes, 0, bytes.length)) {
      p.nextToken();
      MessageJson read = MessageJson.read(p, bytes, 0);
      assertEquals(json.length(), read.end());
      assertEquals(false, read.problem() == null);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"id\":\"1\"", "{\"id\":\"1\",\"payload\":{\"a\":\"", "{\"id\":\"1\",}", "{]"})
  void brokenJsonIsNoticed(String json) {
    assertThrows(IOException.class, () -> data(json));
  }

  @Test
  void deepNestingIsRefusedWithoutHarm() {
    String deep = "{\"id\":\"1\",\"payload\":" + "{\"parts\":[".repeat(100_000);
    assertThrows(IOException.class, () -> data(deep));
  }

  @Test
  void otherEncodingsAreNoUtf8() throws IOException {
    byte[] bytes = "{\"id\":\"1\",\"payload\":{}}".getBytes(StandardCharsets.UTF_16BE);
    try (JsonParser p = Json.parser(bytes, 0, bytes.length)) {
      p.nextToken();
      assertEquals("JSON that is not UTF-8.", MessageJson.read(p, bytes, 0).problem());
    }
  }

  private static MessageData data(String json) throws IOException {
    byte[] bytes = Peer.utf8("xyz" + json);
    try (JsonParser p = Json.parser(bytes, 3, bytes.length - 3);
        PayloadDeflater deflater = new PayloadDeflater()) {
      p.nextToken();
      MessageJson read = MessageJson.read(p, bytes, 3);
      assertNull(read.problem());
      return read.data(MessageFormat.FULL, deflater);
    }
  }

  private static String inflate(byte[] deflated) throws IOException {
    try (var in = new InflaterInputStream(new ByteArrayInputStream(deflated))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
