package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Whether the payload policy makes sense, and Google would give what it asks for. */
final class LaneChecks {
  private static final String NO_BODIES =
      "is more than Google gives under the metadata scope (google.scope); metadata and minimal are"
          + " to be had";

  private final JsonNode merged;
  private final UnaryOperator<String> origin;
  private final boolean metadataScope;
  private final List<Fault> faults = new ArrayList<>();

  /**
   * @param merged the whole configuration, each key of which is right by itself
   * @param origin for a path, who set it
   */
  LaneChecks(JsonNode merged, UnaryOperator<String> origin) {
    this.merged = merged;
    this.origin = origin;
    this.metadataScope = merged.at("/google/scope").asText().equals("metadata");
  }

  List<Fault> check() {
    JsonNode lanes = merged.at("/gmail/lanes");
    for (int i = 0; i < lanes.size(); i++) {
      lane("gmail.lanes." + i, lanes.get(i), i == lanes.size() - 1);
    }
    if (metadataScope && merged.at("/gmail/format").asText().equals("full")) {
      add("gmail.format", "gmail.format", merged.at("/gmail/format"), NO_BODIES);
    }
    attachments();
    return faults;
  }

  private void lane(String path, JsonNode lane, boolean last) {
    boolean search = lane.has("q") || lane.has("newerThan");
    if (!last && !search && lane.path("labelIds").isEmpty()) {
      add(
          "gmail.lanes",
          path,
          lane,
          "takes every message, so that the lanes after it never see one; it must be the last");
    }
    for (String key : List.of("q", "newerThan")) {
      if (metadataScope && lane.has(key)) {
        add(
            "gmail.lanes",
            path + "." + key,
            lane.get(key),
            "is a search, which Google refuses under the metadata scope (google.scope); only"
                + " labelIds can be used there");
      }
    }
    if (metadataScope && lane.path("format").asText().equals("full")) {
      add("gmail.lanes", path + ".format", lane.get("format"), NO_BODIES);
    }
  }

  private void attachments() {
    if (!merged.at("/attachments/bodies").asText().equals("fetch")) {
      return;
    }
    if (metadataScope) {
      add(
          "attachments.bodies",
          "attachments.bodies",
          merged.at("/attachments/bodies"),
          "must be list under the metadata scope (google.scope): Google gives no attachments there");
    }
    long most = merged.at("/gmail/maxResponseBytes").asLong() / 3 * 2;
    JsonNode bytes = merged.at("/attachments/maxBytes");
    if (bytes.asLong() > most) {
      add(
          "attachments.maxBytes",
          "attachments.maxBytes",
          bytes,
          "must be at most %d, two thirds of gmail.maxResponseBytes (%s): an attachment comes in base64"
              .formatted(most, origin.apply("gmail.maxResponseBytes")));
    }
  }

  private void add(String setAs, String path, JsonNode value, String remedy) {
    faults.add(Fault.of(origin.apply(setAs), path, value, remedy));
  }
}
