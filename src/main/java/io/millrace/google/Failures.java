package io.millrace.google;

import io.millrace.google.GoogleFailure.BadRequest;
import io.millrace.google.GoogleFailure.DeadGrant;
import io.millrace.google.GoogleFailure.Denied;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.NotFound;
import io.millrace.google.GoogleFailure.QuotaExceeded;
import io.millrace.google.GoogleFailure.TooConcurrent;
import io.millrace.google.GoogleFailure.Unauthorized;
import io.millrace.google.GoogleFailure.Unavailable;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * Tells what an answer other than the expected one means.
 *
 * <p>Google's reason alone says neither whether the user or the project is meant nor whether rate
 * or concurrency is, and 403 stands for quota as well as for permission: so status, reason and
 * message are looked at together. Pure and total: any status and any bytes give a failure.
 */
public final class Failures {
  /** A refusal that no waiting mends: what Google calls it, and what somebody must do. */
  private record Refusal(String reason, String inMessage, String remedy) {
    boolean matches(ErrorBody e, String message) {
      return (!reason.isEmpty() && e.has(reason))
          || (!inMessage.isEmpty() && message.contains(inMessage));
    }
  }

  private static final String RECONNECT = "connect the mailbox again and grant read access.";

  /** In order: the first that matches counts. All in lower case on the message's side. */
  private static final List<Refusal> REFUSALS =
      List.of(
          new Refusal(
              "domainPolicy",
              "disabled gmail apps",
              "the administrators of the mail domain must allow the application."),
          new Refusal(
              "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficient authentication scopes", RECONNECT),
          new Refusal("insufficientPermissions", "metadata scope doesn't allow", RECONNECT),
          new Refusal(
              "SERVICE_DISABLED",
              "has not been used in project",
              "the operator must enable the Gmail API in the Google Cloud project."),
          new Refusal(
              "accessNotConfigured",
              "",
              "the operator must enable the Gmail API in the Google Cloud project."),
          new Refusal(
              "dailyLimitExceededUnreg",
              "unauthenticated use",
              "the request carried no credentials; connect the mailbox again."),
          new Refusal(
              "",
              "delegation denied",
              "the operator must grant the service account access to this mailbox."));

  private Failures() {}

  /**
   * Classifies an answer that is not the wanted one.
   *
   * @param status the HTTP status, of the answer or of one part of a batch
   * @param header gives the value of a header by its name in lower case, or null
   * @param body the body, inflated; may be empty
   * @param now against which a "Retry after" is held
   * @return never null
   */
  public static GoogleFailure classify(
      int status, UnaryOperator<String> header, byte[] body, Instant now) {
    return classify(status, header, body, 0, body.length, now);
  }

  static GoogleFailure classify(
      int status, UnaryOperator<String> header, byte[] body, int offset, int length, Instant now) {
    ErrorBody error = ErrorBody.read(body, offset, length);
    if (status >= 200 && status < 300) {
      // An error inside a success: believe the error.
      return error.envelope && error.code >= 400
          ? byStatus(error.code, header, error, now)
          : new Malformed("a success with " + looksLike(body, offset, length) + " in it.");
    }
    return byStatus(status, header, error, now);
  }

  private static GoogleFailure byStatus(
      int status, UnaryOperator<String> header, ErrorBody error, Instant now) {
    String message = error.message.toLowerCase(Locale.ROOT);
    if (status == 401) {
      return new Unauthorized();
    }
    if (status == 429) {
      return quota(header, error, message, now);
    }
    if (status >= 300 && status < 400) {
      return new Unavailable("redirected (" + status + ") to " + host(header.apply("location")));
    }
    if (status == 408 || status == 409 || status == 425 || (status >= 500 && status < 600)) {
      return new Unavailable("it answered " + status + ".");
    }
    if (status < 400 || status >= 600) {
      return new Malformed("status " + status + ".");
    }
    if (!error.envelope) {
      // Not Google's API but something on the way. Above all, a proxy's 404 is no proof that a
      // message is gone.
      return new Malformed("status " + status + " without an error of Google's in it.");
    }
    return switch (status) {
      case 400 -> badRequest(error, message);
      case 403 -> forbidden(header, error, message, now);
      case 404 -> new NotFound();
      default -> new BadRequest(describe(status, error));
    };
  }

  private static GoogleFailure badRequest(ErrorBody error, String message) {
    if (error.has("invalid_grant")) {
      return new DeadGrant("the grant has expired or was revoked.");
    }
    if (error.has("failedPrecondition")
        || error.status.equals("FAILED_PRECONDITION")
        || message.contains("precondition check failed")
        || message.contains("mail service not enabled")) {
      return new Denied(
          "failedPrecondition",
          "this account has no Gmail mailbox, or the service account is not delegated to it.");
    }
    return new BadRequest(describe(400, error));
  }

  private static GoogleFailure forbidden(
      UnaryOperator<String> header, ErrorBody error, String message, Instant now) {
    for (Refusal refusal : REFUSALS) {
      if (refusal.matches(error, message)) {
        String reason = refusal.reason().isEmpty() ? "forbidden" : refusal.reason();
        return new Denied(reason, refusal.remedy());
      }
    }
    boolean quota =
        error.has("dailyLimitExceeded")
            || error.has("rateLimitExceeded")
            || error.has("userRateLimitExceeded")
            || error.has("quotaExceeded")
            || error.has("RATE_LIMIT_EXCEEDED")
            || error.status.equals("RESOURCE_EXHAUSTED")
            || message.contains("rate limit exceeded")
            || message.contains("user-rate limit")
            || message.contains("quota exceeded")
            || message.contains("daily limit")
            || message.contains("too many concurrent");
    if (quota) {
      return quota(header, error, message, now);
    }
    if (error.has("backendError")) {
      return new Unavailable("it answered 403 backendError.");
    }
    return new Denied("forbidden", describe(403, error));
  }

  private static GoogleFailure quota(
      UnaryOperator<String> header, ErrorBody error, String message, Instant now) {
    if (message.contains("too many concurrent")) {
      return new TooConcurrent();
    }
    boolean day =
        error.has("dailyLimitExceeded")
            || message.contains("daily limit")
            || message.contains("per day");
    Instant until =
        RetryAfter.find(
            header.apply("retry-after"),
            error.message,
            error.retryDelay,
            header.apply("date"),
            now);
    boolean all = day && !message.contains("per user");
    boolean everybody = message.contains("per minute") && !message.contains("per user");
    return new QuotaExceeded(all, until, all || everybody);
  }

  private static String describe(int status, ErrorBody error) {
    String text = ErrorBody.clean(error.message, 200);
    return status + error.reasons.stripTrailing() + (text.isEmpty() ? "." : ", \"" + text + "\".");
  }

  private static String host(String location) {
    if (location == null) {
      return "nowhere.";
    }
    try {
      // The host only: the rest of a login page's address may carry secrets.
      String host = URI.create(location.strip()).getHost();
      return host == null ? "itself." : ErrorBody.clean(host, 100) + ".";
    } catch (IllegalArgumentException e) {
      return "an address that is none.";
    }
  }

  private static String looksLike(byte[] body, int offset, int length) {
    int i = offset;
    int end = offset + length;
    while (i < end && body[i] <= ' ' && body[i] >= 0) {
      i++;
    }
    if (i >= end) {
      return "nothing";
    }
    return switch (body[i]) {
      case '<' -> "HTML";
      case '{' -> "broken or unexpected JSON";
      default -> "something that is not JSON";
    };
  }
}
