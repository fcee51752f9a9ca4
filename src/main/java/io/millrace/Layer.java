package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * One source of the configuration.
 *
 * @param name what the source is called when a fault is reported
 * @param document what it says
 * @param origins names for single paths, where they differ from the source's own
 */
record Layer(String name, JsonNode document, Map<String, String> origins) {
  /** Which file, variable or option set this path. */
  String origin(String path) {
    String known = path;
    // What stands in a list was set with the list.
    while (!origins.containsKey(known) && known.contains(".")) {
      known = known.substring(0, known.lastIndexOf('.'));
    }
    return origins.getOrDefault(known, name);
  }

  /** Lays this over {@code below}, objects key by key, and notes who set what. */
  void over(ObjectNode below, Map<String, String> setBy) {
    merge("", below, document, setBy);
  }

  private void merge(String path, ObjectNode below, JsonNode above, Map<String, String> setBy) {
    above
        .properties()
        .forEach(
            entry -> {
              String key = entry.getKey();
              String child = path.isEmpty() ? key : path + "." + key;
              if (entry.getValue().isObject()) {
                if (!below.path(key).isObject()) {
                  below.putObject(key);
                }
                merge(child, below.withObjectProperty(key), entry.getValue(), setBy);
              } else {
                below.set(key, entry.getValue());
                setBy.put(child, origin(child));
              }
            });
  }
}
