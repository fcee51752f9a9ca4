package io.millrace.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The small parts keep their promises. */
class PiecesTest {

  @Test
  void everyPositionHasOneIdAndComesBackFromIt() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      Permutation ids = new Permutation(random.nextLong());
      long position = random.nextBoolean() ? random.nextLong() : random.nextInt(1_000_000);
      assertEquals(position, ids.invert(ids.apply(position)));
    }
    assertEquals(0xFFFF_0000_1234_ABCDL, Hash.parseHex(Hash.hex(0xFFFF_0000_1234_ABCDL)));
    assertNull(Hash.parseHex("12345678901234567"));
    assertNull(Hash.parseHex("x"));
  }

  @Test
  void aSlidingWindowIsExact() {
    Random random = new Random(2);
    SlidingWindow window = new SlidingWindow(1_000, 0);
    long[] times = new long[5_000];
    long[] units = new long[5_000];
    long now = 0;
    long max = 0;
    for (int i = 0; i < times.length; i++) {
      now += random.nextInt(30) == 0 ? random.nextInt(3_000) : random.nextInt(4);
      times[i] = now;
      units[i] = random.nextInt(40);
      window.add(now, units[i]);
      long expected = 0;
      for (int j = i; j >= 0 && now - times[j] < 1_000; j--) {
        expected += units[j];
      }
      assertEquals(expected, window.sum(now));
      max = Math.max(max, expected);
    }
    assertEquals(max, window.max());
  }

  @Test
  void aCoarseWindowNeverCountsLessThanAnExactOne() {
    Random random = new Random(3);
    SlidingWindow exact = new SlidingWindow(1_000, 0);
    SlidingWindow coarse = new SlidingWindow(1_000, 50);
    long now = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(9);
      exact.add(now, 20);
      coarse.add(now, 20);
      assertTrue(coarse.sum(now) >= exact.sum(now));
      assertTrue(coarse.sum(now) <= exact.sum(now) * 1.15 + 400);
    }
  }

  @Test
  void threadsPartitionTheMailbox() {
    ThreadLayout layout = new ThreadLayout(99, 10_007, false);
    BitSet seen = new BitSet();
    int threads = 0;
    int singles = 0;
    int longest = 0;
    for (int index = 0; index < 10_007; index++) {
      int[] members = layout.members(index);
      assertTrue(Arrays.binarySearch(members, index) >= 0);
      if (members[0] == index) {
        threads++;
        singles += members.length == 1 ? 1 : 0;
        longest = Math.max(longest, members.length);
        for (int member : members) {
          assertTrue(!seen.get(member));
          seen.set(member);
          assertArrayEquals(members, layout.members(member));
        }
      }
    }
    assertEquals(10_007, seen.cardinality());
    assertEquals(threads, layout.count());
    assertTrue(singles > threads * 0.5 && singles < threads * 0.75, singles + " of " + threads);
    assertEquals(ThreadLayout.LONGEST, longest);
  }

  @Test
  void generatedMailHasTheSizesOfMail() {
    GeneratedStore store = new GeneratedStore(5, "a@example.com", 1_000_000);
    Quota quota = new Quota(QuotaProfile.named("unlimited"), SimClock.system(1), 25);
    Mailbox mailbox =
        new Mailbox(new SimAccount("a", "b"), 1, store, quota.user(), new FaultPlan(1, "none"));
    long metadata = 0;
    long full = 0;
    long headers = 0;
    int sample = 1_000;
    long before = Long.MAX_VALUE;
    for (int i = 0; i < sample; i++) {
      int index = i * 997;
      JsonOut out = new JsonOut(1024);
      new MessageJson(mailbox, out).write(index, "metadata", List.of());
      metadata += out.length();
      new MessageJson(mailbox, out.restart(0)).write(index, "full", List.of());
      full += out.length();
      JsonObject json = new JsonObject(new String(out.toBytes(), StandardCharsets.UTF_8));
      headers += json.getJsonObject("payload").getJsonArray("headers").size();
      assertTrue(store.date(index) < before);
      before = store.date(index);
    }
    String figures =
        metadata / sample + " metadata, " + full / sample + " full, " + headers / sample;
    assertTrue(metadata / sample > 1_700 && metadata / sample < 2_700, figures);
    assertTrue(full / sample > 20_000 && full / sample < 32_000, figures);
    assertTrue(headers / sample >= 14 && headers / sample <= 25, figures);
  }

  @Test
  void faultsFollowFromTheSeedAlone() {
    FaultPlan one = new FaultPlan(7, "harsh");
    FaultPlan same = new FaultPlan(7, "harsh");
    FaultPlan none = new FaultPlan(7, "none");
    int met = 0;
    int bad = 0;
    for (long id = 0; id < 20_000; id++) {
      FaultKind kind = one.pick(FaultKind.Where.CALL, 3, id, 0);
      assertEquals(kind, same.pick(FaultKind.Where.CALL, 3, id, 0));
      assertNull(none.pick(FaultKind.Where.CALL, 3, id, 0));
      assertNull(one.pick(FaultKind.Where.CALL, 3, id, FaultPlan.MOST_IN_A_ROW));
      met += kind == null ? 0 : 1;
      bad += one.forGood(3, id) == null ? 0 : 1;
    }
    assertTrue(met > 1_500 && met < 3_500, met + " met");
    assertTrue(bad > 40 && bad < 130, bad + " bad for good");
  }

  @Test
  void fieldMasksCutTrees() {
    String json =
        "{\"messages\":[{\"id\":\"1\",\"threadId\":\"2\",\"x\":{\"y\":1,\"z\":[1]}}],\"next\":\"t\"}";
    assertEquals("{\"messages\":[{\"id\":\"1\"}],\"next\":\"t\"}", cut("messages/id,next", json));
    assertEquals(
        "{\"messages\":[{\"id\":\"1\",\"x\":{\"z\":[1]}}]}", cut("messages(id,x/z)", json));
    assertEquals(json, cut("*", json));
    assertThrows(ApiException.class, () -> FieldMask.parse("a(b"));
    assertThrows(ApiException.class, () -> FieldMask.parse("a)"));
    assertThrows(ApiException.class, () -> FieldMask.parse(",a"));
  }

  private static String cut(String fields, String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    byte[] cut = FieldMask.parse(fields).cut(bytes, 0, bytes.length);
    return new String(cut, StandardCharsets.UTF_8);
  }

  @Test
  void jsonSurvivesEveryCharacter() {
    String text = "a\"\\\n\t\u0001é漢😀\uD800x\u2028";
    byte[] bytes = new JsonOut(1).object().field("k", text).end().toBytes();
    String read = new JsonObject(new String(bytes, StandardCharsets.UTF_8)).getString("k");
    assertEquals(text.replace('\uD800', '\uFFFD'), read);
  }

  @Test
  void badOptionsAreRefusedInASentence() {
    SimOptions good = SimOptions.defaults();
    for (Runnable bad :
        List.<Runnable>of(
            () -> good.withPort(70_000),
            () -> good.withProfile("2027"),
            () -> good.withTimeScale(0),
            () -> good.withFaults("some"),
            () -> good.withMailboxes(0),
            () -> good.withMessages(-1),
            () -> good.withConcurrency(0))) {
      String message = assertThrows(IllegalArgumentException.class, bad::run).getMessage();
      assertTrue(message.endsWith("."), message);
    }
  }
}
