package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code mailboxes}: how far the mailboxes of a running Millrace are, and their switches. */
@Command(
    name = "mailboxes",
    description = "Mailboxes of a running Millrace.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", ApiStatus.FOOTER},
    subcommands = {MailboxesCommand.Listing.class, MailboxesCommand.Show.class})
final class MailboxesCommand {
  private static final String PATH = "/api/v1/mailboxes";
  private static final List<String> SHOWN =
      List.of(
          "user",
          "email",
          "phase",
          "trouble",
          "estimate",
          "accounted",
          "stored",
          "duplicate",
          "gone",
          "deadLettered",
          "unitsSpent",
          "throttled",
          "startedAt",
          "finishedAt",
          "syncedAt",
          "pausedAt",
          "pausedWhy",
          "disconnectedAt",
          "watchExpires",
          "sync.job",
          "sync.state",
          "wait.reason",
          "wait.sentence",
          "wait.until",
          "wait.remedy");
  private static final int PAGE = 500;

  /** Pages that are looked through for an address. */
  private static final int MOST_PAGES = 20;

  @ParentCommand Main main;

  /** The user of a mailbox: its number as it is, its address by looking through the list. */
  static long user(ApiClient client, String mailbox) {
    if (mailbox.matches("[0-9]{1,18}")) {
      return Long.parseLong(mailbox);
    }
    if (!mailbox.contains("@")) {
      throw new ExitException("MAILBOX must be a user's number or an address, not " + mailbox);
    }
    String after = null;
    for (int i = 0; i < MOST_PAGES; i++) {
      JsonNode page =
          after == null
              ? client.get(PATH, Map.of("limit", PAGE))
              : client.get(PATH, Map.of("limit", PAGE, "after", after));
      for (JsonNode one : page.path("items")) {
        if (one.path("email").asText().equalsIgnoreCase(mailbox)) {
          return one.path("user").asLong();
        }
      }
      if (!page.path("next").isTextual()) {
        break;
      }
      after = page.path("next").textValue();
    }
    throw new ExitException(
        ExitException.INCOMPLETE,
        "There is no mailbox %s among the first %d; its user's number finds it faster."
            .formatted(Table.plain(mailbox), MOST_PAGES * PAGE));
  }

  private int all(
      ApiOptions api, List<String> mailboxes, String action, ObjectNode body, String done) {
    ApiClient client = api.client(main);
    return new Each(api, main)
        .of(
            mailboxes,
            mailbox -> client.post("%s/%d/%s".formatted(PATH, user(client, mailbox), action), body),
            (mailbox, answer) -> "mailbox %s: %s".formatted(Table.plain(mailbox), done));
  }

  @Command(
      name = "list",
      description = "Mailboxes in the order of their users.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Listing implements Callable<Integer> {
    @ParentCommand MailboxesCommand mailboxes;
    @Mixin ApiOptions api;
    @Mixin PageOptions page;

    @Override
    public Integer call() {
      JsonNode answer = api.client(mailboxes.main).get(PATH, page.into(Map.of()));
      Table table =
          new Table()
              .word("user", "user")
              .sentence("mailbox", "email")
              .word("phase", "phase")
              .number("accounted", "accounted")
              .number("of", "estimate")
              .number("stored", "stored")
              .number("failed", "deadLettered")
              .time("synced", "syncedAt")
              .sentence("", MailboxesCommand::standing);
      page.show(api, mailboxes.main, answer, table, "No mailbox is connected yet.");
      return ExitException.OK;
    }
  }

  private static String standing(JsonNode mailbox) {
    return !mailbox.path("disconnectedAt").isNull()
        ? "disconnected"
        : !mailbox.path("pausedAt").isNull()
            ? "paused " + Table.text(mailbox, "pausedWhy")
            : !mailbox.path("trouble").isNull()
                ? Table.text(mailbox, "trouble")
                : mailbox.path("sync").isObject()
                    ? "sync " + Table.text(mailbox, "sync.state")
                    : "";
  }

  @Command(
      name = "show",
      description = "How far a mailbox is, and why it waits.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Show implements Callable<Integer> {
    @ParentCommand MailboxesCommand mailboxes;
    @Mixin ApiOptions api;

    @Parameters(paramLabel = "MAILBOX", description = "Its user's number, or its address.")
    String mailbox;

    @Override
    public Integer call() {
      ApiClient client = api.client(mailboxes.main);
      JsonNode answer = client.get(PATH + "/" + user(client, mailbox));
      api.show(mailboxes.main, answer, Table.fields(answer, SHOWN, api.width(mailboxes.main)));
      return ExitException.OK;
    }
  }

  @Command(
      name = "sync",
      description = "Begins a sync now, or hurries the one that waits.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  int sync(
      @Mixin ApiOptions api,
      @Parameters(paramLabel = "MAILBOX", arity = "1..*") List<String> which) {
    return all(api, which, "sync", ApiClient.object(), "sync begins");
  }

  @Command(
      name = "pause",
      description = "Lets no sync of a mailbox work.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  int pause(
      @Mixin ApiOptions api,
      @Parameters(paramLabel = "MAILBOX", arity = "1..*") List<String> which,
      @Option(names = "--reason", paramLabel = "TEXT", description = "A few words for the others.")
          String reason) {
    ObjectNode body = ApiClient.object();
    return all(api, which, "pause", reason == null ? body : body.put("reason", reason), "paused");
  }

  @Command(
      name = "resume",
      description = "Lets a paused mailbox go on.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  int resume(
      @Mixin ApiOptions api,
      @Parameters(paramLabel = "MAILBOX", arity = "1..*") List<String> which) {
    return all(api, which, "resume", ApiClient.object(), "resumed");
  }

  @Command(
      name = "resync",
      description = "Lists a mailbox anew and fetches what is missing.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  int resync(
      @Mixin ApiOptions api,
      @Parameters(paramLabel = "MAILBOX", arity = "1..*") List<String> which) {
    return all(api, which, "resync", ApiClient.object(), "a full sync begins");
  }

  @Command(
      name = "disconnect",
      description = "Gives up the grant of a mailbox; what is stored stays.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  int disconnect(
      @Mixin ApiOptions api,
      @Parameters(paramLabel = "MAILBOX", arity = "1..*") List<String> which) {
    return all(api, which, "disconnect", ApiClient.object(), "disconnected");
  }
}
