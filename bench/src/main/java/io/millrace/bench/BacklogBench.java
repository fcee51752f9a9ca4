package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.bench.peer.Address;
import io.millrace.bench.peer.EngineUnderTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code backlog}: what depth costs. How long a claim takes with many jobs ready and with few, with
 * a head of the queue that nobody may run, what a key per job costs, and how many jobs of a busy
 * user go before the only one of another.
 */
@Command(name = "backlog")
final class BacklogBench extends Benchmark {
  private static final int CLAIM = 100;
  private static final int MOST_ASIDE = 200;

  /** In one turn, after which their number is enqueued anew. */
  private static final int CLAIMS = 20;

  private static final int TURNS = 15;
  private static final long BUSY = 1_000_001;
  private static final long SINGLE = 1_000_002;

  @Option(names = "--few", paramLabel = "N", description = "Jobs ready (5,000).")
  int few = 5_000;

  @Option(names = "--many", paramLabel = "N", description = "Jobs ready (5,000,000).")
  int many = 5_000_000;

  @Option(names = "--head", paramLabel = "N", description = "Jobs that nobody may run (100,000).")
  int head = 100_000;

  @Option(names = "--busy", paramLabel = "N", description = "Jobs of the busy user (1,000,000).")
  int busy = 1_000_000;

  @Option(names = "--jobs", paramLabel = "N", description = "Jobs a round for keys (100,000).")
  int jobs = 100_000;

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds for keys (3).")
  int rounds = 3;

  @Option(names = "--keys-only", description = "Only what a key per job costs.")
  boolean keysOnly;

  @Option(
      names = "--statements",
      description = "Say what each statement costs PostgreSQL; counting costs a little itself.")
  boolean statements;

  @Override
  String name() {
    return "backlog";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    Path work = scope.directory();
    Postgres postgres =
        scope.own(
            statements
                ? Postgres.counting(work.resolve("data"))
                : Postgres.start(work.resolve("data")));
    machine.put("postgresql", postgres.ask("show server_version"));
    ObjectNode figures = Result.JSON.createObjectNode().put("name", name());
    figures.putNull("claimRatio");
    figures.set("keyedCost", Result.figure(keyedCost(postgres, work)));
    if (keysOnly) {
      return figures;
    }
    ObjectNode claims = Result.JSON.createObjectNode();
    try (Scope own = new Scope()) {
      figures.set("claimRatio", Result.figure(depth(own, postgres, claims)));
    }
    ObjectNode blocked = figures.putObject("blockedRatio");
    ObjectNode depth = figures.putObject("blockedDepthRatio");
    for (EngineUnderTest.Block block : EngineUnderTest.Block.values()) {
      try (Scope own = new Scope()) {
        double[] millis = blocked(own, postgres, block, claims);
        String name = block.name().toLowerCase(Locale.ROOT);
        blocked.set(name, Result.figure(millis[2] / millis[0]));
        depth.set(name, Result.figure(millis[2] / millis[1]));
      }
    }
    try (Scope own = new Scope()) {
      figures.put("claimedBeforeSingle", claimedBeforeSingle(own, postgres));
    }
    figures.set("claimMs", claims);
    Contest.settings(figures, postgres)
        .put("few", few)
        .put("many", many)
        .put("claim", CLAIM)
        .put("claims", CLAIMS * TURNS)
        .put("head", head)
        .put("busy", busy)
        .put("keyedJobs", jobs)
        .put("rounds", rounds);
    figures.set("machine", machine);
    return figures;
  }

  /** The share of the rate that jobs lose if each has a key whose limit is never reached. */
  private double keyedCost(Postgres postgres, Path work) throws Exception {
    try (Scope scope = new Scope()) {
      Contender plain =
          Contender.start(scope, postgres, work, Rival.MILLRACE, List.of(), List.of());
      Contender keyed = Contender.beside(scope, postgres, work, plain, List.of("keyed=true"));
      List<Double> plainSeconds = new ArrayList<>();
      List<Double> keyedSeconds = new ArrayList<>();
      for (int round = 0; round <= rounds; round++) {
        for (Contender one : List.of(plain, keyed)) {
          one.enqueue(jobs);
          if (statements) {
            postgres.run("postgres", "select pg_stat_statements_reset()");
          }
          double seconds = one.burn(jobs);
          if (statements) {
            say(Contest.statements(postgres, jobs).toPrettyString());
          }
          say("%s: %,.0f jobs/s".formatted(one == plain ? "plain" : "keyed", jobs / seconds));
          if (round > 0) {
            (one == plain ? plainSeconds : keyedSeconds).add(seconds);
          }
        }
      }
      return 1 - median(plainSeconds) / median(keyedSeconds);
    }
  }

  private double depth(Scope scope, Postgres postgres, ObjectNode claims) throws Exception {
    EngineUnderTest shallow = engine(scope, postgres, "bench_few");
    shallow.enqueue(few);
    postgres.run("bench_few", "vacuum analyze");
    EngineUnderTest deep = engine(scope, postgres, "bench_many");
    deep.enqueue(many);
    postgres.run("bench_many", "vacuum analyze", "checkpoint");
    double[] millis = taking(shallow, deep);
    say(
        "a claim of %d: %,d ready %.2f ms, %,d ready %.2f ms"
            .formatted(CLAIM, few, millis[0], many, millis[1]));
    claims.set("few", Result.figure(millis[0]));
    claims.set("many", Result.figure(millis[1]));
    return millis[1] / millis[0];
  }

