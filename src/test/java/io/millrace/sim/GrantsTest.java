package io.millrace.sim;

import static io.millrace.sim.SimTestKit.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.api.client.googleapis.auth.oauth2.GoogleAuthorizationCodeRequestUrl;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The page of consent and the assertions of a service account, as Google treats them. */
class GrantsTest {
  private static final String READ = "https://www.googleapis.com/auth/gmail.readonly";
  private static final String HERE = "http://127.0.0.1:9/";
  private static final String VERIFIER = "a-verifier-that-is-long-enough-for-the-rfc-7636";

  private final SimTestKit kit =
      new SimTestKit(SimOptions.defaults().withMailboxes(2).withMessages(1));

  @AfterEach
  void close() {
    kit.close();
  }

  @Test
  void aCodeIsGoodOnceAndOnlyWithItsVerifierAndAddress() throws Exception {
    assertEquals("invalid_grant", exchanged(code(), "another-verifier", HERE).getString("error"));
    assertEquals("invalid_grant", exchanged(code(), VERIFIER, HERE + "x").getString("error"));
    String code = code();
    JsonObject answer = exchanged(code, VERIFIER, HERE);
    assertTrue(answer.getString("access_token").startsWith("ya29."), answer.encode());
    assertTrue(answer.getString("refresh_token").startsWith("1//"));
    assertEquals(READ, answer.getString("scope"));
    assertEquals("invalid_grant", exchanged(code, VERIFIER, HERE).getString("error"));
    assertEquals(200, kit.token(answer.getString("refresh_token")).statusCode());
    kit.order("revoke-grant", new JsonObject().put("email", kit.email(0)));
    assertEquals(400, kit.token(answer.getString("refresh_token")).statusCode());
    JsonObject again = exchanged(code(), VERIFIER, HERE);
    assertEquals(200, kit.token(again.getString("refresh_token")).statusCode());
  }

  @Test
  void onlyThisClientAndThisMachineAreSentBack() throws Exception {
    GoogleAuthorizationCodeRequestUrl good =
        new GoogleAuthorizationCodeRequestUrl(
            kit.simulator.authUrl(), Simulator.CLIENT_ID, HERE, List.of(READ));
    assertEquals(302, get(good.build()).statusCode());
    assertEquals(400, get(good.clone().setClientId("other").build()).statusCode());
    assertEquals(
        400, get(good.clone().setRedirectUri("https://example.org/").build()).statusCode());
    HttpResponse<String> token =
        get(good.clone().setResponseTypes(List.of("token")).setState("s 1").build());
    assertEquals(
        HERE + "?state=s+1&error=invalid_request", token.headers().firstValue("location").get());
  }

  @Test
  void anAssertionIsLookedAtInEveryRespect() throws Exception {
    assertTrue(claimed(claims()).getString("access_token").startsWith("ya29."));
    assertRefused("invalid_grant", "Failed audience check", claims().put("aud", "https://x/"));
    assertRefused("invalid_grant", "Invalid issuer", claims().put("iss", "x@y.z"));
    assertRefused("invalid_grant", "Invalid email", claims().put("sub", "x@elsewhere.org"));
    assertRefused("unauthorized_client", "unauthorized", claims().put("scope", READ + " more"));
    long now = Instant.now().getEpochSecond();
    assertRefused("invalid_grant", "short-lived", claims().put("exp", now + 7_200));
    assertRefused("invalid_grant", "short-lived", claims().put("iat", now + 600));
    assertRefused("invalid_grant", "short-lived", claims().put("exp", now - 600));
    JsonObject forged = claimed(claims(), "another-key-id");
    assertEquals("Invalid JWT Signature.", forged.getString("error_description"));
    assertEquals("Invalid JWT Signature.", bearer("x.y").getString("error_description"));
    assertEquals("invalid_grant", bearer("x.y.z").getString("error"));
    kit.order(
        "delegation",
        new JsonObject().put("email", kit.email(0)).put("error", "unauthorized_client"));
    assertRefused("unauthorized_client", "unauthorized", claims());
    kit.order("delegation", new JsonObject().put("email", kit.email(0)));
    assertTrue(claimed(claims()).containsKey("access_token"));
  }

  private JsonObject claims() {
    long now = Instant.now().getEpochSecond();
    return new JsonObject()
        .put("iss", Delegations.CLIENT_EMAIL)
        .put("sub", kit.email(0))
        .put("scope", READ)
        .put("aud", kit.simulator.tokenUrl())
        .put("iat", now)
        .put("exp", now + 3_600);
  }

  private void assertRefused(String error, String description, JsonObject claims) throws Exception {
    JsonObject answer = claimed(claims);
    assertEquals(error, answer.getString("error"), answer.encode());
    assertTrue(answer.getString("error_description").contains(description), answer.encode());
  }

  private JsonObject claimed(JsonObject claims) throws Exception {
    return claimed(claims, null);
  }

  private JsonObject claimed(JsonObject claims, String keyId) throws Exception {
    JsonObject file = new JsonObject(get(kit.simulator.rootUrl() + "sim/service-account").body());
    String pem = file.getString("private_key").replaceAll("-----[A-Z ]+-----|\\s", "");
    PrivateKey key =
        KeyFactory.getInstance("RSA")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    JsonObject header =
        new JsonObject()
            .put("alg", "RS256")
            .put("kid", keyId == null ? file.getString("private_key_id") : keyId);
    String signed = encoded(header) + "." + encoded(claims);
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key);
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return bearer(
        signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign()));
  }

  private static String encoded(JsonObject part) {
    byte[] bytes = part.encode().getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private JsonObject bearer(String assertion) {
    String type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    return form("grant_type=" + encode(type) + "&assertion=" + encode(assertion));
  }

  private String code() throws Exception {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(VERIFIER.getBytes(StandardCharsets.US_ASCII));
    String location =
        get(kit.simulator.authUrl()
                + "?client_id="
                + Simulator.CLIENT_ID
                + "&response_type=code&redirect_uri="
                + encode(HERE)
                + "&scope="
                + encode(READ)
                + "&code_challenge_method=S256&code_challenge="
                + Base64.getUrlEncoder().withoutPadding().encodeToString(hash))
            .headers()
            .firstValue("location")
            .orElseThrow();
    return Params.parse(URI.create(location).getRawQuery()).get("code");
  }

  private JsonObject exchanged(String code, String verifier, String redirect) {
    return form(
        "grant_type=authorization_code&client_id="
            + Simulator.CLIENT_ID
            + "&client_secret="
            + Simulator.CLIENT_SECRET
            + "&code="
            + encode(code)
            + "&code_verifier="
            + verifier
            + "&redirect_uri="
            + encode(redirect));
  }

  private JsonObject form(String form) {
    return new JsonObject(kit.post("token", form, "application/x-www-form-urlencoded").body());
  }

  private static HttpResponse<String> get(String url) {
    return send(HttpRequest.newBuilder(URI.create(url)).build());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
