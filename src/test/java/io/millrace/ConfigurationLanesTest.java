package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.MessageFormat;
import io.millrace.pipeline.GmailSettings;
import io.millrace.pipeline.Lane;
import io.millrace.pipeline.Lanes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The payload policy, attachments and the cache as they are configured. */
class ConfigurationLanesTest {
  private static final String LANES = "MILLRACE_GMAIL_LANES";

  @Test
  void withoutLanesThereIsOneForAllInTheConfiguredFormat() {
    GmailSettings gmail = load(Map.of("MILLRACE_GMAIL_FORMAT", "metadata")).gmail();
    assertEquals(Lanes.everything(MessageFormat.METADATA), gmail.lanes());
    assertTrue(gmail.metadataHeaders().contains("Message-ID"));
  }

  @Test
  void lanesComeInTheirOrderAndTakeTheFormatThatTheyLeaveOut() {
    String lanes =
        "[{\"labelIds\": [\"STARRED\"], \"format\": \"full\"},"
            + " {\"q\": \"from:boss\", \"newerThan\": \"30d\", \"format\": \"full\"}, {}]";
    assertEquals(
        new Lanes(
            List.of(
                new Lane(List.of("STARRED"), null, null, MessageFormat.FULL),
                new Lane(List.of(), "from:boss", "30d", MessageFormat.FULL),
                Lane.everything(MessageFormat.METADATA))),
        load(Map.of(LANES, lanes, "MILLRACE_GMAIL_FORMAT", "metadata")).gmail().lanes());
  }

  @Test
  void whatMakesNoSenseIsNamed() {
    assertEquals(
        "MILLRACE_GMAIL_LANES: gmail.lanes.0 = {…}: takes every message, so that the lanes after it"
            + " never see one; it must be the last",
        refusal(Map.of(LANES, "[{\"format\": \"full\"}, {\"labelIds\": [\"INBOX\"]}]")));
    assertEquals(
        "MILLRACE_GMAIL_LANES: gmail.lanes.1.newerThan = \"a week\": must be an age such as 30d, 6m"
            + " or 1y (how old the messages may be)",
        refusal(Map.of(LANES, "[{\"labelIds\": [\"INBOX\"]}, {\"newerThan\": \"a week\"}]")));
    assertTrue(
        refusal(Map.of(LANES, "[{\"label\": \"INBOX\"}]"))
            .contains("gmail.lanes.0.label = \"INBOX\": no such key; valid here: labelIds, q"));
    assertTrue(refusal(Map.of(LANES, "INBOX")).contains("must be a list of lanes such as"));
    assertTrue(refusal(Map.of(LANES, "[5]")).contains("gmail.lanes.0 = 5: must be a JSON object"));
  }

  @Test
  void underTheMetadataScopeThereAreLabelLanesOnly() {
    Map<String, String> metadata =
        Map.of("MILLRACE_GOOGLE_SCOPE", "metadata", "MILLRACE_GMAIL_FORMAT", "metadata");
    assertEquals(
        "MILLRACE_GMAIL_LANES: gmail.lanes.0.q = \"from:boss\": is a search, which Google refuses"
            + " under the metadata scope (google.scope); only labelIds can be used there",
        refusal(and(metadata, LANES, "[{\"q\": \"from:boss\"}]")));
    assertTrue(
        refusal(and(metadata, LANES, "[{\"labelIds\": [\"INBOX\"], \"format\": \"full\"}]"))
            .contains("is more than Google gives under the metadata scope"));
    assertTrue(
        refusal(and(metadata, "MILLRACE_ATTACHMENTS_BODIES", "fetch"))
            .contains("must be list under the metadata scope"));
    assertTrue(
        refusal(Map.of("MILLRACE_GOOGLE_SCOPE", "metadata"))
            .contains("gmail.format = \"full\": is more than Google gives"));
    load(and(metadata, LANES, "[{\"labelIds\": [\"INBOX\"]}]"));
  }

  @Test
  void anAttachmentFitsIntoAnAnswer() {
    assertTrue(
        refusal(
                Map.of(
                    "MILLRACE_ATTACHMENTS_BODIES",
                    "fetch",
                    "MILLRACE_ATTACHMENTS_MAX_BYTES",
                    "16000000"))
            .contains("must be at most 11184810, two thirds of gmail.maxResponseBytes"));
  }

  @Test
  void theCacheIsConfiguredAndItsPasswordStandsElsewhere() {
    Configuration configuration =
        load(
            Map.of(
                "MILLRACE_CACHE_REDIS_URI",
                "redis://127.0.0.1:6379/2",
                "MILLRACE_CACHE_REDIS_PASSWORD",
                "guess"));
    assertEquals("guess", configuration.cache().redisPassword());
    assertEquals(21_600_000, configuration.cache().ttl().toMillis());
    assertTrue(!configuration.toString().contains("guess"));
    String refused = refusal(Map.of("MILLRACE_CACHE_REDIS_URI", "redis://:guess@127.0.0.1:6379"));
    assertTrue(refused.contains("MILLRACE_CACHE_REDIS_PASSWORD"), refused);
    assertTrue(!refused.contains("guess"), refused);
  }

  private static Map<String, String> and(Map<String, String> some, String key, String value) {
    Map<String, String> all = new java.util.HashMap<>(some);
    all.put(key, value);
    return all;
  }

  private static Configuration load(Map<String, String> environment) {
    return new ConfigurationLoader(environment).load();
  }

  private static String refusal(Map<String, String> environment) {
    String message = assertThrows(ExitException.class, () -> load(environment)).getMessage();
    return message.replace("Configuration refused: ", "");
  }
}
