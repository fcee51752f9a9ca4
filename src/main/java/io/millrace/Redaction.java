package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.regex.Pattern;

/** Makes values of the configuration fit to be shown. */
final class Redaction {
  private static final int LONGEST = 120;
  private static final Pattern SECRET_KEY =
      Pattern.compile("secret|password|passwd|token|credential|encryption|apikey|privatekey");

  /** Up to the last @ before the path: a password may itself hold an @. */
  private static final Pattern USER_INFO = Pattern.compile("(://[^/?#:\\s\"]*):[^/?#\\s\"]*@");

  /** A password with a slash in it defeats the rule above; then nothing up to the @ is shown. */
  private static final Pattern ANY_USER_INFO = Pattern.compile("(://[^:/\\s\"@]*):[^\\s\"]*@");

  private static final Pattern PARAMETER =
      Pattern.compile(
          "(?i)([?&;][^=&;\\s\"]*(?:password|secret|token|key)[^=&;\\s\"]*=)[^&;\\s\"]*");

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
    String masked = USER_INFO.matcher(text).replaceAll("$1:***@");
    masked = ANY_USER_INFO.matcher(masked).replaceAll("$1:***@");
    return PARAMETER.matcher(masked).replaceAll("$1***");
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
