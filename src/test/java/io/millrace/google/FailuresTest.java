package io.millrace.google;

import static io.millrace.google.Peer.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleFailure.QuotaExceeded;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailuresTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | badRequest          | Invalid id value                                 | BadRequest
          400 | failedPrecondition  | Precondition check failed.                       | Denied
          400 | badRequest          | Mail service not enabled                         | Denied
          401 | authError           | Invalid Credentials                              | Unauthorized
          403 | dailyLimitExceeded  | Daily Limit Exceeded                             | QuotaExceeded
          403 | rateLimitExceeded   | Rate Limit Exceeded                              | QuotaExceeded
          403 | userRateLimitExceeded | User Rate Limit Exceeded                       | QuotaExceeded
          403 | rateLimitExceeded   | Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'gmail.googleapis.com' | QuotaExceeded
          403 | quotaExceeded       | whatever                                         | QuotaExceeded
          403 | rateLimitExceeded   | Too many concurrent requests for user            | TooConcurrent
          403 | domainPolicy        | The domain administrators have disabled Gmail apps. | Denied
          403 | insufficientPermissions | Request had insufficient authentication scopes. | Denied
          403 | forbidden           | Metadata scope doesn't allow format FULL         | Denied
          403 | accessNotConfigured | Gmail API has not been used in project 1 before or it is disabled. | Denied
          403 | SERVICE_DISABLED    | Gmail API is off                                 | Denied
          404 | notFound            | Requested entity was not found.                  | NotFound
          429 | rateLimitExceeded   | Too many concurrent requests for user.           | TooConcurrent
          429 | rateLimitExceeded   | User-rate limit exceeded.  Retry after 2026-06-12T19:16:46.648Z | QuotaExceeded
          429 | rateLimitExceeded   | Resource has been exhausted (e.g. check quota).  | QuotaExceeded
          500 | backendError        | Backend Error                                    | Unavailable
          502 | backendError        | Backend Error                                    | Unavailable
          503 | backendError        | Backend Error                                    | Unavailable
          504 | backendError        | Backend Error                                    | Unavailable
          418 | teapot              | no                                               | BadRequest
          """)
  void everyKnownAnswerHasItsKind(int status, String reason, String message, String kind) {
    String body = Peer.error(status, reason, message);
    assertEquals(kind, classify(status, null, body).getClass().getSimpleName());
  }

  @ParameterizedTest
  @CsvSource({
    "200, Malformed",
    "400, Malformed",
    "403, Malformed",
    "404, Malformed",
    "401, Unauthorized",
    "429, QuotaExceeded",
    "500, Unavailable",
    "503, Unavailable",
    "302, Unavailable",
    "0, Malformed",
    "-5, Malformed",
    "999, Malformed"
  })
  void whatIsNotFromTheApiIsNoProofOfAnything(int status, String kind) {
    String html = "<html><head><title>Sign in to the guest network</title></head></html>";
    assertEquals(kind, classify(status, null, html).getClass().getSimpleName());
    assertEquals(kind, classify(status, null, "").getClass().getSimpleName());
  }

  @Test
  void onlyTheDayConcernsTheWholeProject() {
    assertTrue(quota(403, "dailyLimitExceeded", "Daily Limit Exceeded").wholeProject());
    assertTrue(quota(403, "rateLimitExceeded", "Quota exceeded: Queries per day").wholeProject());
    assertFalse(quota(403, "rateLimitExceeded", "'Queries per minute per user'").wholeProject());
    assertFalse(quota(403, "rateLimitExceeded", "'Queries per day per user'").wholeProject());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, Retry after 2026-06-12T19:16:46.648Z, 2026-06-12T19:16:46.648Z",
        "-, Retry after 2026-06-12T19:16:46Z., 2026-06-12T19:16:46Z",
        "-, Retry after 2026-06-12T21:16:46+02:00, 2026-06-12T19:16:46Z",
        "-, Retry after soon, -",
        "-, Retry after 2026-06-12T18:00:00Z, -",
        "-, Retry after 2036-06-12T18:00:00Z, 2026-06-13T19:00:00Z",
        "30, -, 2026-06-12T19:00:30Z",
        "-30, -, -",
        "99999999999999999999, -, 2026-06-13T19:00:00Z",
        "NaN, -, -",
        "'Fri, 12 Jun 2026 19:05:00 GMT', -, 2026-06-12T19:05:00Z",
        "nonsense, -, -",
        "3600, Retry after 2026-06-12T19:16:46Z, 2026-06-12T20:00:00Z",
        "30, Retry after 2026-06-12T19:16:46Z, 2026-06-12T19:16:46Z",
      })
  void theLaterDeadlineCounts(String header, String message, Instant until) {
    assertEquals(until, RetryAfter.find(header, message, null, NOW));
    GoogleFailure failure = classify(429, header, Peer.error(429, "r", String.valueOf(message)));
    assertEquals(until, ((QuotaExceeded) failure).until());
  }

  @Test
  void theDetailsMayNameADelay() {
    assertEquals(NOW.plusSeconds(12), RetryAfter.find(null, null, "12s", NOW));
    assertNull(RetryAfter.find(null, null, "12", NOW));
  }

  @Test
  void whatLooksLikeASecretIsNotRepeated() {
    String secret = "ya29." + "x".repeat(80);
    String said =
        classify(400, null, Peer.error(400, "badRequest", "Bad token " + secret)).sentence();
    assertFalse(said.contains("xxxx"), said);
    GoogleFailure redirect =
        Failures.classify(302, h -> "https://login.example/x?session=abc", new byte[0], NOW);
    assertEquals(
        "Google cannot be reached now: redirected (302) to login.example.", redirect.sentence());
  }

  @Test
  void anInstantOfGooglesCountsByItsOwnClock() {
    String retry = "User-rate limit exceeded.  Retry after 2026-06-12T19:10:00Z";
    // By our clock it is 19:00; by Google's earlier, later, about the same, and unknown.
    assertEquals(
        Instant.parse("2026-06-12T19:14:00Z"),
        RetryAfter.find(null, retry, null, "Fri, 12 Jun 2026 18:56:00 GMT", NOW));
    assertEquals(
        Instant.parse("2026-06-12T19:05:00Z"),
        RetryAfter.find(null, retry, null, "Fri, 12 Jun 2026 19:05:00 GMT", NOW));
    for (String date : new String[] {"Fri, 12 Jun 2026 19:00:20 GMT", "yesterday", null}) {
      assertEquals(
          Instant.parse("2026-06-12T19:10:00Z"), RetryAfter.find(null, retry, null, date, NOW));
    }
  }

  private static QuotaExceeded quota(int status, String reason, String message) {
    return (QuotaExceeded) classify(status, null, Peer.error(status, reason, message));
  }

  static GoogleFailure classify(int status, String retryAfter, String body) {
    return Failures.classify(
        status, name -> name.equals("retry-after") ? retryAfter : null, Peer.utf8(body), NOW);
  }
}
