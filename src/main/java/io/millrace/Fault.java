package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * One thing that is wrong with the configuration.
 *
 * @param origin the file, variable or option that says so
 * @param path the key, or empty for the whole document
 * @param value what was found, fit to be shown; empty if there is none
 * @param remedy what would be right
 */
record Fault(String origin, String path, String value, String remedy) {
  private static final int MOST = 100;

  static Fault of(String origin, String path, JsonNode value, String remedy) {
    return new Fault(origin, path, Redaction.shown(path, value), remedy);
  }

  String sentence() {
    if (path.isEmpty()) {
      return origin + ": " + remedy;
    }
    return origin + ": " + path + (value.isEmpty() ? "" : " = " + value) + ": " + remedy;
  }

  /** All of them in one message. */
  static ExitException refusal(List<Fault> faults) {
    if (faults.size() == 1) {
      return new ExitException("Configuration refused: " + faults.get(0).sentence());
    }
    StringBuilder text = new StringBuilder("Configuration refused, ");
    text.append(faults.size()).append(" faults:");
    faults.stream().limit(MOST).forEach(f -> text.append("\n  ").append(f.sentence()));
    if (faults.size() > MOST) {
      text.append("\n  … and ").append(faults.size() - MOST).append(" more");
    }
    return new ExitException(text.toString());
  }
}
