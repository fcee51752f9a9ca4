package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleException;
import io.millrace.google.Grant;
import io.millrace.store.KeyRotation.Standing;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeyRotationTest {
  private static final String OLD = key(1);
  private static final String NEW = key(2);
  private final Vault old = new Vault(OLD);
  private final Vault both = new Vault(NEW, Optional.of(OLD));
  private final Vault fresh = new Vault(NEW);
  private final List<Long> users = new ArrayList<>();

  private static String key(int filler) {
    byte[] bytes = new byte[32];
    java.util.Arrays.fill(bytes, (byte) filler);
    return Base64.getEncoder().encodeToString(bytes);
  }

  @BeforeEach
  void empty() throws Exception {
    StoreTestKit.run("delete from google_token");
  }

  private void connect(Vault vault, int from, int until) throws Exception {
    Mailboxes mailboxes = new Mailboxes(pool(), vault);
    List<Future<Long>> all = new ArrayList<>();
    for (int i = from; i < until; i++) {
      all.add(mailboxes.connect("rotate" + i + "@example.org", "token-" + i));
    }
    await(Future.all(all));
    all.forEach(f -> users.add(f.result()));
  }

  private void assertAllReadable(Vault vault) throws Exception {
    Mailboxes mailboxes = new Mailboxes(pool(), vault);
    for (int i = 0; i < users.size(); i++) {
      assertEquals(
          Optional.of(new Grant.Refresh("token-" + i)), await(mailboxes.grant(users.get(i))));
    }
  }

  @Test
  void bothKeysReadAndTheNewOneWrites() throws Exception {
    connect(old, 0, 3);
    connect(both, 3, 5);
    assertAllReadable(both);
    assertEquals(new Standing(2, 3, 0, List.of()), await(new KeyRotation(pool(), both).standing()));
    assertEquals(2, number("select count(*) from google_token where key_id = $1", fresh.keyId()));
  }

  @Test
  void afterARotationTheOldKeyIsNotNeeded() throws Exception {
    connect(old, 0, 1_203);
    List<Long> told = new ArrayList<>();
    assertEquals(
        new Standing(1_203, 0, 0, List.of()),
        await(new KeyRotation(pool(), both).rotate(told::add)));
    assertEquals(List.of(500L, 1_000L, 1_203L), told);
    assertAllReadable(fresh);
    told.clear();
    await(new KeyRotation(pool(), both).rotate(told::add));
    assertEquals(List.of(), told, "nothing is left to do");
  }

  @Test
  void aRotationThatIsBrokenOffGoesOnWithWhatIsLeft() throws Exception {
    connect(old, 0, 1_100);
    AtomicInteger batches = new AtomicInteger();
    Future<Standing> broken =
        new KeyRotation(pool(), both)
            .rotate(
                done -> {
                  if (batches.incrementAndGet() == 1) {
                    throw new IllegalStateException("killed");
                  }
                });
    assertThrows(IllegalStateException.class, () -> await(broken));
    Standing half = await(new KeyRotation(pool(), both).standing());
    assertEquals(600, half.previous());
    assertAllReadable(both);
    assertEquals(1_100, await(new KeyRotation(pool(), both).rotate(done -> {})).present());
    assertAllReadable(fresh);
  }

  @Test
  void whatIsConnectedAnewMeanwhileIsNotOverwritten() throws Exception {
    connect(old, 0, 600);
    Mailboxes mailboxes = new Mailboxes(pool(), old);
    long last = users.get(599);
    String email =
        StoreTestKit.one(String.class, "select email from account where user_id = $1", last);
    AtomicReference<Future<Long>> again = new AtomicReference<>();
    Standing standing =
        await(
            new KeyRotation(pool(), both)
                .rotate(
                    done -> {
                      if (again.get() == null) {
                        again.set(mailboxes.connect(email, "newer"));
                      }
                    }));
    await(again.get());
    assertEquals(600, standing.present() + standing.previous());
    await(new KeyRotation(pool(), both).rotate(done -> {}));
    assertEquals(
        Optional.of(new Grant.Refresh("newer")), await(new Mailboxes(pool(), fresh).grant(last)));
  }

  @Test
  void aKeyThatIsMissingIsSaidWithTheMailboxesItConcerns() throws Exception {
    connect(old, 0, 2);
    Mailboxes mailboxes = new Mailboxes(pool(), fresh);
    GoogleException e =
        assertThrows(GoogleException.class, () -> await(mailboxes.grant(users.get(0))));
    assertTrue(e.getMessage().contains("rotate0@example.org"), e.getMessage());
    Standing standing = await(new KeyRotation(pool(), fresh).rotate(done -> {}));
    assertEquals(
        "2 stored tokens are encrypted with a key that is not at hand: rotate0@example.org,"
            + " rotate1@example.org. Set APP_ENCRYPTION_KEY_PREVIOUS to the key in use when they"
            + " were connected, or connect them anew.",
        standing.complaint().orElseThrow());
    assertEquals(Optional.empty(), await(new KeyRotation(pool(), both).standing()).complaint());
  }

  @Test
  void theEndOfAGrantDoesNotEndTheOneThatCameAfterIt() throws Exception {
    connect(old, 0, 1);
    long user = users.get(0);
    Mailboxes mailboxes = new Mailboxes(pool(), old);
    mailboxes.dead(user, new Grant.Refresh("an older one"), "it was revoked.");
    mailboxes.dead(user, new Grant.Delegated("rotate0@example.org"), "it was revoked.");
    Grant present = new Grant.Refresh("token-0");
    for (int i = 0; i < 20; i++) {
      assertEquals(Optional.of(present), await(mailboxes.grant(user)));
    }
    mailboxes.dead(user, present, "it was revoked.");
    Grant ended = new Grant.Ended("it was revoked.");
    while (!await(mailboxes.grant(user)).equals(Optional.of(ended))) {
      await(StoreTestKit.VERTX.timer(2, TimeUnit.MILLISECONDS));
    }
    await(mailboxes.connect("rotate0@example.org", "token-0"));
    assertEquals(Optional.of(present), await(mailboxes.grant(user)));
  }

  @Test
  void theSameKeyTwiceIsOneKey() throws Exception {
    connect(new Vault(OLD, Optional.of(OLD)), 0, 1);
    assertAllReadable(old);
  }
}
