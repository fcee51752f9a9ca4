package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What holds for every input. */
class NormalizerPropertiesTest {
  private static final String SOUND =
      "{\"mimeType\":\"multipart/mixed\",\"headers\":[{\"name\":\"From\",\"value\":\"A <a@x.org>\"},"
          + "{\"name\":\"Subject\",\"value\":\"=?utf-8?Q?=C3=A4?=\"}],\"parts\":[{\"mimeType\":"
          + "\"text/html\",\"filename\":\"\",\"body\":{\"size\":3,\"data\":\"PHA-aGk8L3A-\"}}]}";

  @Property(tries = 300)
  void anyBytesHaveAnAnswer(@ForAll byte[] payload) {
    check(payload);
  }

  @Property(tries = 400)
  void damagedPayloadsHaveAnAnswer(
      @ForAll @IntRange(max = 300) int at, @ForAll byte damage, @ForAll boolean cut) {
    byte[] payload = SOUND.getBytes(StandardCharsets.UTF_8);
    int index = Math.min(at, payload.length - 1);
    payload[index] = damage;
    check(cut ? Arrays.copyOf(payload, index + 1) : payload);
  }

  @Property(tries = 400)
  void anyHeadersAndTextHaveAnAnswer(
      @ForAll("mailish") String header, @ForAll("mailish") String text, @ForAll List<Byte> bytes) {
    byte[] body = new byte[bytes.size()];
    for (int i = 0; i < body.length; i++) {
      body[i] = bytes.get(i);
    }
    String json =
        "{\"mimeType\":\"text/html\",\"headers\":["
            + Arrays.stream(MessagePart.Header.values())
                .map(
                    h ->
                        "{\"name\":\""
                            + h.name().replace('_', '-')
                            + "\",\"value\":"
                            + quote(header)
                            + "}")
                .collect(Collectors.joining(","))
            + "],\"parts\":["
            + leaf("text/html", text.getBytes(StandardCharsets.UTF_8))
            + ","
            + leaf("text/plain", body)
            + "]}";
    check(json.getBytes(StandardCharsets.UTF_8));
  }

  @Property(tries = 400)
  void normalisingAnAddressTwiceChangesNothing(@ForAll("addressish") String text) {
    for (Address address : AddressParser.parse(text, 1_000, new Flaws())) {
      if (address.address() != null) {
        assertEquals(address.address(), AddressForm.normalize(address.address()), text);
        assertEquals(
            List.of(new Address(null, address.address(), null)),
            AddressParser.parse("<" + address.address() + ">", 10, new Flaws()),
            text);
      }
    }
  }

  @Property(tries = 300)
  void jsonKeepsParticipantsAndAttachments(
      @ForAll Role role,
      @ForAll("nullable") String a,
      @ForAll("nullable") String b,
      @ForAll("nullable") String c,
      @ForAll long size,
      @ForAll boolean inline) {
    List<Participant> participants = List.of(new Participant(role, new Address(a, b, c)));
    assertEquals(participants, Participant.fromJson(Participant.toJson(participants)));
    sound(Participant.toJson(participants));
    List<Attachment> attachments = List.of(new Attachment(a, b, size, c, a, b, inline));
    assertEquals(attachments, Attachment.fromJson(Attachment.toJson(attachments)));
    sound(Attachment.toJson(attachments));
  }

  @Property(tries = 300)
  void anyTextMayBeReadAsParticipants(@ForAll("mailish") String text) {
    assertTrue(Participant.fromJson(text).size() <= text.length());
    assertTrue(Attachment.fromJson("[{" + text).size() <= text.length() + 1);
  }

  @Property(tries = 400)
  void datesAndParametersAreTotal(@ForAll("mailish") String text) {
    MailDate.parse(text);
    MailDate.parse("Wed, 1 Jan " + text);
    HeaderValue.parse(text).text("filename", new Flaws());
    HeaderValue.parse("x; filename*0*=" + text).text("filename", new Flaws());
    sound(Clean.line(text, 50));
    assertEquals(Clean.line(text, 50), Clean.line(Clean.line(text, 50), 50));
  }

  @Provide
  Arbitrary<String> nullable() {
    return mailish().injectNull(0.2);
  }

  @Provide
  Arbitrary<String> mailish() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "=?",
            "?=",
            "=?utf-8?Q?",
            "=?x?B?",
            "a",
            "@",
            ".",
            "x.org",
            "<",
            ">",
            "\"",
            "(",
            ")",
            ",",
            ";",
            ":",
            "\\",
            " ",
            "\r\n",
            "\t",
            "\u0000",
            "\uD800",
            "\uDC00",
            "\uD83D\uDE00",
            "ä",
            "İ",
            "xn--",
            "*0*=",
            "'",
            "%e4",
            "12",
            "Jan",
            "+0100",
            "<p>",
            "<td>",
            "&#0;",
            "\u202E",
            "\u0085",
            "\uFFFE",
            "[",
            "]",
            "{",
            "}",
            "\u3002",
            "\u00df");
    Arbitrary<String> any = Arbitraries.strings().ofMaxLength(3);
    return Arbitraries.oneOf(pieces, pieces, pieces, any)
        .list()
        .ofMaxSize(30)
        .map(list -> String.join("", list));
  }

  @Provide
  Arbitrary<String> addressish() {
    return Combinators.combine(mailish(), mailish(), mailish())
        .as((a, b, c) -> a + "b@" + b + " " + c);
  }

  private static void check(byte[] payload) {
    Interaction i =
        EmailNormalizer.normalize(
            new SourceMessage("m\u0000", "t\uD800", List.of(), "", 0, 0, payload), "me@x.org");
    List<String> strings =
        new ArrayList<>(List.of(i.messageId(), i.threadId(), i.subject(), i.text()));
    strings.add(Participant.toJson(i.participants()));
    strings.add(Attachment.toJson(i.attachments()));
    strings.add(Clean.orEmpty(i.rfcMessageId()) + Clean.orEmpty(i.inReplyTo()));
    strings.addAll(i.references());
    strings.addAll(i.flaws());
    strings.forEach(NormalizerPropertiesTest::sound);
    assertTrue(i.flaws().stream().noneMatch(f -> f.startsWith("internal:")), i.flaws().toString());
  }

  /** No control characters, no lone surrogates, whatever the form of the escape. */
  private static void sound(String text) {
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
      boolean pair = k + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(k + 1));
      assertTrue(!control && (pair || !Character.isSurrogate(c)), () -> quote(text));
      k += pair ? 1 : 0;
    }
    assertTrue(!text.contains("\\u0000"), text);
  }

  private static String leaf(String type, byte[] body) {
    String data = Base64.getUrlEncoder().encodeToString(body);
    return "{\"mimeType\":\"" + type + "\",\"body\":{\"data\":\"" + data + "\"}}";
  }

  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.chars().forEach(c -> out.append(String.format("\\u%04x", c)));
    return out.append('"').toString();
  }
}
