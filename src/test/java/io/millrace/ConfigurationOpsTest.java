package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.console.AlertSettings;
import io.millrace.console.AlertSource;
import io.millrace.console.Threshold;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationOpsTest {
  private static ConfigurationLoader loader() {
    return new ConfigurationLoader(Map.of());
  }

  @Test
  void theThresholdsAreTheBriefs() {
    Map<AlertSource, Threshold> thresholds = loader().load().ops().alerts().thresholds();
    assertEquals(new Threshold(100, 500), thresholds.get(AlertSource.QUEUE_DEPTH));
    assertEquals(new Threshold(0.1, 0.2), thresholds.get(AlertSource.ERROR_RATE));
    assertEquals(new Threshold(0.8, 0.9), thresholds.get(AlertSource.MEMORY));
    assertEquals(new Threshold(2_000, 5_000), thresholds.get(AlertSource.API_TIME));
    assertEquals(new Threshold(0.15, 0.3), thresholds.get(AlertSource.FAILURE_RATE));
    assertEquals(new Threshold(3, 5), thresholds.get(AlertSource.COST));
    assertEquals(AlertSource.values().length, thresholds.size());
  }

  @Test
  void anAlertMayBeOff() {
    Map<AlertSource, Threshold> thresholds =
        loader().override("alerts.off", List.of("cost"), "test").load().ops().alerts().thresholds();
    assertFalse(thresholds.containsKey(AlertSource.COST));
    String refused = refusal(loader().override("alerts.off", List.of("costs"), "test"));
    assertTrue(refused.contains("alerts.off"), refused);
  }

  @Test
  void aWarningComesBeforeWhatIsCritical() {
    String refused = refusal(loader().override("alerts.queueDepth.warn", 501, "test"));
    assertTrue(refused.contains("alerts.queueDepth.warn"), refused);
    assertTrue(
        refused.contains("must be at most alerts.queueDepth.critical, which is 500"), refused);
  }

  @Test
  void aWebhookNeedsASecretWhichIsNeverShown() {
    String url = "https://alerts.example.com/hook";
    String refused = refusal(loader().override("alerts.webhookUrl", url, "test"));
    assertTrue(refused.contains("MILLRACE_ALERTS_WEBHOOK_SECRET"), refused);
    AlertSettings alerts =
        new ConfigurationLoader(Map.of("MILLRACE_ALERTS_WEBHOOK_SECRET", "hunter2"))
            .override("alerts.webhookUrl", url, "test")
            .load()
            .ops()
            .alerts();
    assertEquals("hunter2", alerts.webhook().orElseThrow().secret());
    assertFalse(alerts.toString().contains("hunter2"));
  }

  private static String refusal(ConfigurationLoader loader) {
    return assertThrows(ExitException.class, loader::load).getMessage();
  }
}
