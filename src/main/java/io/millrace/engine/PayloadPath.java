package io.millrace.engine;

import com.fasterxml.jackson.databind.JsonMappingException;
import java.util.List;

/** Writes places in a payload as JSON paths: {@code $.ids[3]}. Pure. */
final class PayloadPath {
  private static final int LONGEST = 300;

  private PayloadPath() {}

  /** Of a JSON pointer in a URI fragment, {@code #/ids/3}, as validators answer it. */
  static String ofPointer(String pointer) {
    StringBuilder path = new StringBuilder("$");
    String[] steps = pointer.replaceFirst("^#", "").split("/", -1);
    for (int i = 1; i < steps.length; i++) {
      append(path, steps[i].replace("~1", "/").replace("~0", "~"));
    }
    return bounded(path);
  }

  /** Of what Jackson says. */
  static String of(List<JsonMappingException.Reference> steps) {
    StringBuilder path = new StringBuilder("$");
    for (JsonMappingException.Reference step : steps) {
      append(path, step.getFieldName() == null ? "" + step.getIndex() : step.getFieldName());
    }
    return bounded(path);
  }

  /** One more step: an index if it is a number, else a name. */
  static StringBuilder append(StringBuilder path, String step) {
    if (step.matches("[0-9]{1,9}")) {
      return path.append('[').append(step).append(']');
    }
    return step.matches("[A-Za-z_][A-Za-z0-9_-]*")
        ? path.append('.').append(step)
        : path.append("['").append(step).append("']");
  }

  private static String bounded(StringBuilder path) {
    return path.length() > LONGEST ? path.substring(0, LONGEST) + "…" : path.toString();
  }
}
