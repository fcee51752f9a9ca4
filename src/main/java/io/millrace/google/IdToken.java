package io.millrace.google;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * Whose account it is, as Google tells beside the tokens.
 *
 * <p>Its signature is not looked at: it comes from the token endpoint itself, over TLS, which is
 * when OpenID Connect (Core 1.0, 3.1.3.7) allows that. One that came by another way must not be
 * read here.
 */
final class IdToken {
  private IdToken() {}

  /**
   * The address, in lower case.
   *
   * @param token null if none came
   * @throws ConsentException if it does not tell, or was made for somebody else
   */
  static String email(String token, String clientId) {
    String[] parts = token == null ? new String[0] : token.split("\\.", -1);
    try {
      if (parts.length == 3) {
        JsonObject claims =
            new JsonObject(
                new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
        String email = claims.getString("email", "");
        boolean ours = clientId.equals(claims.getString("aud"));
        if (ours && !email.isBlank() && Boolean.TRUE.equals(claims.getBoolean("email_verified"))) {
          return email.strip().toLowerCase(Locale.ROOT);
        }
      }
    } catch (DecodeException | ClassCastException | IllegalArgumentException e) {
      throw new ConsentException("Google's answer does not tell whose mailbox it is.");
    }
    throw new ConsentException("Google's answer does not tell whose mailbox it is.");
  }
}
