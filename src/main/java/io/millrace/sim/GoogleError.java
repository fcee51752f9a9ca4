package io.millrace.sim;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * An error as Google words it: status, reason, domain and message, and the ErrorInfo reason of the
 * newer kind or null.
 */
record GoogleError(
    int code, String reason, String domain, String message, String status, String info) {
  static final GoogleError INVALID_CREDENTIALS =
      new GoogleError(401, "authError", "global", "Invalid Credentials", "UNAUTHENTICATED", null);
  static final GoogleError NOT_FOUND =
      new GoogleError(
          404, "notFound", "global", "Requested entity was not found.", "NOT_FOUND", null);
  static final GoogleError CONCURRENT =
      tooMany("global", "Too many concurrent requests for user.", 429);
  static final GoogleError EXHAUSTED =
      tooMany("global", "Resource has been exhausted (e.g. check quota).", 429);
  static final GoogleError USER_MINUTE = tooMany("usageLimits", quota("per minute per user"), 403);
  static final GoogleError PROJECT_MINUTE = tooMany("usageLimits", quota("per minute"), 403);
  static final GoogleError DAY =
      new GoogleError(
          403,
          "dailyLimitExceeded",
          "usageLimits",
          "Daily Limit Exceeded",
          "PERMISSION_DENIED",
          null);

  /** Errors that a test can switch on for a user, by the name of their reason. */
  static final Map<String, GoogleError> BY_NAME =
      Map.of(
          "failedPrecondition",
          new GoogleError(
              400,
              "failedPrecondition",
              "global",
              "Precondition check failed.",
              "FAILED_PRECONDITION",
              null),
          "authError",
          INVALID_CREDENTIALS,
          "dailyLimitExceeded",
          DAY,
          "rateLimitExceeded",
          tooMany("usageLimits", "Rate Limit Exceeded", 403),
          "userRateLimitExceeded",
          new GoogleError(
              403,
              "userRateLimitExceeded",
              "usageLimits",
              "User Rate Limit Exceeded",
              "PERMISSION_DENIED",
              null),
          "domainPolicy",
          new GoogleError(
              403,
              "domainPolicy",
              "global",
              "The domain administrators have disabled Gmail apps.",
              "PERMISSION_DENIED",
              null),
          "insufficientPermissions",
          new GoogleError(
              403,
              "insufficientPermissions",
              "global",
              "Request had insufficient authentication scopes.",
              "PERMISSION_DENIED",
              "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
          "accessNotConfigured",
          new GoogleError(
              403,
              "accessNotConfigured",
              "usageLimits",
              "Gmail API has not been used in project 123456789012 before or it is disabled.",
              "PERMISSION_DENIED",
              "SERVICE_DISABLED"),
          "backendError",
          backend(503));

  static GoogleError badRequest(String message) {
    return new GoogleError(400, "badRequest", "global", message, "INVALID_ARGUMENT", null);
  }

  static GoogleError delegationDenied(String user) {
    return new GoogleError(
        403, "forbidden", "global", "Delegation denied for " + user, "PERMISSION_DENIED", null);
  }

  static GoogleError backend(int code) {
    String status = code == 503 ? "UNAVAILABLE" : code == 504 ? "DEADLINE_EXCEEDED" : "INTERNAL";
    return new GoogleError(code, "backendError", "global", "Backend Error", status, null);
  }

  /** The user is shut out until a real instant; two spaces, as Google writes it. */
  static GoogleError retryAfter(Instant until) {
    String text = until.truncatedTo(ChronoUnit.MILLIS).toString();
    if (text.length() == "2026-06-12T19:16:46Z".length()) {
      text = text.substring(0, text.length() - 1) + ".000Z";
    }
    return tooMany("global", "User-rate limit exceeded.  Retry after " + text, 429);
  }

  /** Whether the client is being told that it sends too much. */
  boolean throttles() {
    return code == 429 || (code == 403 && reason.endsWith("imitExceeded"));
  }

  void write(JsonOut out) {
    out.object().object("error").field("code", code).field("message", message);
    out.array("errors").object();
    out.field("message", message).field("domain", domain).field("reason", reason);
    if (code == 401) {
      out.field("location", "Authorization").field("locationType", "header");
    }
    out.end().endArray().field("status", status);
    if (info != null) {
      out.array("details").object();
      out.field("@type", "type.googleapis.com/google.rpc.ErrorInfo").field("reason", info);
      out.field("domain", "googleapis.com").object("metadata");
      out.field("service", "gmail.googleapis.com").end().end().endArray();
    }
    out.end().end();
  }

  private static GoogleError tooMany(String domain, String message, int code) {
    String status = code == 429 ? "RESOURCE_EXHAUSTED" : "PERMISSION_DENIED";
    return new GoogleError(code, "rateLimitExceeded", domain, message, status, null);
  }

  private static String quota(String limit) {
    return "Quota exceeded for quota metric 'Queries' and limit 'Queries "
        + limit
        + "' of service 'gmail.googleapis.com' for consumer 'project_number:123456789012'.";
  }
}
