package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.FailureClass;
import io.millrace.engine.FailurePolicy;
import io.millrace.engine.KindSettings;
import io.millrace.engine.Recurrence;
import io.millrace.engine.UpkeepSettings;
import io.millrace.google.AccountSettings;
import io.millrace.google.GoogleSettings;
import io.millrace.google.MessageFormat;
import io.millrace.google.Prices;
import io.millrace.google.PushSettings;
import io.millrace.google.QuotaProfile;
import io.millrace.limit.BreakerSettings;
import io.millrace.limit.ConcurrencySettings;
import io.millrace.limit.DayPolicy;
import io.millrace.limit.MemorySettings;
import io.millrace.limit.QuotaLimits;
import io.millrace.limit.QuotaSettings;
import io.millrace.pipeline.AttachmentSettings;
import io.millrace.pipeline.GmailSettings;
import io.millrace.pipeline.Lane;
import io.millrace.pipeline.Lanes;
import io.millrace.store.CacheSettings;
import io.millrace.store.DatabaseSettings;
import io.millrace.store.Limits;
import io.millrace.store.Misfire;
import io.millrace.store.RetentionSettings;
import io.millrace.store.Schedule;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.event.Level;

/** Makes the records of the settings from a document that has passed every check. */
final class ConfigurationBuilder {
  /** The profiles that need not be configured. */
  static final Map<String, QuotaProfile> BUILT_IN = builtIn();

  private final JsonNode merged;
  private final Secrets secrets;
  private final long heap;

  /**
   * @param heap the most bytes that the heap may grow to
   */
  ConfigurationBuilder(JsonNode merged, Secrets secrets, long heap) {
    this.merged = merged;
    this.secrets = secrets;
    this.heap = heap;
  }

  static Map<String, JsonNode> ownProfiles(JsonNode merged) {
    Map<String, JsonNode> profiles = new LinkedHashMap<>();
    merged.at("/quota/profiles").properties().forEach(p -> profiles.put(p.getKey(), p.getValue()));
    return profiles;
  }

  Configuration build() {
    QuotaProfile profile = profile();
    return new Configuration(
        profile,
        quota(profile),
        google(),
        new AccountSettings(URI.create(text("/google/authUrl")), secrets.serviceAccount()),
        gmail(),
        push(),
        attachments(),
        cache(),
        engine(),
        upkeep(),
        concurrency(),
        memory(),
        new OpsBuilder(merged, secrets).build(),
        merged.path("schedules").properties().stream()
            .map(entry -> schedule(entry.getKey(), entry.getValue()))
            .toList(),
        database(),
        new ConsoleBuilder(merged, secrets).build(),
        new LogSettings(
            LogSettings.Format.valueOf(constant("/log/format")),
            Level.valueOf(constant("/log/level"))),
        secrets.encryptionKey(),
        secrets.previousKey(),
        merged.at("/timeScale").asDouble());
  }

  private QuotaProfile profile() {
    String name = text("/quota/profile");
    JsonNode own = ownProfiles(merged).get(name);
    if (own == null) {
      return BUILT_IN.get(name);
    }
    JsonNode prices = own.path("prices");
    JsonNode limits = own.path("limits");
    return new QuotaProfile(
        name,
        new Prices(
            prices.path("profile").asInt(),
            prices.path("list").asInt(),
            prices.path("history").asInt(),
            prices.path("get").asInt(),
            prices.path("thread").asInt(),
            prices.path("attachment").asInt()),
        new QuotaLimits(
            limits.path("userPerMinute").asLong(),
            limits.path("projectPerMinute").asLong(),
            limits.path("projectPerDay").asLong(),
            limits.path("inFlightPerUser").asInt()));
  }

  private QuotaSettings quota(QuotaProfile profile) {
    return new QuotaSettings(
        profile.limits(),
        millis("/quota/jitterMs"),
        millis("/quota/leaseMs"),
        millis("/quota/yieldAfterMs"),
        ZoneId.of(text("/quota/dayZone")),
        DayPolicy.valueOf(constant("/quota/dayThreshold")),
        merged.at("/timeScale").asDouble());
  }

  private GoogleSettings google() {
    return new GoogleSettings(
        URI.create(text("/google/rootUrl")),
        URI.create(text("/google/tokenUrl")),
        text("/google/clientId"),
        secrets.clientSecret().map(Secret::reveal).orElse(""),
        millis("/google/timeoutMs"),
        number("/google/maxConnections"),
        breaker());
  }

