package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmailNormalizerTest {
  private static final String ME = "me@x.org";

  @Test
  void readsAnOrdinaryMessage() {
    String json =
        "{'partId':'','mimeType':'multipart/mixed','filename':'','headers':["
            + header("From", "Ann <Ann@Y.org>")
            + ","
            + header("to", "me@x.org, Bob <bob@z.org>")
            + ","
            + header("SUBJECT", " =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\\t again ")
            + ","
            + header("Message-ID", "<1@y.org>")
            + ","
            + header("In-Reply-To", "Your message of Friday <0@x.org>")
            + ","
            + header("References", "<a@x.org> <0@x.org>")
            + "],'body':{'size':0},'parts':["
            + "{'mimeType':'multipart/alternative','parts':["
            + leaf("text/plain", "Hello\r\nyou\u0000 ")
            + ","
            + leaf("text/html", "<p>Hello HTML</p>")
            + "]},{'partId':'1','mimeType':'application/pdf','filename':'=?utf-8?Q?=E2=82=AC.pdf?=',"
            + "'headers':["
            + header("Content-Disposition", "attachment")
            + "],'body':{'attachmentId':'ANG','size':123}},"
            + leaf("text/plain", "-- list footer")
            + "]}";
    Interaction i = normalize(json, 1_700_000_000_000L, List.of("INBOX"));

    assertEquals(Instant.ofEpochMilli(1_700_000_000_000L), i.at());
    assertEquals(Direction.INBOUND, i.direction());
    assertEquals("Grüße again", i.subject());
    assertEquals("Hello\nyou\n\n-- list footer", i.text());
    assertFalse(i.textTruncated());
    assertEquals(
        List.of(
            new Participant(Role.FROM, new Address("Ann", "ann@y.org", null)),
            new Participant(Role.TO, new Address(null, "me@x.org", null)),
            new Participant(Role.TO, new Address("Bob", "bob@z.org", null))),
        i.participants());
    assertEquals(
        List.of(new Attachment("€.pdf", "application/pdf", 123, "ANG", "1", null, false)),
        i.attachments());
    assertEquals("1@y.org", i.rfcMessageId());
    assertEquals("0@x.org", i.inReplyTo());
    assertEquals(List.of("a@x.org", "0@x.org"), i.references());
    assertEquals(List.of(), i.flaws());
  }

  @Test
  void takesTheLastFormThatSaysSomething() {
    String json =
        "{'mimeType':'multipart/alternative','parts':["
            + leaf("text/plain", " \r\n ")
            + ","
            + leaf("text/html", "<p>Shown</p>")
            + ","
            + leaf("text/calendar", "BEGIN:VCALENDAR")
            + "]}";
    assertEquals("Shown", normalize(json).text());
  }

  @Test
  void honoursTheCharsetOnlyOfBytesThatAreNotUtf8() {
    assertEquals("é", normalize(typed("iso-8859-2", "é".getBytes(StandardCharsets.UTF_8))).text());
    assertEquals("é", normalize(typed("iso-8859-2", new byte[] {(byte) 0xE9})).text());
    Interaction unknown = normalize(typed("x-foo", new byte[] {(byte) 0xE9}));
    assertEquals("é", unknown.text());
    assertEquals(List.of("charset-unknown:x-foo"), unknown.flaws());
  }

  @Test
  void cutsLongTextAndKeepsBase64ThatIsBroken() {
    Interaction cut = normalize(leaf("text/plain", "x".repeat(3_000_000)));
    assertEquals(256 * 1024, cut.text().length());
    assertTrue(cut.textTruncated());
    String emoji = "x" + "\uD83D\uDE00".repeat(200_000);
    assertEquals(256 * 1024 - 1, normalize(leaf("text/plain", emoji)).text().length());

    Interaction escaped = normalize("{'mimeType':'text/plain','body':{'data':'aGVsbG8\\u003d'}}");
    assertEquals("hello", escaped.text());
    assertEquals(List.of(), escaped.flaws());
    Interaction broken = normalize("{'mimeType':'text/plain','body':{'data':'aGV*sbG8gI'}}");
    assertEquals("hello", broken.text());
    assertEquals(List.of("body-base64"), broken.flaws());
  }

  @Test
  void keepsWhatStandsBeforeTheEndOfATruncatedPayload() {
    String json =
        "{'headers':["
            + header("From", "a@y.org")
            + "],'mimeType':'multipart/mixed','parts':["
            + leaf("text/plain", "first")
            + ",{'mimeType':'text/plain','body':{'data':'c2Vjb25";
    Interaction i = normalize(json);
    assertEquals("a@y.org", i.participants().get(0).address().address());
    assertEquals("first\n\nsecon", i.text());
    assertEquals(List.of("payload-malformed"), i.flaws());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>Sorry</html>",
        "[]",
        "[{}]",
        "\"\"",
        "12",
        "{\"parts\":[",
        "nul",
        "\u0000\u0000",
        "{"
      })
  void saysThatAPayloadIsMalformed(String payload) {
    assertEquals(List.of("payload-malformed"), normalize(payload).flaws());
  }

  @Test
  void passesOverWrongTypes() {
    Interaction i =
        normalize(
            "{'partId':7,'mimeType':['x'],'filename':null,'body':[],'parts':[null,3,[[{}]],{'parts':{}}],"
                + "'headers':[null,[],{'name':{},'value':'x'},{'value':'Late','name':'Subject'},"
                + "{'name':'From','value':null},{'name':'To','value':12}]}");
    assertEquals("Late", i.subject());
    assertEquals("12", i.participants().get(0).address().raw());
    assertEquals(List.of("payload-type", "address-broken"), i.flaws());
  }

  @Test
  void repairsBytesThatAreNotUtf8() {
    String json = "{\"headers\":[{\"name\":\"Subject\",\"value\":\"a\u00e9b\"}]}";
    Interaction i = normalize(json.getBytes(StandardCharsets.ISO_8859_1), 1, List.of());
    assertEquals("a\uFFFDb", i.subject());
    assertEquals(List.of("payload-not-utf8"), i.flaws());
  }

  @Test
  void boundsPartsDepthAndSizes() {
    String leaf = leaf("text/plain", "deep");
    Interaction deep = normalize("{'parts':[".repeat(1_000) + leaf + "]}".repeat(1_000));
    assertEquals("deep", deep.text());
    assertEquals(List.of("parts-too-deep"), deep.flaws());

    String part = "{'filename':'f','mimeType':'image/png','body':{'attachmentId':'i'}},";
    Interaction wide = normalize("{'parts':[" + part.repeat(12_000) + leaf + "]}");
    assertEquals(1_000, wide.attachments().size());
    assertEquals(List.of("parts-cut", "attachments-cut"), wide.flaws());

    Interaction subject =
        normalize("{'headers':[" + header("Subject", "s".repeat(3_000_000)) + "]}");
    assertEquals(2_000, subject.subject().length());
    assertEquals(List.of("header-cut"), subject.flaws());
  }

  @Test
  void hasAnAnswerForNothing() {
    Interaction i =
        EmailNormalizer.normalize(new SourceMessage(null, null, null, null, 0, 0, null), null);
    assertEquals("", i.messageId());
    assertEquals(Instant.EPOCH, i.at());
    assertEquals("", i.text());
    assertNull(i.rfcMessageId());
    assertEquals(List.of("date-missing"), i.flaws());
    assertEquals(
        List.of("internal:NullPointerException"), EmailNormalizer.normalize(null, null).flaws());
  }

  @Test
  void takesTheDateHeaderWhereGmailHasNone() {
    String json = "{'headers':[" + header("Date", "Wed, 19 Jun 96 18:12:02 EST") + "]}";
    assertEquals(Instant.parse("1996-06-19T23:12:02Z"), normalize(json, 0, List.of()).at());
    assertEquals(Instant.EPOCH, normalize("{}", Long.MAX_VALUE, List.of()).at());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INBOX | ann@y.org | me@x.org | INBOUND",
        "INBOX | broken | me@x.org | INBOUND",
        "SENT | alias@x.org | ann@y.org | OUTBOUND",
        "NONE | ME@X.ORG | ann@y.org | OUTBOUND",
        "SENT | me@x.org | me@x.org | SELF",
        "INBOX | me@x.org | me@x.org | SELF",
        "INBOX | me@x.org | me@x.org, ann@y.org | OUTBOUND",
        "DRAFT | me@x.org | ann@y.org | UNKNOWN",
        "NONE | broken | ann@y.org | UNKNOWN",
        "NONE | ann@y.org | me@x.org | INBOUND"
      })
  void tellsWhichWayAMessageWent(String label, String from, String to, Direction expected) {
    String json = "{'headers':[" + header("From", from) + "," + header("To", to) + "]}";
    assertEquals(expected, normalize(json, 1, List.of(label)).direction());
  }

  private static Interaction normalize(String json) {
    return normalize(json, 1, List.of("INBOX"));
  }

  private static Interaction normalize(String json, long date, List<String> labels) {
    return normalize(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), date, labels);
  }

  private static Interaction normalize(byte[] payload, long date, List<String> labels) {
    return EmailNormalizer.normalize(
        new SourceMessage("m", "t", labels, "snippet", date, 1, payload), ME);
  }

  private static String header(String name, String value) {
    return "{'name':'" + name + "','value':'" + value + "'}";
  }

  private static String leaf(String type, String text) {
    String data =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    return "{'mimeType':'" + type + "','body':{'size':9,'data':'" + data + "'}}";
  }

  private static String typed(String charset, byte[] bytes) {
    return "{'mimeType':'text/plain','headers':["
        + header("Content-Type", "text/plain; charset=" + charset)
        + "],'body':{'data':'"
        + Base64.getUrlEncoder().encodeToString(bytes)
        + "'}}";
  }
}
