package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.engine.Mask;
import java.util.Locale;
import java.util.regex.Pattern;

/** Makes values of the configuration fit to be shown. */
final class Redaction {
  private static final int LONGEST = 120;
  private static final Pattern SECRET_KEY =
      Pattern.compile("secret|password|passwd|token|credential|encryption|apikey|privatekey");

  private Redaction() {}

  /** The value as JSON, bounded, without secrets; "(hidden)" where the key says that it is one. */
  static String shown(String path, JsonNode value) {
    if (value == null || value.isMissingNode()) {
      return "";
    }
    if (value.isObject()) {
      return value.isEmpty() ? "{}" : "{…}";
    }
    if (value.isArray()) {
      return value.isEmpty() ? "[]" : "[…]";
    }
    if (isSecret(path) && !value.isNull()) {
      return "(hidden)";
    }
    return bounded(text(value.toString()));
  }

  /** Passwords in URLs and in their parameters are replaced by stars. */
  static String text(String text) {
    return Mask.urls(text);
  }

  private static boolean isSecret(String path) {
    String key = path.substring(path.lastIndexOf('.') + 1);
    return !key.endsWith("File")
        && !key.endsWith("Url")
        && SECRET_KEY.matcher(key.toLowerCase(Locale.ROOT)).find();
  }

  private static String bounded(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }
}
