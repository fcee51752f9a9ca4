package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.google.GoogleFailure.Malformed;
import java.io.IOException;
import java.time.Duration;

/**
 * What the token endpoint gave.
 *
 * @param token the access token
 * @param life of the access token, from now on
 * @param refresh the refresh token, null unless a code was exchanged
 * @param scope what is granted, parted by blanks; empty if not told
 * @param identity the id token, null unless a code was exchanged
 */
record TokenAnswer(String token, Duration life, String refresh, String scope, String identity) {
  private static final Duration UNSAID = Duration.ofMinutes(5);
  private static final Duration LONGEST_LIFE = Duration.ofDays(1);

  /** Reads a body; fails with {@link Malformed} if no token can be had from it. */
  static TokenAnswer read(byte[] body) {
    String token = null;
    String refresh = null;
    String scope = "";
    String identity = null;
    Duration life = UNSAID;
    try (JsonParser p = Json.parser(body, 0, body.length)) {
      if (p.nextToken() == JsonToken.START_OBJECT) {
        while (p.nextToken() == JsonToken.FIELD_NAME) {
          String name = p.currentName();
          p.nextToken();
          String text = Json.text(p);
          if (text == null) {
            continue;
          }
          switch (name) {
            case "access_token" -> token = text;
            case "refresh_token" -> refresh = text;
            case "scope" -> scope = text;
            case "id_token" -> identity = text;
            case "expires_in" -> {
              Long seconds = Json.clamped(text, 0, LONGEST_LIFE.toSeconds());
              life = seconds == null ? UNSAID : Duration.ofSeconds(seconds);
            }
            default -> {}
          }
        }
      }
    } catch (IOException e) {
      throw new GoogleException(new Malformed("a token answer that is no JSON."));
    }
    if (!sound(token) || (refresh != null && !sound(refresh))) {
      throw new GoogleException(new Malformed("a token answer without a token."));
    }
    return new TokenAnswer(token, life, refresh, scope, identity);
  }

  private static boolean sound(String token) {
    return token != null && !token.isBlank() && token.chars().allMatch(c -> c > ' ' && c < 127);
  }

  @Override
  public String toString() {
    return "TokenAnswer[for " + life + "]";
  }
}
