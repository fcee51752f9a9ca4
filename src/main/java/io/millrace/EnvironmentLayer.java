package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Variables of the environment as a layer of the configuration.
 *
 * <p>A name is the path in capitals, words and keys parted by one underscore: {@code
 * google.rootUrl} is {@code MILLRACE_GOOGLE_ROOT_URL}. A kind has underscores of its own; its name
 * is what stands between {@code MILLRACE_KINDS_} and one of three endings, so that no two paths
 * share a name.
 */
final class EnvironmentLayer {
  private static final String PREFIX = "MILLRACE_";

  /** Begin like ours but are not part of the configuration. */
  private static final Set<String> OTHERS =
      Set.of(
          "MILLRACE_SHARED",
          ApiOptions.TOKEN,
          Secrets.CLIENT_SECRET,
          Secrets.DATABASE_PASSWORD,
          Secrets.REDIS_PASSWORD,
          Secrets.WEBHOOK_SECRET,
          Secrets.OIDC_SECRET);

  private static final Pattern KIND =
      Pattern.compile("MILLRACE_KINDS_([A-Z][A-Z0-9_]*)_(SLOTS|TIMEOUT_MS|ATTEMPTS)");

  private static final Map<String, String> KIND_KEYS =
      Map.of("SLOTS", "slots", "TIMEOUT_MS", "timeoutMs", "ATTEMPTS", "attempts");

  private final ConfigurationSchema schema;
  private final Map<String, String> pathOfName = new LinkedHashMap<>();

  EnvironmentLayer(ConfigurationSchema schema) {
    this.schema = schema;
    for (String path : schema.leaves()) {
      if (schema.at(path).filter(rules -> rules.has("patternProperties")).isEmpty()) {
        pathOfName.put(name(path), path);
      }
    }
  }

  /** The variable for a path. */
  static String name(String path) {
    return PREFIX
        + path.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /** All variables that set a key that the schema names. */
  Set<String> names() {
    return pathOfName.keySet();
  }

  /** What the environment says; what it says wrongly is added to {@code faults}. */
  Layer read(Map<String, String> environment, List<Fault> faults) {
    ObjectNode document = ConfigurationFile.emptyObject();
    Map<String, String> origins = new HashMap<>();
    new TreeMap<>(environment)
        .forEach(
            (name, text) -> {
              if (!name.startsWith(PREFIX) || OTHERS.contains(name)) {
                return;
              }
              Optional<String> path = path(name);
              if (path.isEmpty()) {
                faults.add(new Fault(name, "", "", "no such variable; " + hint(name)));
                return;
              }
              JsonNode rules = schema.at(path.get()).orElseThrow();
              ConfigurationSchema.put(document, path.get(), parse(text, rules));
              origins.put(path.get(), name);
            });
    return new Layer("the environment", document, origins);
  }

  private Optional<String> path(String name) {
    Matcher kind = KIND.matcher(name);
    if (kind.matches()) {
      String key = KIND_KEYS.get(kind.group(2));
      return Optional.of("kinds." + kind.group(1).toLowerCase(Locale.ROOT) + "." + key);
    }
    return Optional.ofNullable(pathOfName.get(name));
  }

  private String hint(String name) {
    if (name.startsWith("MILLRACE_QUOTA_PROFILES_")) {
      return "a profile of one's own stands in a file, under quota.profiles";
    }
    if (name.startsWith("MILLRACE_SCHEDULES")) {
      return "schedules stand in a file, under schedules";
    }
    String word = name.substring(PREFIX.length());
    Set<String> known = new TreeSet<>();
    Stream.concat(pathOfName.keySet().stream(), OTHERS.stream())
        .forEach(other -> known.add(other.substring(PREFIX.length())));
    return Nearest.to(word, known)
        .or(() -> known.stream().filter(other -> other.endsWith("_" + word)).findFirst())
        .map(meant -> "did you mean " + PREFIX + meant + "?")
        .orElse("names are paths of the configuration, such as " + name("google.rootUrl"));
  }

  /** As the schema's type wants it; what cannot be is left as text, for the check to refuse. */
  private static JsonNode parse(String text, JsonNode rules) {
    String type = rules.path("type").toString();
    String trimmed = text.strip();
    if (trimmed.isEmpty() && type.contains("null")) {
      return NullNode.getInstance();
    }
    try {
      if (type.contains("integer")) {
        return BigIntegerNode.valueOf(new BigInteger(trimmed));
      }
      if (type.contains("number")) {
        return DecimalNode.valueOf(new BigDecimal(trimmed));
      }
    } catch (NumberFormatException e) {
      return TextNode.valueOf(text);
    }
    if (type.contains("array")) {
      return ConfigurationFile.parsed(trimmed);
    }
    if (type.contains("boolean") && (trimmed.equals("true") || trimmed.equals("false"))) {
      return BooleanNode.valueOf(trimmed.equals("true"));
    }
    return TextNode.valueOf(text);
  }
}
