package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A body is decoded when it is asked for, and what is wrong with it is known before that. */
class PayloadReaderTest {
  private static final byte[] BYTES = new byte[100];

  static {
    new SplittableRandom(1).nextBytes(BYTES);
  }

  @Test
  void everyLengthWithPaddingAndWithout() {
    for (int length = 0; length <= BYTES.length; length++) {
      byte[] bytes = Arrays.copyOf(BYTES, length);
      for (Base64.Encoder encoder : List.of(Base64.getUrlEncoder(), Base64.getEncoder())) {
        String padded = encoder.encodeToString(bytes);
        String bare = encoder.withoutPadding().encodeToString(bytes);
        for (String text : List.of(padded, bare, padded.replace("=", "\\u003d"))) {
          Flaws flaws = new Flaws();
          MessagePart part = read(text, flaws);
          assertEquals(length, part.dataLength(), text);
          assertArrayEquals(bytes, part.data(), text);
          assertEquals(length, part.dataLength(), text);
          assertFalse(part.dataCut);
          assertEquals(List.of(), flaws.list(), text);
        }
      }
    }
  }

  @Test
  void whatIsBrokenIsSaidWithoutAskingForTheBody() {
    for (String broken : List.of("QUJDR", "QUJD!REVG", "QUJD%3D")) {
      Flaws flaws = new Flaws();
      read(broken, flaws);
      assertEquals(List.of("body-base64"), flaws.list(), broken);
    }
  }

  @Test
  void twoPiecesThatWereJoinedAndSpaceAmongTheLetters() {
    Flaws flaws = new Flaws();
    assertEquals("ABCDEF", text(read("QUJDRA==RUY=", flaws)));
    assertEquals("ABCDEF", text(read("QUJD\\r\\nREVG", flaws)));
    assertEquals(List.of(), flaws.list());
  }

  @Test
  void theLastOfTwoBodiesCounts() {
    Flaws flaws = new Flaws();
    String json = "{\"body\":{\"data\":\"Q!UI=\",\"data\":\"QUJD\"},\"body\":{\"size\":3}}";
    MessagePart part = PayloadReader.read(json.getBytes(StandardCharsets.UTF_8), flaws);
    assertEquals("ABC", text(part));
    assertEquals(List.of("body-base64"), flaws.list());
  }

  @Test
  void moreThanTextNeedsIsCut() {
    byte[] large = new byte[PayloadReader.MAX_BODY + 1];
    for (int length : List.of(PayloadReader.MAX_BODY, PayloadReader.MAX_BODY + 1)) {
      MessagePart part =
          read(Base64.getEncoder().encodeToString(Arrays.copyOf(large, length)), new Flaws());
      assertEquals(length > PayloadReader.MAX_BODY, part.dataCut);
      assertEquals(PayloadReader.MAX_BODY, part.dataLength());
      assertEquals(PayloadReader.MAX_BODY, part.data().length);
    }
  }

  private static MessagePart read(String data, Flaws flaws) {
    String json = "{\"mimeType\":\"text/plain\",\"body\":{\"data\":\"" + data + "\",\"size\":1}}";
    return PayloadReader.read(json.getBytes(StandardCharsets.UTF_8), flaws);
  }

  private static String text(MessagePart part) {
    return new String(part.data(), StandardCharsets.US_ASCII);
  }
}
