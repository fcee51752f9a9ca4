package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code jobs}: looks at the jobs of a running Millrace, and ends or hurries them. */
@Command(
    name = "jobs",
    description = "Jobs of a running Millrace.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", ApiStatus.FOOTER},
    subcommands = {
      JobsCommand.Listing.class,
      JobsCommand.Show.class,
      JobsCommand.Cancel.class,
      JobsCommand.Hurry.class
    })
final class JobsCommand {
  private static final List<String> SHOWN =
      List.of(
          "id",
          "kind",
          "queue",
          "state",
          "user",
          "priority",
          "runs",
          "failures",
          "createdAt",
          "dueAt",
          "readyAt",
          "startedAt",
          "endedAt",
          "deadline",
          "worker",
          "note",
          "batch",
          "key",
          "unit",
          "trace",
          "redrivenAs",
          "progress",
          "checkpoint",
          "error",
          "payload");

  @ParentCommand Main main;

  @Command(
      name = "list",
      description = "Jobs, the newest first.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Listing implements Callable<Integer> {
    @ParentCommand JobsCommand jobs;
    @Mixin ApiOptions api;
    @Mixin PageOptions page;

    @Option(names = "--kind", paramLabel = "NAME", description = "Of this kind.")
    String kind;

    @Option(
        names = "--state",
        paramLabel = "STATE",
        description = "waiting, scheduled, ready, running, completed, skipped, cancelled or dead.")
    String state;

    @Option(names = "--user", paramLabel = "N", description = "Of this user.")
    Long user;

    @Option(names = "--batch", paramLabel = "N", description = "Of this batch.")
    Long batch;

    @Option(
        names = "--from",
        paramLabel = "TIME",
        description = "Came into their state then or later, such as 2026-11-22T09:00:00Z.")
    String from;

    @Option(names = "--until", paramLabel = "TIME", description = "Before then.")
    String until;

    @Option(names = "--error", paramLabel = "TEXT", description = "Have this in the last error.")
    String error;

    @Override
    public Integer call() {
      Map<String, Object> query = new LinkedHashMap<>();
      query.put("kind", kind);
      query.put("state", state);
      query.put("user", user);
      query.put("batch", batch);
      query.put("from", from);
      query.put("until", until);
      query.put("error", error);
      JsonNode answer = api.client(jobs.main).get("/api/v1/jobs", page.into(query));
      Table table =
          new Table()
              .word("id", "id")
              .word("kind", "kind")
              .word("state", "state")
              .word("user", "user")
              .number("runs", "runs")
              .time("since", "at")
              .sentence("error", "error");
      page.show(api, jobs.main, answer, table, "No job is like that.");
      return ExitException.OK;
    }
  }

  @Command(
      name = "show",
      description = "All that is known of a job, and what it waits for.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Show implements Callable<Integer> {
    @ParentCommand JobsCommand jobs;
    @Mixin ApiOptions api;

    @Parameters(paramLabel = "ID")
    long id;

    @Override
    public Integer call() {
      JsonNode job = api.client(jobs.main).get("/api/v1/jobs/" + id);
      int width = api.width(jobs.main);
      StringBuilder text = new StringBuilder(Table.fields(job, SHOWN, width));
      if (!job.path("waitsFor").isEmpty()) {
        Table causes =
            new Table().word("waits for", "cause").time("until", "until").sentence("why", "detail");
        text.append('\n').append(causes.lines(job.path("waitsFor"), width));
      }
      if (!job.path("attempts").isEmpty()) {
        Table attempts =
            new Table().time("failed", "at").word("as", "failure").sentence("error", "message");
        text.append('\n').append(attempts.lines(job.path("attempts"), width));
      }
      for (String kin : List.of("parents", "children")) {
        if (!job.path(kin).isEmpty()) {
          Table table = new Table().word(kin, "id").word("state", "state");
          text.append('\n').append(table.lines(job.path(kin), width));
        }
      }
      api.show(jobs.main, job, text.toString());
      return ExitException.OK;
    }
  }

  @Command(
      name = "cancel",
      description = "Ends jobs for good; one that runs is told to stop.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Cancel implements Callable<Integer> {
    @ParentCommand JobsCommand jobs;
    @Mixin ApiOptions api;

    @Parameters(paramLabel = "ID", arity = "1..*")
    List<Long> ids;

    @Option(names = "--reason", paramLabel = "TEXT", description = "A few words for the record.")
    String reason;

    @Override
    public Integer call() {
      ApiClient client = api.client(jobs.main);
      ObjectNode body = ApiClient.object();
      if (reason != null) {
        body.put("reason", reason);
      }
      return new Each(api, jobs.main)
          .of(
              ids,
              id -> client.post("/api/v1/jobs/" + id + "/cancel", body),
              (id, done) -> "job " + id + ": " + done.path("state").asText());
    }
  }

  @Command(
      name = "hurry",
      description = "Lets jobs that wait for their time begin now.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Hurry implements Callable<Integer> {
    @ParentCommand JobsCommand jobs;
    @Mixin ApiOptions api;

    @Parameters(paramLabel = "ID", arity = "1..*")
    List<Long> ids;

    @Override
    public Integer call() {
      ApiClient client = api.client(jobs.main);
      return new Each(api, jobs.main)
          .of(
              ids,
              id -> client.post("/api/v1/jobs/" + id + "/hurry"),
              (id, done) -> "job " + id + ": ready");
    }
  }
}
