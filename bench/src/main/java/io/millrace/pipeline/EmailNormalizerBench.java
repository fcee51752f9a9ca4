package io.millrace.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.bench.MailSample;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From Gmail's JSON to an interaction, over fifty different messages in turn. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EmailNormalizerBench {
  private static final int MESSAGES = 50;

  /** How much of each message there is. */
  @Param({"metadata", "full"})
  public String format;

  private final List<SourceMessage> messages = new ArrayList<>();
  private int next;

  /** Fetches the messages. */
  @Setup
  public void fetch() throws Exception {
    for (JsonNode message : MailSample.of(format, MESSAGES).messages()) {
      List<String> labels = new ArrayList<>();
      message.path("labelIds").forEach(label -> labels.add(label.asText()));
      messages.add(
          new SourceMessage(
              message.path("id").asText(),
              message.path("threadId").asText(),
              labels,
              message.path("snippet").asText(),
              message.path("internalDate").asLong(),
              message.path("sizeEstimate").asInt(),
              message.path("payload").toString().getBytes(StandardCharsets.UTF_8)));
    }
  }

  /** One message. */
  @Benchmark
  public Interaction normalize() {
    next = (next + 1) % messages.size();
    return EmailNormalizer.normalize(messages.get(next), "someone@example.com");
  }
}