  private BreakerSettings breaker() {
    return new BreakerSettings(
        fraction("/breaker/failures"),
        number("/breaker/minCalls"),
        millis("/breaker/windowMs"),
        millis("/breaker/openMs"),
        millis("/breaker/timeoutMs"));
  }

  private ConcurrencySettings concurrency() {
    return new ConcurrencySettings(
        number("/concurrency/initial"),
        number("/concurrency/min"),
        number("/concurrency/max"),
        fraction("/concurrency/error/high"),
        fraction("/concurrency/error/low"),
        number("/concurrency/minSample"),
        millis("/concurrency/cooldownMs"));
  }

  private MemorySettings memory() {
    return new MemorySettings(
        fraction("/memory/shed"),
        fraction("/memory/warn"),
        fraction("/memory/critical"),
        millis("/memory/checkMs"));
  }

  private GmailSettings gmail() {
    long inflight = Math.min(merged.at("/gmail/inflightBytes").asLong(), heap / 4);
    return new GmailSettings(
        MessageFormat.valueOf(constant("/gmail/format")),
        merged.at("/gmail/includeSpamTrash").asBoolean(),
        number("/gmail/pageSize"),
        number("/gmail/batchParts"),
        number("/gmail/writeBatch"),
        inflight,
        Math.min(merged.at("/gmail/maxResponseBytes").asLong(), inflight),
        millis("/gmail/sliceMs"),
        number("/gmail/messageAttempts"),
        millis("/gmail/pollMs"),
        lanes(),
        texts(merged.at("/gmail/metadataHeaders")));
  }

  private Lanes lanes() {
    List<Lane> lanes = new ArrayList<>();
    for (JsonNode lane : merged.at("/gmail/lanes")) {
      String format = lane.path("format").asText(text("/gmail/format"));
      lanes.add(
          new Lane(
              texts(lane.path("labelIds")),
              lane.path("q").textValue(),
              lane.path("newerThan").textValue(),
              MessageFormat.valueOf(format.toUpperCase(Locale.ROOT))));
    }
    return lanes.isEmpty()
        ? Lanes.everything(MessageFormat.valueOf(constant("/gmail/format")))
        : new Lanes(lanes);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }

  private AttachmentSettings attachments() {
    return new AttachmentSettings(
        text("/attachments/bodies").equals("fetch"), number("/attachments/maxBytes"));
  }

  private CacheSettings cache() {
    return new CacheSettings(
        Math.min(merged.at("/cache/maxBytes").asLong(), heap / 8),
        number("/cache/maxEntryBytes"),
        number("/cache/maxValueBytes"),
        millis("/cache/ttlMs"),
        millis("/cache/freshMs"),
        number("/cache/warmThreads"),
        merged.at("/cache/redisUri").textValue(),
        secrets.redisPassword().map(Secret::reveal).orElse(null),
        millis("/cache/redisTimeoutMs"),
        text("/cache/redisPrefix"));
  }

  private PushSettings push() {
    return new PushSettings(
        merged.at("/push/audience").asText(null),
        merged.at("/push/serviceAccount").asText(null),
        URI.create(text("/push/jwksUri")),
        text("/push/host"),
        number("/push/port"),
        merged.at("/push/topic").asText(null),
        millis("/push/pollMs"));
  }

  private EngineSettings engine() {
    FailurePolicy failures = failures();
    Map<String, KindSettings> kinds = new TreeMap<>();
    merged
        .path("kinds")
        .properties()
        .forEach(entry -> kinds.put(entry.getKey(), kind(entry.getValue(), failures)));
    return new EngineSettings(
        millis("/lease/ms"),
        millis("/lease/heartbeatMs"),
        millis("/engine/pollMs"),
        millis("/engine/graceMs"),
        millis("/engine/blockedMs"),
        failures,
        Map.copyOf(kinds),
        limits());
  }

  private UpkeepSettings upkeep() {
    Map<String, Integer> kinds = new TreeMap<>();
    merged
        .at("/retention/kinds")
        .properties()
        .forEach(entry -> kinds.put(entry.getKey(), most(entry.getValue())));
    return new UpkeepSettings(
        millis("/stuck/checkMs"),
        millis("/stuck/readyMs"),
        millis("/stuck/hardMs"),
        millis("/stuck/forgetMs"),
        UpkeepSettings.DEFAULT.tally(),
        new RetentionSettings(
            number("/retention/days"),
            number("/retention/unreadDays"),
            millis("/retention/sweepMs"),
            kinds,
            number("/retention/auditDays")));
  }

