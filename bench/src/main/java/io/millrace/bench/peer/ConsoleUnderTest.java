package io.millrace.bench.peer;

import io.millrace.console.AccessSettings;
import io.millrace.console.ApiParts;
import io.millrace.console.ConsoleLimits;
import io.millrace.console.ConsoleSettings;
import io.millrace.console.ConsoleVerticle;
import io.millrace.console.Role;
import io.millrace.engine.Engine;
import io.millrace.google.AccessTokens;
import io.millrace.google.GmailClient;
import io.millrace.google.GoogleSettings;
import io.millrace.google.QuotaProfile;
import io.millrace.limit.ByteBudget;
import io.millrace.limit.QuotaClient;
import io.millrace.pipeline.MailboxSwitch;
import io.millrace.pipeline.MailboxWaits;
import io.millrace.store.Database;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Mailboxes;
import io.millrace.store.Vault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * All that the benchmarks know of the console's Java API: the whole of it over HTTP on any port, in
 * the process of the engine, with an operator for each reader.
 */
public final class ConsoleUnderTest {
  /** As many operators as there may be event streams. */
  public static final int OPERATORS = 100;

  private static final int NO_TICK = 0;
  private static final int IN_FLIGHT = 1 << 20;

  private ConsoleUnderTest() {}

  /** What the operator of a number shows. */
  public static String token(int number) {
    return "bench-operator-" + number;
  }

  /**
   * Starts it.
   *
   * @param shared whether readers share what was read a moment ago, and may ask only as often, as
   *     they do by default; otherwise every request is a question to the database
   * @return its port
   */
  static Future<Integer> start(Vertx vertx, Database database, Engine engine, boolean shared) {
    Mailboxes mailboxes = new Mailboxes(database.pool(), new Vault("bench"));
    ConsoleLimits usual = ConsoleLimits.DEFAULTS;
    ConsoleLimits limits =
        shared
            ? usual
            : new ConsoleLimits(
                usual.readers(),
                usual.shown(),
                usual.counted(),
                NO_TICK,
                usual.idleMs(),
                usual.heartbeatMs(),
                usual.databaseMs());
    ConsoleVerticle console =
        new ConsoleVerticle(
                new ConsoleSettings("127.0.0.1", 0, access(shared), Optional.empty()),
                limits,
                mailboxes,
                new Jobs(database.pool(), new Kinds(database.pool())),
                "bench",
                "unlimited",
                1)
            .withApi(parts(vertx, database, engine, mailboxes));
    return vertx.deployVerticle(console).map(id -> console.port());
  }

  private static AccessSettings access(boolean shared) {
    List<AccessSettings.Token> tokens = new ArrayList<>();
    for (int i = 0; i < OPERATORS; i++) {
      tokens.add(new AccessSettings.Token("operator-" + i, hash(token(i)), Role.OPERATOR, null));
    }
    AccessSettings usual = AccessSettings.OPEN;
    return new AccessSettings(
        tokens,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        usual.session(),
        shared ? usual.callsPerSecond() : 100_000,
        shared ? usual.allCallsPerSecond() : 100_000);
  }

  private static String hash(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With a Google that nobody answers for: no reader asks it. */
  private static ApiParts parts(
      Vertx vertx, Database database, Engine engine, Mailboxes mailboxes) {
    URI root = URI.create("http://127.0.0.1:1/");
    GoogleSettings google =
        new GoogleSettings(root, root.resolve("token"), "id", "secret", Duration.ofSeconds(1), 1);
    InstantSource clock = InstantSource.system();
    AccessTokens tokens =
        new AccessTokens(
            vertx, vertx.createHttpClient(), google, Optional.empty(), mailboxes, clock);
    QuotaClient quota = new QuotaClient(vertx, Duration.ofSeconds(2), clock);
    GmailClient gmail =
        new GmailClient(
            vertx,
            vertx.createHttpClient(),
            google,
            QuotaProfile.LEGACY,
            quota,
            tokens,
            new ByteBudget(IN_FLIGHT),
            IN_FLIGHT,
            clock);
    return new ApiParts(
        database.pool(),
        database.consolePool(),
        database.endUsers(),
        new Kinds(database.pool()),
        engine.enqueuer(),
        engine.operator(),
        engine.checks(),
        new MailboxWaits(vertx, database.consolePool(), quota, gmail),
        new MailboxSwitch(database.pool(), gmail, tokens, engine.enqueuer()));
  }
}
