package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.one;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.AccountSettings;
import io.millrace.google.BrowserConsent;
import io.millrace.google.Consented;
import io.millrace.google.GoogleHttp;
import io.millrace.google.GoogleSettings;
import io.millrace.google.Grant;
import io.millrace.google.ServiceAccount;
import io.millrace.store.Vault;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClient;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mailboxes by either kind of grant, from being connected to being in step. */
@Timeout(120)
class AccountsTest {
  private final SyncTestKit kit = new SyncTestKit();

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  @Test
  void anEndedGrantStopsItsMailboxOnlyAndConsentInABrowserResumesIt() throws Exception {
    kit.start(2, 40);
    long ann = kit.users.get(0);
    kit.order("revoke-grant", 0, new JsonObject());
    assertEquals("dead", kit.synced(ann));
    assertEquals("completed", kit.synced(kit.users.get(1)));
    assertEquals("the grant has expired or was revoked.", reason(ann));
    assertEquals("dead", kit.synced(ann));
    String trouble = "The mailbox has to be connected again: the grant has expired or was revoked.";
    assertEquals(trouble, kit.state(ann).trouble());

    Consented given = consent(kit.simulator.accounts().get(0).email());
    assertEquals(kit.simulator.accounts().get(0).email(), given.email());
    await(kit.mailboxes.connect(given.email(), given.refreshToken()));
    assertNull(kit.state(ann).trouble());
    assertNull(reason(ann));
    assertEquals("completed", kit.synced(ann));
    assertEquals(40, SyncTestKit.messages(ann) + kit.state(ann).gone());
  }

  @Test
  void theServiceAccountReadsTheMailboxesThatItMayAndNoOther() throws Exception {
    kit.start(2, 40);
    delegate();
    long ann = kit.users.get(0);
    kit.order("delegation", 0, new JsonObject().put("error", "unauthorized_client"));
    assertEquals("dead", kit.synced(ann));
    assertEquals("completed", kit.synced(kit.users.get(1)));
    String email = kit.simulator.accounts().get(0).email();
    String trouble = kit.state(ann).trouble();
    assertTrue(
        trouble.contains("Domain-wide delegation, allow client 100000000000000000042"), trouble);
    assertTrue(trouble.endsWith("millrace connect --service-account --email " + email), trouble);

    kit.order("delegation", 0, new JsonObject());
    assertEquals("dead", kit.synced(ann), "as long as nobody connects it again");
    await(kit.mailboxes.connect(email, new Grant.Delegated(email)));
    assertEquals("completed", kit.synced(ann));
    assertNull(kit.state(ann).trouble());
  }

  @Test
  void aUserWhoIsNoMoreEndsAndAKeyThatIsRefusedDoesNot() throws Exception {
    kit.start(1, 10);
    delegate();
    long ann = kit.users.get(0);
    kit.order("delegation", 0, new JsonObject().put("error", "invalid_grant"));
    assertEquals("dead", kit.synced(ann));
    assertTrue(reason(ann).startsWith("Google knows no active user"), reason(ann));
  }

  @Test
  void aTokenUnderAnotherKeyIsTheOperatorsMatterAndEndsNoGrant() throws Exception {
    kit.reading = new Vault("another key");
    kit.start(1, 10);
    long ann = kit.users.get(0);
    kit.synced(ann);
    String trouble = kit.state(ann).trouble();
    assertTrue(
        trouble.startsWith(
            "The operator has to act: the token of "
                + kit.simulator.accounts().get(0).email()
                + " was encrypted with a key that is not at hand; set APP_ENCRYPTION_KEY"),
        trouble);
    assertNull(reason(ann));
    kit.stopEngine();
    kit.reading = SyncTestKit.vault();
    kit.engine(URI.create(kit.simulator.rootUrl()));
    assertEquals("completed", kit.synced(ann), "nobody had to connect again");
  }

  private void delegate() throws Exception {
    kit.stopEngine();
    URI file = URI.create(kit.simulator.rootUrl() + "sim/service-account");
    kit.serviceAccount = Optional.of(ServiceAccount.parse(fetch(file).body()));
    for (var account : kit.simulator.accounts()) {
      await(kit.mailboxes.connect(account.email(), new Grant.Delegated(account.email())));
    }
    kit.engine(URI.create(kit.simulator.rootUrl()));
  }

  private Consented consent(String email) throws Exception {
    GoogleSettings google = kit.google(URI.create(kit.simulator.rootUrl()));
    HttpClient http = GoogleHttp.client(kit.vertx, google, google.tokenUrl());
    BrowserConsent consent =
        new BrowserConsent(
            kit.vertx,
            http,
            google,
            new AccountSettings(URI.create(kit.simulator.authUrl()), Optional.empty()),
            InstantSource.system());
    Promise<URI> page = Promise.promise();
    Future<Consented> asked =
        consent
            .ask(Optional.of(email), Duration.ofSeconds(30), page::complete)
            .eventually(http::close);
    assertEquals(200, fetch(await(page.future())).statusCode());
    return await(asked);
  }

  /** As a browser does: goes where it is sent. */
  private static HttpResponse<String> fetch(URI page) throws Exception {
    return java.net.http.HttpClient.newBuilder()
        .followRedirects(java.net.http.HttpClient.Redirect.ALWAYS)
        .build()
        .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String reason(long user) throws Exception {
    return one(String.class, "select dead_reason from google_token where user_id = $1", user);
  }
}
