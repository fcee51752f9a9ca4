package io.millrace.engine;

import io.vertx.core.Future;

/** The example of docs/jobs.md: all that a kind needs. */
public final class Greet implements JobHandler<Greet.Payload> {
  /** Whom to greet. */
  public record Payload(String name) {}

  @Override
  public String kind() {
    return "greet";
  }

  @Override
  public Class<Payload> payload() {
    return Payload.class;
  }

  @Override
  public Future<Outcome> run(JobContext<Payload> job) {
    job.log().info("greeting {}", job.payload().name());
    return Future.succeededFuture(new Outcome.Completed("Hello, " + job.payload().name() + "!"));
  }
}
