package io.millrace.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The query parameters of a call, decoded, in their order. */
record Params(List<String> names, List<String> values) {
  static final Params NONE = new Params(List.of(), List.of());

  /** Parses what stands behind the question mark, or a form; throws 400 for a broken escape. */
  static Params parse(String query) {
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    int from = 0;
    while (from < query.length()) {
      int end = query.indexOf('&', from);
      end = end < 0 ? query.length() : end;
      int equals = query.indexOf('=', from);
      int split = equals < 0 || equals > end ? end : equals;
      if (end > from) {
        names.add(decode(query.substring(from, split)));
        values.add(split < end ? decode(query.substring(split + 1, end)) : "");
      }
      from = end + 1;
    }
    return new Params(names, values);
  }

  /** The texts at the top of a JSON object; throws 400 for anything else. */
  static Params json(Buffer body) {
    if (body.length() == 0) {
      return NONE;
    }
    try {
      List<String> names = new ArrayList<>();
      List<String> values = new ArrayList<>();
      for (Map.Entry<String, Object> field : new JsonObject(body)) {
        if (field.getValue() instanceof String text) {
          names.add(field.getKey());
          values.add(text);
        }
      }
      return new Params(names, values);
    } catch (DecodeException | ClassCastException e) {
      throw new ApiException(GoogleError.badRequest("Parse Error"));
    }
  }

  /** The first value, or null. */
  String get(String name) {
    int at = names.indexOf(name);
    return at < 0 ? null : values.get(at);
  }

  List<String> all(String name) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equals(name)) {
        all.add(values.get(i));
      }
    }
    return all;
  }

  boolean flag(String name) {
    String value = get(name);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (value.equals("true") || value.isEmpty()) {
      return true;
    }
    throw invalid(name, value);
  }

  /** How many results are wanted: Gmail gives 100 by default and never more than 500. */
  int maxResults() {
    String value = get("maxResults");
    if (value == null) {
      return 100;
    }
    try {
      int wanted = Integer.parseInt(value);
      if (wanted > 0) {
        return Math.min(wanted, 500);
      }
    } catch (NumberFormatException e) {
      throw invalid("maxResults", value);
    }
    throw invalid("maxResults", value);
  }

  /** One of these words in any case, the first when nothing is said. */
  String oneOf(String name, String... words) {
    String value = get(name);
    if (value == null) {
      return words[0];
    }
    for (String word : words) {
      if (word.equals(value.toLowerCase(Locale.ROOT))) {
        return word;
      }
    }
    throw invalid(name, value);
  }

  static ApiException invalid(String name, String value) {
    return new ApiException(
        GoogleError.badRequest("Invalid value at '" + name + "': \"" + value + "\""));
  }

  static String decode(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid("url", text);
    }
  }
}
