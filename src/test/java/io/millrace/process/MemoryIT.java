package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Memory does not grow with the mailbox. */
@Tag("slow")
@Timeout(600)
class MemoryIT {
  private static final int HEAP = 128;

  @RegisterExtension final Workplace here = new Workplace();

  @Test
  void theHeapStaysFlatOverAHundredThousandMessages() {
    check(100_000, beside(100_000));
  }

  @Test
  void soItDoesWithTheSimulatorInTheSameProcess() {
    check(100_000, "--mailboxes=1", "--messages=100000");
  }

  private String beside(int messages) {
    RunningSimulator simulator =
        here.simulator(
            "--profile=unlimited", "--time-scale=20", "--mailboxes=1", "--messages=" + messages);
    return "--simulator=" + simulator.root();
  }

  private void check(int messages, Object... mailbox) {
    List<Object> arguments =
        Stream.concat(
                Stream.of(mailbox),
                Stream.of("--profile=unlimited", "--time-scale=20", "--format=metadata"))
            .toList();
    MillraceProcess demo = here.demo(HEAP, arguments).ends(0, Duration.ofSeconds(550));
    Summary summary = Summary.of(demo);
    assertEquals(messages, summary.listed());
    assertEquals(messages, summary.stored());
    assertTrue(summary.get("peakHeapBytes") < (long) HEAP << 20, summary.json()::encode);
    long first = summary.get("heapFirstTenthBytes");
    long last = summary.get("heapLastTenthBytes");
    assertTrue(first > 0 && last > 0, summary.json()::encode);
    assertTrue(last <= first * 5 / 4 + (8 << 20), summary.json()::encode);
  }
}
