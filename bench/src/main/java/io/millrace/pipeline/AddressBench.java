package io.millrace.pipeline;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Address headers, and what the database keeps of them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AddressBench {
  private static final String ONE = "Anna Rossi <anna.rossi@example.com>";
  private static final String MANY =
      "\"Keller, Greta\" <greta@example.com>, =?UTF-8?B?SsO8cmdlbiBXZWnDnw==?= <j@example.org>, "
          + "team: dmitri@example.net, (on leave) ines.silva@example.com;, Hiro <@relay:h@x.jp>";

  private final List<Participant> participants =
      AddressParser.parse(MANY, 100, new Flaws()).stream()
          .map(address -> new Participant(Role.TO, address))
          .toList();
  private final String json = InteractionJson.participants(participants);

  /** A header with one plain address. */
  @Benchmark
  public List<Address> parseOne() {
    return AddressParser.parse(ONE, 1_000, new Flaws());
  }

  /** A header with five, each in another form. */
  @Benchmark
  public List<Address> parseMany() {
    return AddressParser.parse(MANY, 1_000, new Flaws());
  }

  /** Those as JSON. */
  @Benchmark
  public String writeJson() {
    return InteractionJson.participants(participants);
  }

  /** And back. */
  @Benchmark
  public List<Participant> readJson() {
    return InteractionJson.participants(json);
  }
}
