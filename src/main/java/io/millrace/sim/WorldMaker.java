package io.millrace.sim;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes everything that the options describe. May read files: not for an event loop. */
final class WorldMaker {
  private static final List<String> FIRST =
      List.of("anna", "bruno", "chiara", "dmitri", "elif", "farid", "greta", "hiro", "ines", "jan");
  private static final List<String> LAST =
      List.of("novak", "rossi", "keller", "tanaka", "silva", "haddad", "lindqvist", "okafor");

  private WorldMaker() {}

  static World make(SimOptions options, SimClock clock) {
    QuotaProfile profile = QuotaProfile.named(options.profile());
    Quota quota = new Quota(profile, clock, options.concurrency());
    FaultPlan plan = new FaultPlan(options.seed(), options.faults());
    Tokens tokens = new Tokens(clock);
    Meter meter = new Meter();
    PubSub pubSub = new PubSub(clock);
    List<Mailbox> mailboxes = new ArrayList<>();
    int count = options.mboxes().isEmpty() ? options.mailboxes() : options.mboxes().size();
    try {
      for (int number = 0; number < count; number++) {
        Mailbox mailbox = mailbox(options, number, quota, plan);
        tokens.grant(mailbox);
        mailboxes.add(mailbox);
      }
    } catch (RuntimeException e) {
      mailboxes.forEach(mailbox -> mailbox.store().close());
      throw e;
    }
    return new World(
        options,
        clock,
        List.copyOf(mailboxes),
        quota,
        tokens,
        meter,
        new Gmail(meter, quota, tokens, pubSub),
        pubSub,
        badIds(mailboxes, plan));
  }

  private static Mailbox mailbox(SimOptions options, int number, Quota quota, FaultPlan plan) {
    long key = Hash.of(options.seed(), 7, number);
    String email = email(options, number);
    MailStore store =
        options.mboxes().isEmpty()
            ? GeneratedStore.listing(key, email, options.messages(), options.unthreaded())
            : MboxStore.open(options.mboxes().get(number), key, email);
    SimAccount account = new SimAccount(email, Tokens.refreshToken(options.seed(), email));
    return new Mailbox(account, key, store, quota.user(), plan);
  }

  private static String email(SimOptions options, int number) {
    if (options.mboxes().isEmpty()) {
      Draw draw = new Draw(Hash.of(options.seed(), 8, number));
      return draw.pick(FIRST) + "." + draw.pick(LAST) + (number + 1) + "@example.com";
    }
    Path file = options.mboxes().get(number).getFileName();
    String name = (file == null ? "mail" : file.toString()).replaceFirst("(\\.mbox)?(\\.gz)?$", "");
    String plain = name.replaceAll("[^A-Za-z0-9._-]+", "-");
    return (plain.isEmpty() ? "mail" : plain) + (number + 1) + "@example.com";
  }

  private static World.BadIds badIds(List<Mailbox> mailboxes, FaultPlan plan) {
    long listed = 0;
    long all = 0;
    if (!plan.active()) {
      return new World.BadIds(0, 0);
    }
    for (Mailbox mailbox : mailboxes) {
      MailStore store = mailbox.store();
      for (int index = 0; index < store.size(); index++) {
        if (plan.forGood(mailbox.key(), store.id(index)) != null) {
          List<String> labels = store.labels(index);
          all++;
          listed += labels.contains("SPAM") || labels.contains("TRASH") ? 0 : 1;
        }
      }
    }
    return new World.BadIds(listed, all);
  }
}
