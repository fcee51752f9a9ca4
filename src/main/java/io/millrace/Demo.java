package io.millrace;

import io.millrace.google.AccountSettings;
import io.millrace.google.GoogleSettings;
import io.millrace.sim.SimAccount;
import io.millrace.sim.SimOptions;
import io.millrace.store.Database;
import io.millrace.store.Mailboxes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The main job with a simulator and an embedded database: what {@code demo} does. */
final class Demo {
  private final DemoOptions options;
  private final Configuration configuration;
  private final Terminal terminal;
  private final Instruments instruments;
  private final Vertx vertx;

  private Demo(DemoOptions options, Configuration configuration, Terminal terminal) {
    this.options = options;
    this.configuration = configuration;
    this.terminal = terminal;
    this.instruments = Instruments.of(configuration.ops().tracing());
    this.vertx = instruments.vertx();
  }

  /** Runs it; returns the exit status. */
  static int run(DemoOptions options, Configuration configuration, Terminal terminal)
      throws Exception {
    Demo demo = new Demo(options, configuration, terminal);
    try (Life life = new Life(demo.vertx)) {
      return demo.run(life);
    } finally {
      demo.instruments.close();
    }
  }

  private int run(Life life) throws Exception {
    announce();
    GooglePeer google = life.own(peer(), GooglePeer::close);
    AccountSettings asks =
        new AccountSettings(google.root().resolve("o/oauth2/v2/auth"), Optional.empty());
    Configuration here = configuration.withGoogle(google(google), asks);
    Database database = life.own(Database.open(vertx, here.database()), Database::close);
    Millrace millrace =
        life.own(Millrace.start(vertx, here, database, instruments), Millrace::stop);
    int page = life.await(millrace.serve(here));
    terminal.say("Watch it live at http://%s:%d/".formatted(here.console().host(), page));

    List<Long> users = new ArrayList<>();
    for (SimAccount account : google.accounts()) {
      users.add(life.await(millrace.mailboxes().connect(account.email(), account.refreshToken())));
    }
    long before = stored(life.await(millrace.mailboxes().states(users)));
    long started = System.nanoTime();
    Summary summary;
    try (SyncWatch watch = new SyncWatch(vertx, millrace, users, terminal);
        HeapWatch heap = new HeapWatch(watch::share)) {
      life.await(millrace.sync(users));
      life.await(watch.settled());
      long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
      summary = summary(life, millrace, google, users, before, elapsedMs, heap);
    }
    show(summary);
    if (!options.once()) {
      terminal.say("The page stays up; press Ctrl-C to end.");
      life.untilStopped();
    }
    return summary.exitStatus();
  }

  private void announce() {
    terminal.say(
        String.format(
            Locale.ROOT,
            "Millrace %s: quota profile %s, time scale %s (Google's minute takes %.0f s here), faults %s, database %s",
            Version.current(),
            configuration.profile().name(),
            configuration.timeScale() == Math.rint(configuration.timeScale())
                ? Long.toString((long) configuration.timeScale())
                : Double.toString(configuration.timeScale()),
            60 / configuration.timeScale(),
            options.simulator() == null ? options.faults() : "as the simulator plays them",
            configuration.database().uri() != null
                ? "as configured"
                : configuration.database().directory() == null
                    ? "temporary"
                    : "in " + configuration.database().directory()));
  }

  private Future<GooglePeer> peer() {
    if (options.simulator() != null) {
      return GooglePeer.running(vertx, options.simulator());
    }
    return GooglePeer.own(
        vertx,
        SimOptions.defaults()
            .withProfile(configuration.profile().name())
            .withTimeScale(configuration.timeScale())
            .withFaults(options.faults())
            .withSeed(options.seed())
            .withMailboxes(options.mailboxes())
            .withMessages(options.messages())
            .withMboxes(options.mboxes()));
  }

  private GoogleSettings google(GooglePeer google) {
    URI root = google.root();
    return new GoogleSettings(
        root,
        root.resolve("token"),
        google.client().getString("clientId"),
        google.client().getString("clientSecret"),
        configuration.google().timeout(),
        configuration.google().maxConnections(),
        configuration.google().breaker());
  }

  /** A simulator of another process may be gone by now. */
  private Future<JsonObject> unknown() {
    terminal.say("The simulator does not answer any more: permanentlyBad is not known.");
    return Future.succeededFuture(
        new JsonObject().put("permanentlyBad", -1L).put("permanentlyBadWithSpamTrash", -1L));
  }

  private static long stored(List<Mailboxes.State> states) {
    return states.stream().mapToLong(Mailboxes.State::stored).sum();
  }

  private Summary summary(
      Life life,
      Millrace millrace,
      GooglePeer google,
      List<Long> users,
      long before,
      long elapsedMs,
      HeapWatch heap)
      throws Exception {
    JsonObject report = life.await(google.report().recover(e -> unknown()));
    return Summary.of(
        life.await(millrace.mailboxes().states(users)),
        life.await(millrace.interactions().derived(users)),
        life.await(millrace.jobs().unfinished(users)),
        configuration.profile().prices(),
        report.getLong(
            configuration.gmail().includeSpamTrash()
                ? "permanentlyBadWithSpamTrash"
                : "permanentlyBad"),
        before,
        elapsedMs,
        heap);
  }

  private void show(Summary summary) {
    if (options.json()) {
      terminal.result(summary.toJson());
    } else {
      terminal.result(summary.toTable().stripTrailing());
    }
    if (summary.exitStatus() != ExitException.OK) {
      terminal.say("Not complete: the dashboard and the log say what is missing.");
    }
  }
}
