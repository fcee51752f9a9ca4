package io.millrace.store;

import static io.millrace.store.JobsTestKit.KIND;
import static io.millrace.store.JobsTestKit.buried;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.JobsTestKit.state;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.rows;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What failed for good: found, corrected, brought back once, thrown away. */
@Tag("partitions")
@Timeout(60)
class DeadLettersTest {
  private JobsTestKit kit;
  private DeadLetters letters;
  private Redrives redrives;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    letters = new DeadLetters(pool(), kit.jobs.kinds());
    redrives = new Redrives(pool(), kit.jobs);
  }

  private long dead(NewJob job) throws Exception {
    long id = kit.enqueue(job).get(0);
    RunKey key = kit.claim(1).get(0).key();
    kit.settle(
        new Settlement.Buried(
            key, "exhausted", "{\"failure\": \"transient\", \"message\": \"it broke\"}"));
    return id;
  }

  @Test
  void aListIsReadInPagesNewestFirstAndFiltered() throws Exception {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      ids.add(dead(job(i % 5)));
    }
    List<Long> read = new ArrayList<>();
    DeadLetters.Place place = null;
    int pages = 0;
    do {
      DeadLetters.Page page = await(letters.list(DeadFilter.ALL, place, 10));
      page.letters().forEach(l -> read.add(l.id()));
      place = page.next();
      pages++;
    } while (place != null);
    assertEquals(3, pages);
    assertEquals(Set.copyOf(ids), new HashSet<>(read));
    assertEquals(25, read.size());
    assertEquals(ids.get(24), read.get(0));
    assertEquals(5, size(DeadFilter.ALL.ofUser(3)));
    assertEquals(25, size(DeadFilter.ALL.ofKind(KIND)));
    assertEquals(0, size(DeadFilter.ALL.ofKind("nobody")));
    assertEquals(0, size(DeadFilter.ALL.before(Instant.now().minusSeconds(60))));
    assertEquals(25, size(filter("exhausted", "transient")));
    assertEquals(0, size(filter("exhausted", "permanent")));
    assertEquals(0, size(filter("lost", null)));
  }

  private static DeadFilter filter(String reason, String failure) {
    return new DeadFilter(null, null, reason, failure, null, null, false);
  }

  private int size(DeadFilter filter) throws Exception {
    return await(letters.list(filter, null, 100)).letters().size();
  }

  @Test
  void oneIsReadInFull() throws Exception {
    long id = dead(NewJob.of(1, KIND, "{\"n\": 1}").with(JobOptions.NONE.unit("west")).once("key"));
    DeadLetter.Full full = await(letters.read(1, id)).orElseThrow();
    assertEquals(KIND, full.letter().kind());
    assertEquals("it broke", full.letter().message());
    assertEquals("{\"n\": 1}", full.payload());
    assertEquals("transient", full.error().getString("failure"));
    assertEquals("west", full.options().getString("unit"));
    assertEquals("key", full.dedupKey());
    assertFalse(full.edited());
    assertTrue(await(letters.read(2, id)).isEmpty());
  }

  @Test
  void aRedrivenLetterIsANewJobOfTheSameKindAndKeepsItsHistory() throws Exception {
    NewJob job = NewJob.of(1, KIND, "{\"n\": 1}").priority(3).once("key");
    long id = dead(job.with(JobOptions.NONE.unit("west").window(Duration.ofHours(1))));
    assertTrue(await(letters.edit(1, id, "{\"n\": 2}")));
    Redrives.Result result = await(redrives.redrive(1, id));
    long again = result.redriven().get(0).job();
    assertNotEquals(id, again);
    Row row =
        rows("select priority, payload::text, options::text from job_body where id = $1", again)
            .get(0);
    assertEquals(3, (int) row.getShort(0));
    assertEquals("{\"n\": 2}", row.getString(1));
    assertEquals("west", new JsonObject(row.getString(2)).getString("unit"));
    assertEquals(
        "{\"n\": 1}",
        StoreTestKit.one(String.class, "select payload::text from job_body where id = $1", id));
    assertEquals("ready", state(again));
    assertEquals(again, number("select id from job_dedup where dedup_key = 'key'"));
    DeadLetter letter = await(letters.read(1, id)).orElseThrow().letter();
    assertEquals(again, letter.redrivenAs());
    assertNotNull(letter.redrivenAt());
    assertEquals(0, size(DeadFilter.ALL));
    assertEquals(1, size(DeadFilter.ALL.withRedriven()));
    assertFalse(await(letters.edit(1, id, "{}")));
    kit.settle(done(kit.claim(1).get(0).key()));
    assertEquals(0, await(redrives.redrive(1, id)).redriven().size(), "not twice");
  }

  @Test
  void ofManyRedrivesAtOnceOneWins() throws Exception {
    for (int i = 0; i < 20; i++) {
      dead(job(i));
    }
    List<Future<Redrives.Result>> hands = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      hands.add(redrives.redriveSome(DeadFilter.ALL, null, 20));
    }
    await(Future.all(hands));
    assertEquals(20, hands.stream().mapToInt(f -> f.result().redriven().size()).sum());
    assertEquals(20, count("ready"));
  }

  @Test
  void aLetterIsMarkedOnlyIfItsNewJobExists() throws Exception {
    long id = dead(job(1));
    run("alter table job_body add constraint broken check (user_id <> 1) not valid");
    try {
      assertThrows(Exception.class, () -> await(redrives.redrive(1, id)));
    } finally {
      run("alter table job_body drop constraint broken");
    }
    assertNull(await(letters.read(1, id)).orElseThrow().letter().redrivenAt());
    assertEquals(1, await(redrives.redrive(1, id)).redriven().size());
  }

  @Test
  void aLetterWhoseKeyIsTakenStaysDead() throws Exception {
    long id = dead(job(1).once("key"));
    kit.enqueue(job(1).once("key"));
    Redrives.Result result = await(redrives.redrive(1, id));
    assertEquals(List.of(id), result.keyTaken());
    assertEquals(0, result.redriven().size());
    assertEquals("dead", state(id));
  }

  @Test
  void manyAreRedrivenInBoundedStepsAndOneWithoutABodyDoesNotStopThem() throws Exception {
    long bare = dead(job(1));
    run("delete from job_body where id = $1", bare);
    for (int i = 0; i < 30; i++) {
      dead(job(2));
    }
    DeadLetters.Place place = null;
    int redriven = 0;
    List<Long> bodyless = new ArrayList<>();
    do {
      Redrives.Result step = await(redrives.redriveSome(DeadFilter.ALL, place, 12));
      redriven += step.redriven().size();
      bodyless.addAll(step.bodyless());
      place = step.next();
    } while (place != null);
    assertEquals(30, redriven);
    assertEquals(List.of(bare), bodyless);
    assertEquals(30, count("ready"));
    assertTrue(await(letters.edit(1, bare, "{}")));
    assertEquals(1, await(redrives.redrive(1, bare)).redriven().size());
  }

  @Test
  void purgingTakesOneOrSomeByFilterAndAge() throws Exception {
    long one = dead(job(1));
    for (int i = 0; i < 10; i++) {
      dead(job(2));
    }
    kit.enqueue(job(3));
    kit.settle(buried(kit.claim(1).get(0).key()));
    assertTrue(await(letters.purge(1, one)));
    assertFalse(await(letters.purge(1, one)));
    assertEquals(
        0, await(letters.purgeSome(DeadFilter.ALL.before(Instant.now().minusSeconds(60)), 100)));
    assertEquals(6, await(letters.purgeSome(DeadFilter.ALL.ofUser(2), 6)));
    assertEquals(4, await(letters.purgeSome(DeadFilter.ALL.ofUser(2), 6)));
    assertEquals(1, size(DeadFilter.ALL));
  }
}
