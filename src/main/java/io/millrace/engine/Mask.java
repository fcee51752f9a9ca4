package io.millrace.engine;

import java.util.regex.Pattern;

/** Takes secrets out of text that people or the database will see. Pure. */
public final class Mask {
  /** Up to the last @ before the path: a password may itself hold an @. */
  private static final Pattern USER_INFO = Pattern.compile("(://[^/?#:\\s\"]*):[^/?#\\s\"]*@");

  /** A password with a slash in it defeats the rule above; then nothing up to the @ is shown. */
  private static final Pattern ANY_USER_INFO = Pattern.compile("(://[^:/\\s\"@]*):[^\\s\"]*@");

  private static final Pattern PARAMETER =
      Pattern.compile(
          "(?i)([?&;][^=&;\\s\"]*(?:password|secret|token|key)[^=&;\\s\"]*=)[^&;\\s\"]*");

  private static final Pattern BEARER =
      Pattern.compile("(?i)\\b((?:bearer|basic)\\s+)[A-Za-z0-9._~+/=-]{8,}");

  /** A member of a JSON object, or key=value. */
  private static final Pattern NAMED =
      Pattern.compile(
          "(?i)(\"?[a-z_-]{0,40}(?:password|passwd|secret|token|api_?key)\"?\\s*[:=]\\s*\"?)"
              + "[^\\s\",;&}]{4,}");

  /** Google's own access and refresh tokens, wherever they stand. */
  private static final Pattern GOOGLE = Pattern.compile("\\b(ya29\\.|1//)[A-Za-z0-9._~+/=-]{8,}");

  private Mask() {}

  /** Passwords in URLs and in their parameters are replaced by stars. */
  public static String urls(String text) {
    String masked = USER_INFO.matcher(text).replaceAll("$1:***@");
    masked = ANY_USER_INFO.matcher(masked).replaceAll("$1:***@");
    return PARAMETER.matcher(masked).replaceAll("$1***");
  }

  /** The same, and whatever else looks like a credential. */
  static String secrets(String text) {
    String masked = BEARER.matcher(urls(text)).replaceAll("$1***");
    masked = GOOGLE.matcher(masked).replaceAll("$1***");
    return NAMED.matcher(masked).replaceAll("$1***");
  }
}