  private Limits limits() {
    Map<String, Limits.OfKind> kinds = new TreeMap<>();
    merged
        .path("kinds")
        .properties()
        .forEach(
            entry -> {
              JsonNode kind = entry.getValue();
              kinds.put(
                  entry.getKey(),
                  new Limits.OfKind(
                      kind.path("queue").asText(null),
                      most(kind.path("maxRunning")),
                      most(kind.path("maxPerUser")),
                      most(kind.path("maxPerKey")),
                      kind.path("userGroup").asText(null)));
            });
    return new Limits(Map.copyOf(kinds), numbers("queues"), numbers("limits"));
  }

  private static Integer most(JsonNode number) {
    return number.isNumber() ? number.asInt() : null;
  }

  private Map<String, Integer> numbers(String section) {
    Map<String, Integer> numbers = new TreeMap<>();
    merged
        .path(section)
        .properties()
        .forEach(entry -> numbers.put(entry.getKey(), entry.getValue().asInt()));
    return Map.copyOf(numbers);
  }

  private FailurePolicy failures() {
    Map<FailureClass, FailurePolicy.Rule> rules = new EnumMap<>(FailureClass.class);
    for (FailureClass failure : FailureClass.values()) {
      String section = "/retry/" + failure.key();
      rules.put(
          failure,
          FailurePolicy.DEFAULT
              .rule(failure)
              .with(
                  number(section + "/max"),
                  millis(section + "/baseMs"),
                  millis(section + "/capMs")));
    }
    return new FailurePolicy(rules);
  }

  private static KindSettings kind(JsonNode kind, FailurePolicy failures) {
    KindSettings absent = EngineSettings.DEFAULT_KIND;
    return new KindSettings(
        kind.path("slots").asInt(absent.slots()),
        Duration.ofMillis(kind.path("timeoutMs").asLong(absent.timeout().toMillis())),
        kind.path("attempts").asInt(failures.rule(FailureClass.TRANSIENT).max()),
        kind.path("adaptive").asBoolean(absent.adaptive()));
  }

  /** Of one that has passed the checks; what it leaves out is as in {@link Schedule#of}. */
  private static Schedule schedule(String name, JsonNode given) {
    String spec =
        given.has("cron")
            ? Recurrence.CRON + " " + given.path("cron").asText().strip()
            : Recurrence.EVERY + " " + given.path("every").asText().strip();
    Schedule plain = Schedule.of(name, given.path("kind").asText(), spec);
    return new Schedule(
        name,
        given.path("user").asLong(plain.user()),
        plain.kind(),
        given.path("priority").asInt(plain.priority()),
        given.has("payload") ? given.get("payload").toString() : plain.payload(),
        spec,
        given.path("zone").asText(plain.zone()),
        Misfire.of(given.path("misfire").asText(plain.misfire().text())),
        given.path("paused").asBoolean(plain.paused()));
  }

  private DatabaseSettings database() {
    String uri = merged.at("/database/uri").asText(null);
    String directory = merged.at("/database/directory").asText(null);
    boolean embedded = uri == null;
    return new DatabaseSettings(
        uri,
        embedded ? null : secrets.databasePassword().map(Secret::reveal).orElse(null),
        embedded && directory != null ? Path.of(directory) : null,
        number("/database/poolSize"),
        millis("/database/statementMs"),
        millis("/lease/ms"),
        number("/database/hashPartitions"));
  }

  private String text(String pointer) {
    return merged.at(pointer).asText();
  }

  private String constant(String pointer) {
    return text(pointer).toUpperCase(Locale.ROOT);
  }

  private int number(String pointer) {
    return merged.at(pointer).asInt();
  }

  private double fraction(String pointer) {
    return merged.at(pointer).asDouble();
  }

  private Duration millis(String pointer) {
    return Duration.ofMillis(merged.at(pointer).asLong());
  }

  private static Map<String, QuotaProfile> builtIn() {
    Map<String, QuotaProfile> profiles = new LinkedHashMap<>();
    for (QuotaProfile p :
        new QuotaProfile[] {QuotaProfile.Y2026_05, QuotaProfile.LEGACY, QuotaProfile.UNLIMITED}) {
      profiles.put(p.name(), p);
    }
    return profiles;
  }
}
