package io.millrace;

import io.millrace.engine.Enqueuer;
import io.millrace.google.BrowserConsent;
import io.millrace.google.ConsentException;
import io.millrace.google.Consented;
import io.millrace.google.Delegation;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleHttp;
import io.millrace.google.GoogleSettings;
import io.millrace.google.Grant;
import io.millrace.limit.Wait;
import io.millrace.pipeline.GmailSync;
import io.millrace.store.Database;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Mailboxes;
import io.millrace.store.NewJob;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;

/** Stores the grants of mailboxes and starts their first syncs: what {@code connect} does. */
final class Connection {
  private final Vertx vertx;
  private final Life life;
  private final Configuration configuration;
  private final Terminal terminal;
  private final Database database;

  private Connection(
      Vertx vertx, Life life, Configuration configuration, Terminal terminal, Database database) {
    this.vertx = vertx;
    this.life = life;
    this.configuration = configuration;
    this.terminal = terminal;
    this.database = database;
  }

  /** Runs it; returns the exit status. */
  static int run(ConnectOptions options, Configuration configuration, Terminal terminal)
      throws Exception {
    if (options instanceof ConnectOptions.InBrowser
        && configuration.google().clientId().isBlank()) {
      throw new ExitException(
          "google.clientId is not set: make an OAuth client of the type \"Desktop app\" in the Google Cloud console, under Credentials");
    }
    if (options instanceof ConnectOptions.Delegated
        && configuration.accounts().serviceAccount().isEmpty()) {
      throw new ExitException(
          "google.serviceAccountFile is not set: it names the JSON key of a service account with domain-wide delegation");
    }
    Vertx vertx = EventLoops.vertx();
    try (Life life = new Life(vertx)) {
      Database database = life.own(Database.open(vertx, configuration.database()), Database::close);
      return new Connection(vertx, life, configuration, terminal, database).connect(options);
    }
  }

  private int connect(ConnectOptions options) throws Exception {
    if (options instanceof ConnectOptions.ByToken by) {
      store(by.email(), new Grant.Refresh(by.refreshToken().reveal()));
      return ExitException.OK;
    }
    GoogleSettings google = configuration.google();
    HttpClient http = GoogleHttp.client(vertx, google, google.tokenUrl());
    try {
      if (options instanceof ConnectOptions.InBrowser in) {
        Consented given = consent(http, in);
        store(given.email(), new Grant.Refresh(given.refreshToken()));
        return ExitException.OK;
      }
      return delegated(http, ((ConnectOptions.Delegated) options).emails());
    } finally {
      life.await(http.close());
    }
  }

  private Consented consent(HttpClient http, ConnectOptions.InBrowser options) throws Exception {
    BrowserConsent consent =
        new BrowserConsent(
            vertx, http, configuration.google(), configuration.accounts(), InstantSource.system());
    try {
      return life.await(consent.ask(options.email(), options.patience(), this::show));
    } catch (ConsentException e) {
      throw new ExitException(ExitException.INCOMPLETE, e.getMessage());
    } catch (GoogleException e) {
      throw new ExitException(ExitException.INCOMPLETE, e.failure().sentence());
    }
  }

  private void show(URI page) {
    terminal.say("Open this address in a browser on this machine, as the mailbox's owner:");
    terminal.say(page.toString());
    if (terminal.interactive()) {
      Browser.open(page);
    }
  }

  /** One that is refused does not stand in the way of the others. */
  private int delegated(HttpClient http, List<String> emails) throws Exception {
    Delegation delegation =
        new Delegation(
            vertx, http, configuration.google(), configuration.accounts(), InstantSource.system());
    int status = ExitException.OK;
    for (String email : emails) {
      try {
        life.await(delegation.check(email));
        store(email, new Grant.Delegated(email));
      } catch (GoogleException e) {
        status = ExitException.INCOMPLETE;
        terminal.say("%s is not connected: %s".formatted(email, e.failure().sentence()));
      } catch (Wait e) {
        status = ExitException.INCOMPLETE;
        terminal.say("%s is not connected: %s".formatted(email, e.getMessage()));
      }
    }
    return status;
  }

  private void store(String email, Grant grant) throws Exception {
    Mailboxes mailboxes = new Mailboxes(database.pool(), configuration.vault(database));
    long user = life.await(mailboxes.connect(email, grant));
    NewJob sync = NewJob.of(user, GmailSync.KIND, "{}").once(GmailSync.DEDUP_KEY);
    Jobs jobs = new Jobs(database.pool(), new Kinds(database.pool()));
    // This process runs no jobs: the service's worker checks the payload before it runs it.
    Enqueuer enqueuer = Enqueuer.of(vertx, database.pool(), jobs, List.of());
    boolean fresh =
        life.await(enqueuer.enqueueAnyKind(database.pool(), List.of(sync))).get(0) != null;
    terminal.say(
        fresh
            ? "%s is connected; its sync starts as soon as the service runs.".formatted(email)
            : "%s is connected anew; its sync is queued already.".formatted(email));
  }
}
