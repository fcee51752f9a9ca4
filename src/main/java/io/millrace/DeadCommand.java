package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code dead}: what failed for good in a running Millrace, why, and what becomes of it. */
@Command(
    name = "dead",
    description = "Dead letters of a running Millrace: jobs that failed for good.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", ApiStatus.FOOTER},
    subcommands = {
      DeadCommand.Listing.class,
      DeadCommand.Groups.class,
      DeadCommand.Show.class,
      DeadCommand.Redrive.class,
      DeadCommand.Purge.class
    })
final class DeadCommand {
  private static final String PATH = "/api/v1/dead";
  private static final List<String> SHOWN =
      List.of(
          "id",
          "kind",
          "user",
          "priority",
          "runs",
          "failures",
          "reason",
          "deadAt",
          "createdAt",
          "key",
          "redrivenAt",
          "redrivenAs",
          "meaning",
          "remedy",
          "message",
          "error",
          "options",
          "edited",
          "payload");

  @ParentCommand Main main;

  @Command(
      name = "list",
      description = "Dead letters.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Listing implements Callable<Integer> {
    @ParentCommand DeadCommand dead;
    @Mixin ApiOptions api;
    @Mixin PageOptions page;
    @Mixin DeadOptions which;

    @Override
    public Integer call() {
      JsonNode answer = api.client(dead.main).get(PATH, page.into(which.query()));
      Table table =
          new Table()
              .word("id", "id")
              .word("kind", "kind")
              .word("user", "user")
              .number("failures", "failures")
              .word("reason", "reason")
              .time("since", "deadAt")
              .sentence("error", "message");
      page.show(api, dead.main, answer, table, "No dead letter is like that.");
      return ExitException.OK;
    }
  }

  @Command(
      name = "groups",
      description = "Dead letters of one cause together, the largest group first.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Groups implements Callable<Integer> {
    private static final int ROWS = 50;

    @ParentCommand DeadCommand dead;
    @Mixin ApiOptions api;

    @Override
    public Integer call() {
      JsonNode answer = api.client(dead.main).get(PATH + "/groups");
      List<JsonNode> rows = new ArrayList<>();
      answer.path("items").forEach(rows::add);
      Table table =
          new Table()
              .word("group", "group")
              .number("letters", "letters")
              .number("users", "users")
              .word("kind", "kind")
              .time("last", "lastAt")
              .sentence("meaning", "meaning")
              .sentence("error", "message");
      String text =
          rows.isEmpty()
              ? "Nothing has failed for good."
              : table.lines(rows.subList(0, Math.min(ROWS, rows.size())), api.width(dead.main));
      if (rows.size() > ROWS) {
        text += "and %d smaller groups (--json shows them)".formatted(rows.size() - ROWS);
      }
      api.show(dead.main, answer, text);
      return ExitException.OK;
    }
  }

  @Command(
      name = "show",
      description = "All that is known of a dead letter, and what to do.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Show implements Callable<Integer> {
    @ParentCommand DeadCommand dead;
    @Mixin ApiOptions api;

    @Parameters(paramLabel = "ID")
    long id;

    @Override
    public Integer call() {
      JsonNode letter = api.client(dead.main).get(PATH + "/" + id);
      int width = api.width(dead.main);
      StringBuilder text = new StringBuilder(Table.fields(letter, SHOWN, width));
      if (!letter.path("attempts").isEmpty()) {
        Table attempts =
            new Table().time("failed", "at").word("as", "failure").sentence("error", "message");
        text.append('\n').append(attempts.lines(letter.path("attempts"), width));
      }
      api.show(dead.main, letter, text.toString());
      return ExitException.OK;
    }
  }

  @Command(
      name = "redrive",
      description = "Lets a new job take the place of each: by ID, or all that options mean.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Redrive implements Callable<Integer> {
    @ParentCommand DeadCommand dead;
    @Mixin ApiOptions api;
    @Mixin DeadOptions which;
    @Mixin DeadMany many;

    @Parameters(paramLabel = "ID", arity = "0..*")
    List<Long> ids;

    @Override
    public Integer call() {
      ApiClient client = api.client(dead.main);
      if (many.single(ids, which)) {
        return new Each(api, dead.main)
            .of(
                ids,
                id -> client.post("%s/%d/redrive".formatted(PATH, id)),
                (id, done) -> "letter %d: job %d".formatted(id, done.path("job").asLong()));
      }
      return many.redrive(dead.main, api, client, which);
    }
  }

  @Command(
      name = "purge",
      description = "Forgets dead letters: by ID, or all that options mean.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Purge implements Callable<Integer> {
    @ParentCommand DeadCommand dead;
    @Mixin ApiOptions api;
    @Mixin DeadOptions which;
    @Mixin DeadMany many;

    @Parameters(paramLabel = "ID", arity = "0..*")
    List<Long> ids;

    @Override
    public Integer call() {
      ApiClient client = api.client(dead.main);
      if (many.single(ids, which)) {
        return new Each(api, dead.main)
            .of(
                ids,
                id -> client.post("%s/%d/purge".formatted(PATH, id)),
                (id, done) -> "letter %d: purged".formatted(id));
      }
      return many.purge(dead.main, api, client, which);
    }
  }
}
