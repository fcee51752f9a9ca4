package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.engine.RunObserver;
import io.millrace.limit.LimitChanged;
import io.millrace.store.ClaimedJob;
import io.millrace.store.RunKey;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetersTest {
  private static final List<String> KINDS = List.of("google_gmail_sync", "normalize");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Meters meters = new Meters(registry, KINDS, Duration.ofMinutes(1));

  @Test
  void tenThousandUsersAndOddKindsMakeNoMoreSeries() {
    for (int i = 0; i < Meters.MORE_KINDS; i++) {
      live("early-" + i, 1);
    }
    live("one more", 1);
    ends("one more");
    long before = series();
    for (int user = 0; user < 10_000; user++) {
      live("odd kind \" of\n user " + user, user);
      meters.called(user, 1, 5);
      meters.received(user, 1_000);
      meters.throttled(1);
      meters.answered("nonsense " + user, "nonsense " + user, 1_000);
      meters.changed(new LimitChanged("quota:user:" + user, 100, 95, "another client"));
      meters.changed(new LimitChanged("concurrency:odd" + user, 1, 2, "few errors"));
    }
    ends("odd kind");
    assertEquals(before, series());
  }

  @Test
  void runsAreCountedByKindAndOutcome() {
    RunObserver.Seen seen = meters.begun(job("normalize", 1));
    assertEquals(1, value("millrace_jobs_running{kind=\"normalize\"}"));
    seen.ended("completed", Duration.ofSeconds(2));
    assertEquals(0, value("millrace_jobs_running{kind=\"normalize\"}"));
    String labels = "{kind=\"normalize\",outcome=\"completed\"}";
    assertEquals(1, value("millrace_job_runs_seconds_count" + labels));
    assertEquals(2, value("millrace_job_runs_seconds_sum" + labels));
  }

  @Test
  void aWaitIsNoAttempt() {
    meters.begun(job("normalize", 1)).ended("yielded", Duration.ofSeconds(1));
    assertEquals(0, meters.attempts().now().all());
    meters.begun(job("normalize", 1)).ended("retried", Duration.ofSeconds(1));
    meters.begun(job("normalize", 1)).ended("completed", Duration.ofSeconds(1));
    assertEquals(2, meters.attempts().now().all());
    assertEquals(1, meters.attempts().now().failed());
  }

  @Test
  void theUserWhoSpentMostIsANumberAndNoLabel() {
    meters.called(7, 1, 5);
    meters.called(8, 2, 10);
    meters.called(8, 1, 5);
    assertEquals(15, value("millrace_quota_user_most_units"));
    assertEquals(20, value("millrace_google_units_total"));
  }

  @Test
  void aMinuteIsOverWhenItIsOver() {
    TopSpender spender = new TopSpender(100, 0);
    spender.spend(1, 50, 10);
    assertEquals(50, spender.units(90));
    assertEquals(50, spender.units(150));
    spender.spend(2, 20, 160);
    assertEquals(20, spender.units(210));
    assertEquals(0, spender.units(900));
  }

  private void ends(String kind) {
    for (String end :
        List.of("completed", "skipped", "cancelled", "dead", "retried", "yielded", "lost", "?")) {
      meters.begun(job(kind, 1)).ended(end, Duration.ofMillis(1));
    }
    meters.answered("nonsense", "nonsense", 1);
    meters.changed(new LimitChanged("nonsense", 1, 2, ""));
  }

  private void live(String kind, long user) {
    meters.begun(job(kind, user)).ended("completed", Duration.ofMillis(5));
  }

  private static ClaimedJob job(String kind, long user) {
    return new ClaimedJob(new RunKey(user, 1, 1), LocalDate.EPOCH, kind, 0, "{}", null);
  }

  private long series() {
    return registry.scrape().lines().filter(line -> !line.startsWith("#")).count();
  }

  private double value(String series) {
    return registry
        .scrape()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow();
  }
}
