package io.millrace;

import io.millrace.google.GoogleException;
import io.millrace.pipeline.MailboxSurvey;
import io.millrace.store.Database;
import io.millrace.store.Mailboxes;
import io.millrace.store.Surveys;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Compares a mailbox with what is stored of it, and has a sync repair what differs: what {@code
 * verify} does. The repair is a sync like any other, so it is charged, fenced and committed like
 * one; then the mailbox is compared again.
 */
final class Verification {
  private static final Set<String> ENDED = Set.of("completed", "skipped", "cancelled", "dead");
  private static final long LOOK_MS = 250;

  private final Life life;
  private final Vertx vertx;
  private final Millrace millrace;
  private final long user;
  private final String address;

  private Verification(Life life, Vertx vertx, Millrace millrace, long user, String address) {
    this.life = life;
    this.vertx = vertx;
    this.millrace = millrace;
    this.user = user;
    this.address = address;
  }

  /** Runs it; returns the exit status. */
  static int run(VerifyOptions options, Configuration configuration, Terminal terminal)
      throws Exception {
    Vertx vertx = EventLoops.vertx();
    try (Life life = new Life(vertx)) {
      Database database = life.own(Database.open(vertx, configuration.database()), Database::close);
      long user =
          life.await(new Surveys(database.pool()).user(options.mailbox()))
              .orElseThrow(
                  () ->
                      new ExitException(
                          "No mailbox "
                              + options.mailbox()
                              + " is connected; connect it with: millrace connect --email ADDRESS"));
      Millrace millrace =
          life.own(
              Millrace.start(vertx, configuration, database, !options.dryRun()), Millrace::stop);
      Verification verification = new Verification(life, vertx, millrace, user, options.mailbox());
      VerifyReport report = verification.verify(options.dryRun(), terminal);
      terminal.result(options.json() ? report.toJson() : report.toText());
      return report.same() ? ExitException.OK : ExitException.INCOMPLETE;
    } catch (GoogleException e) {
      throw new ExitException(
          ExitException.INCOMPLETE,
          options.mailbox() + " cannot be verified: " + e.failure().sentence());
    }
  }

  private VerifyReport verify(boolean dryRun, Terminal terminal) throws Exception {
    VerifyReport before = compare(null);
    if (dryRun || before.same()) {
      return before;
    }
    terminal.say(before.summary() + " A sync repairs it.");
    repair();
    return compare(before);
  }

  private VerifyReport compare(VerifyReport before) throws Exception {
    Mailboxes.Mailbox mailbox = life.await(millrace.mailboxes().load(user)).orElseThrow();
    MailboxSurvey.Found found = life.await(millrace.survey().of(user, mailbox));
    Surveys.Recount counts =
        mailbox.fullRun() == null || !"complete".equals(mailbox.phase())
            ? null
            : life.await(millrace.surveys().recount(user, mailbox.fullRun()));
    Mailboxes.State state = life.await(millrace.mailboxes().states(List.of(user))).get(0);
    return VerifyReport.of(address, mailbox, state.trouble(), found, counts, before);
  }

  private void repair() throws Exception {
    Long job = life.await(millrace.recount(user));
    while (job == null) {
      life.await(vertx.timer(LOOK_MS, TimeUnit.MILLISECONDS));
      job = life.await(millrace.recount(user));
    }
    String state = life.await(millrace.surveys().state(user, job));
    while (state != null && !ENDED.contains(state)) {
      life.await(vertx.timer(LOOK_MS, TimeUnit.MILLISECONDS));
      state = life.await(millrace.surveys().state(user, job));
    }
    Mailboxes.Mailbox mailbox = life.await(millrace.mailboxes().load(user)).orElseThrow();
    if ("complete".equals(mailbox.phase())) {
      life.await(millrace.surveys().correct(user, mailbox.fullRun()));
    }
  }
}
