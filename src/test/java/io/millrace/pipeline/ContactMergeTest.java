package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContactMergeTest {
  private static final Instant T = Instant.parse("2024-01-01T00:00:00Z");

  @Test
  void countsEachInteractionOnceForEachAddress() {
    List<ContactMerge.Seen> seen =
        new ArrayList<>(
            List.of(
                seen(
                    0,
                    Direction.INBOUND,
                    p(Role.FROM, "Ann", "ann@y.org"),
                    p(Role.REPLY_TO, null, "ann@y.org"),
                    p(Role.TO, null, "me@x.org"),
                    p(Role.CC, "Copied", "bob@z.org")),
                seen(
                    5,
                    Direction.OUTBOUND,
                    p(Role.FROM, "Me", "me@x.org"),
                    p(Role.TO, "my Ann", "ann@y.org"),
                    p(Role.CC, "Bob", "bob@z.org"),
                    p(Role.BCC, "Bob", "bob@z.org")),
                seen(
                    3,
                    Direction.SELF,
                    p(Role.FROM, null, "me@x.org"),
                    p(Role.TO, null, "me@x.org")),
                seen(9, Direction.UNKNOWN, p(Role.TO, null, "ann@y.org"), p(Role.TO, null, null))));
    List<ContactChange> expected =
        List.of(
            new ContactChange("ann@y.org", "Ann", T, T.plusSeconds(9), 1, 1),
            new ContactChange("bob@z.org", "Bob", T, T.plusSeconds(5), 0, 1));
    assertEquals(expected, ContactMerge.of(seen, "Me@X.org"));
    Collections.reverse(seen);
    assertEquals(expected, ContactMerge.of(seen, "me@x.org"));
    assertEquals(3, ContactMerge.of(seen, null).size());
  }

  private static ContactMerge.Seen seen(int second, Direction way, Participant... participants) {
    return new ContactMerge.Seen(T.plusSeconds(second), way, List.of(participants));
  }

  private static Participant p(Role role, String name, String address) {
    return new Participant(role, new Address(name, address, address == null ? "?" : null));
  }
}