  /**
   * What a claim costs behind jobs that nobody may run, beside what it costs behind a thousandth of
   * them, and without them and without the limit that blocks them.
   *
   * @return milliseconds without, behind few and behind many
   */
  private double[] blocked(
      Scope scope, Postgres postgres, EngineUnderTest.Block block, ObjectNode claims)
      throws Exception {
    String name = block.name().toLowerCase(Locale.ROOT);
    EngineUnderTest free = engine(scope, postgres, "bench_free_" + name);
    EngineUnderTest near = engine(scope, postgres, "bench_near_" + name);
    EngineUnderTest behind = engine(scope, postgres, "bench_blocked_" + name);
    near.enqueueBlocked(block, Math.max(1, head / 1000));
    behind.enqueueBlocked(block, head);
    for (EngineUnderTest engine : List.of(free, near, behind)) {
      engine.enqueue(few);
    }
    int passed = standAside(near) + standAside(behind);
    for (String database : List.of("bench_free_", "bench_near_", "bench_blocked_")) {
      postgres.run(database + name, "vacuum analyze");
    }
    postgres.run("postgres", "checkpoint");
    double[] millis = taking(free, near, behind);
    say(
        "behind %,d jobs blocked by %s, which %d claims put aside, %.2f ms, behind a thousandth of them %.2f ms, without them %.2f ms"
            .formatted(head, name, passed, millis[2], millis[1], millis[0]));
    claims.set(
        "behindBlocked" + block.name().charAt(0) + name.substring(1), Result.figure(millis[2]));
    return millis;
  }

  /**
   * Claims until what nobody may run stands aside, or is passed by, and makes good what was
   * claimed.
   *
   * @return how many claims that took; none of them is measured
   */
  private int standAside(EngineUnderTest engine) throws Exception {
    for (int claims = 1; claims <= MOST_ASIDE; claims++) {
      EngineUnderTest.Claim claim = engine.claim(CLAIM);
      engine.finish(claim);
      engine.enqueue(claim.users().size());
      if (claim.users().size() == CLAIM) {
        return claims;
      }
    }
    throw new BenchException(
        "After %d claims what is blocked is still in the way.".formatted(MOST_ASIDE));
  }

  /** Jobs of the busy user that are claimed after the other user has enqueued one. */
  private int claimedBeforeSingle(Scope scope, Postgres postgres) throws Exception {
    EngineUnderTest engine = engine(scope, postgres, "bench_fair");
    engine.enqueueFor(BUSY, busy);
    postgres.run("bench_fair", "vacuum analyze");
    for (int i = 0; i < CLAIMS; i++) {
      engine.finish(engine.claim(CLAIM));
    }
    engine.enqueueFor(SINGLE, 1);
    int before = 0;
    EngineUnderTest.Claim claim;
    do {
      claim = engine.claim(CLAIM);
      int place = claim.users().indexOf(SINGLE);
      before += place >= 0 ? place : claim.users().size();
      engine.finish(claim);
      if (place >= 0) {
        say("%,d jobs of the busy user went before the single one".formatted(before));
        return before;
      }
    } while (!claim.users().isEmpty());
    throw new BenchException("The single job was never claimed.");
  }

  private EngineUnderTest engine(Scope scope, Postgres postgres, String database) throws Exception {
    postgres.run("postgres", "create database " + database);
    EngineUnderTest engine =
        new EngineUnderTest(
            new Address(postgres.address(), database, "millrace", postgres.password()),
            EngineUnderTest.Settings.of(CLAIM, 100, 4));
    scope.own(engine::close);
    return engine;
  }

  /** The medians of claims here and there in turns, so that all see the same disturbances. */
  private static double[] taking(EngineUnderTest... engines) throws Exception {
    List<List<Double>> millis =
        Stream.generate(() -> (List<Double>) new ArrayList<Double>())
            .limit(engines.length)
            .toList();
    for (int turn = 0; turn <= TURNS; turn++) {
      for (int i = 0; i < engines.length; i++) {
        List<Double> some = claims(engines[i]);
        if (turn > 0) {
          millis.get(i).addAll(some);
        }
      }
    }
    return millis.stream().mapToDouble(BacklogBench::median).toArray();
  }

  /** Milliseconds of some claims, which are then made good by as many new jobs. */
  private static List<Double> claims(EngineUnderTest engine) throws Exception {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < CLAIMS; i++) {
      EngineUnderTest.Claim claim = engine.claim(CLAIM);
      if (claim.users().size() != CLAIM) {
        throw new BenchException(
            "A claim of %d brought %d jobs.".formatted(CLAIM, claim.users().size()));
      }
      millis.add(claim.nanos() / 1e6);
      engine.finish(claim);
    }
    engine.enqueue(CLAIMS * CLAIM);
    return millis;
  }

  private static double median(List<Double> values) {
    return Contest.median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
