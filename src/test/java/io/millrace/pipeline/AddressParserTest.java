package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AddressParserTest {

  /** Each header with what it says: {@code name|address}, or {@code !raw} when broken. */
  static Stream<Arguments> headers() {
    return Stream.of(
        Arguments.of("a@x.org", "|a@x.org"),
        Arguments.of("Bob@X.ORG.", "|bob@x.org"),
        Arguments.of("\"Doe, John\" <J@x.org>", "Doe, John|j@x.org"),
        Arguments.of("\"The \\\"Boss\\\"\" <b@x.org>", "The \"Boss\"|b@x.org"),
        Arguments.of("Doe, John <j@x.org>", "Doe, John|j@x.org"),
        Arguments.of("garbage 7, a@x.org", "!garbage 7;|a@x.org"),
        Arguments.of(
            "deuschle@mnh.de (Guenter (G) Deuschle)", "Guenter (G) Deuschle|deuschle@mnh.de"),
        Arguments.of("John (at work) <j@x.org>", "John|j@x.org"),
        Arguments.of("=?utf-8?Q?J=C3=B6rg?= <j@x.org>", "Jörg|j@x.org"),
        Arguments.of("\"=?utf-8?Q?J=C3=B6rg?=\" <j@x.org>", "Jörg|j@x.org"),
        Arguments.of("=?utf-8?Q?Doe, John?= <j@x.org>", "Doe, John|j@x.org"),
        Arguments.of("=?utf-8?Q?John_Doe_<j@x.org>?=", "John Doe|j@x.org"),
        Arguments.of("\"Joe <joe@x.org>\"", "Joe|joe@x.org"),
        Arguments.of("undisclosed-recipients:;", ""),
        Arguments.of("Team: a@x.org, B <b@y.org>;, c@z.org", "|a@x.org;B|b@y.org;|c@z.org"),
        Arguments.of("a@x.org; b@y.org;", "|a@x.org;|b@y.org"),
        Arguments.of("a@x.org b@y.org", "|a@x.org;|b@y.org"),
        Arguments.of("John <a@x.org> Jane <b@y.org>", "John|a@x.org;Jane|b@y.org"),
        Arguments.of("John Doe a@x.org", "John Doe|a@x.org"),
        Arguments.of("a@x.org John Doe", "John Doe|a@x.org"),
        Arguments.of("<>", ""),
        Arguments.of("<<a@x.org>>", "|a@x.org"),
        Arguments.of("John <a@x.org, Jane <b@y.org>", "John|a@x.org;Jane|b@y.org"),
        Arguments.of("<@relay.org,@other.org:u@x.org>", "|u@x.org"),
        Arguments.of("john . doe @ example . com", "|john.doe@example.com"),
        Arguments.of("\"john doe\"@example.com", "|\"john doe\"@example.com"),
        Arguments.of("\"john.doe\"@example.com", "|john.doe@example.com"),
        Arguments.of("<\"Books@Books\"@x.com>", "|\"books@books\"@x.com"),
        Arguments.of("mailto:a@x.org", "|a@x.org"),
        Arguments.of("'a@x.org'", "|a@x.org"),
        Arguments.of("'Ann' <a@x.org>", "Ann|a@x.org"),
        Arguments.of("a@x via List <list@y.org>", "a@x via List|list@y.org"),
        Arguments.of("<jö@MÜLLER.de>", "|jö@müller.de"),
        Arguments.of("j@xn--mller-kva.de", "|j@müller.de"),
        Arguments.of("a@[192.0.2.1]", "|a@[192.0.2.1]"),
        Arguments.of("a@[IPv6:2001:db8::1]", "|a@[ipv6:2001:db8::1]"),
        Arguments.of("o'brien+x.y@gmail.com", "|o'brien+x.y@gmail.com"),
        Arguments.of("root", "!root"),
        Arguments.of("a@b@c", "!a@b@c"),
        Arguments.of("Bob <bob at x.org>", "Bob!Bob <bob at x.org>"),
        Arguments.of("a@x..org, b@", "!a@x..org;!b@"),
        Arguments.of("\"unclosed <a@x.org>", "unclosed|a@x.org"),
        Arguments.of("(unclosed <a@x.org>", "unclosed|a@x.org"),
        Arguments.of("J\u00c3\u00b6rg <j@x.org>", "Jörg|j@x.org"),
        Arguments.of(",,; ,", ""));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void readsHeadersAsPeopleWriteThem(String header, String expected) {
    assertEquals(expected, show(AddressParser.parse(header, 1_000, new Flaws())));
  }

  @Test
  void keepsToItsBounds() {
    Flaws flaws = new Flaws();
    assertEquals(1_000, AddressParser.parse("a@x.org,".repeat(5_000), 1_000, flaws).size());
    assertEquals(List.of("participants-cut"), flaws.list());

    Address named = AddressParser.parse("n".repeat(600) + " <a@x.org>", 10, flaws).get(0);
    assertEquals(Address.MAX_NAME, named.name().length());
    Address broken = AddressParser.parse("x".repeat(5_000), 10, flaws).get(0);
    assertNull(broken.address());
    assertEquals(Address.MAX_RAW, broken.raw().length());
    Address tooLong = AddressParser.parse("l".repeat(400) + "@x.org", 10, flaws).get(0);
    assertNull(tooLong.address());
    assertTrue(flaws.list().containsAll(List.of("name-cut", "address-broken")));
  }

  private static String show(List<Address> addresses) {
    return addresses.stream().map(AddressParserTest::show).collect(Collectors.joining(";"));
  }

  private static String show(Address a) {
    String name = a.name() == null ? "" : a.name();
    return a.address() == null ? name + "!" + a.raw() : name + "|" + a.address();
  }
}
