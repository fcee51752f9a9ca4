package io.millrace.engine;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Work over the cross product of dimensions, such as regions × models × questions: one unit for
 * each combination, with a key that stays the same. Immutable and pure.
 */
public final class FanOut {
  /** The most units. */
  public static final int MOST_UNITS = 10_000;

  private final Map<String, List<String>> dimensions;

  private FanOut(Map<String, List<String>> dimensions) {
    this.dimensions = dimensions;
  }

  /**
   * A unit.
   *
   * @param key such as {@code region=eu;model=small}; what is special in a value is encoded
   * @param at the value in each dimension
   */
  public record Unit(String key, Map<String, String> at) {
    /** Copies. */
    public Unit {
      at = Map.copyOf(at);
    }
  }

  /** Over one dimension. */
  public static FanOut over(String dimension, List<String> values) {
    return new FanOut(new LinkedHashMap<>()).by(dimension, values);
  }

  /**
   * Over one more dimension.
   *
   * @throws IllegalArgumentException if its name or a value is wrong or there twice, or if there
   *     are more than {@link #MOST_UNITS} units
   */
  public FanOut by(String dimension, List<String> values) {
    if (!dimension.matches("[A-Za-z0-9_.-]{1,50}") || dimensions.containsKey(dimension)) {
      throw new IllegalArgumentException(
          "The dimension %s is there already, or its name is not 1 to 50 letters, digits, _, . and -."
              .formatted(dimension));
    }
    if (values.isEmpty() || new HashSet<>(values).size() < values.size()) {
      throw new IllegalArgumentException(
          "The dimension %s has no values, or one of them twice.".formatted(dimension));
    }
    Map<String, List<String>> more = new LinkedHashMap<>(dimensions);
    more.put(dimension, List.copyOf(values));
    long units = 1;
    long longest = -1;
    for (Map.Entry<String, List<String>> one : more.entrySet()) {
      units = Math.min(units * one.getValue().size(), Integer.MAX_VALUE);
      longest +=
          one.getKey().length()
              + 2
              + one.getValue().stream().mapToInt(v -> encoded(v).length()).max().orElse(0);
    }
    if (units > MOST_UNITS || longest > 500) {
      throw new IllegalArgumentException(
          "A fan-out has at most %d units with keys of 500 characters; with %s it has %d, of up to %d."
              .formatted(MOST_UNITS, dimension, units, longest));
    }
    return new FanOut(more);
  }

  /** All units, the last dimension moving fastest. */
  public List<Unit> units() {
    List<Map<String, String>> all = List.of(new LinkedHashMap<>());
    for (Map.Entry<String, List<String>> one : dimensions.entrySet()) {
      List<Map<String, String>> next = new ArrayList<>(all.size() * one.getValue().size());
      for (Map<String, String> at : all) {
        for (String value : one.getValue()) {
          Map<String, String> further = new LinkedHashMap<>(at);
          further.put(one.getKey(), value);
          next.add(further);
        }
      }
      all = next;
    }
    return all.stream().map(at -> new Unit(key(at), at)).toList();
  }

  private static String key(Map<String, String> at) {
    return at.entrySet().stream()
        .map(e -> e.getKey() + "=" + encoded(e.getValue()))
        .collect(Collectors.joining(";"));
  }

  private static String encoded(String value) {
    return value.matches("[A-Za-z0-9_.-]*")
        ? value
        : URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** As it is kept with its batch; the order of the dimensions with it. */
  public JsonObject toJson() {
    JsonArray all = new JsonArray();
    dimensions.forEach(
        (name, values) ->
            all.add(new JsonObject().put("name", name).put("values", new JsonArray(values))));
    return new JsonObject().put("dimensions", all);
  }

  /** What {@link #toJson} wrote. */
  public static FanOut of(JsonObject json) {
    FanOut fanOut = new FanOut(new LinkedHashMap<>());
    for (Object one : json.getJsonArray("dimensions")) {
      JsonObject dimension = (JsonObject) one;
      fanOut =
          fanOut.by(
              dimension.getString("name"),
              dimension.getJsonArray("values").stream().map(String.class::cast).toList());
    }
    return fanOut;
  }
}
