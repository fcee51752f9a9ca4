package io.millrace.console;

import static io.millrace.console.ApiTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Mailboxes;
import io.millrace.store.Sessions;
import io.millrace.store.Vault;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The console speaks TLS with a certificate that somebody made, or says what is wrong with it. */
@Timeout(60)
class ConsoleTlsTest {
  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir static Path directory;
  private static ApiTestKit kit;
  private static KeyStore own;
  private static Path chain;
  private static Path key;
  private static Path otherKey;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
    own = made("own");
    chain = pem("chain.pem", "CERTIFICATE", own.getCertificate("own").getEncoded());
    key = pem("key.pem", "PRIVATE KEY", own.getKey("own", PASSWORD).getEncoded());
    otherKey =
        pem("other.pem", "PRIVATE KEY", made("other").getKey("other", PASSWORD).getEncoded());
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  private static KeyStore made(String name) throws Exception {
    Path store = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, keytool.waitFor(), said);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }

  private static Path pem(String name, String what, byte[] bytes) throws Exception {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return Files.writeString(
        directory.resolve(name),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what, body, what));
  }

  private static ConsoleVerticle console(Path certificate, Path privateKey) {
    AccessSettings access =
        new AccessSettings(
            List.of(),
            Optional.of(
                new AccessSettings.Provider(
                    URI.create("http://127.0.0.1:1"),
                    "client",
                    "secret",
                    List.of("boss@example.org"),
                    List.of(),
                    false)),
            Optional.empty(),
            List.of(),
            Duration.ofHours(1),
            100,
            1_000);
    return new ConsoleVerticle(
            new ConsoleSettings(
                "127.0.0.1",
                0,
                access,
                Optional.of(new ConsoleSettings.Certificate(certificate, privateKey))),
            new Mailboxes(kit.database.pool(), new Vault(kit.database.keptEncryptionKey())),
            kit.jobs,
            "1",
            "legacy",
            1)
        .withApi(kit.parts());
  }

  private static HttpClient trusting(KeyStore keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("own", keys.getCertificate("own"));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  @Test
  void cookiesAreForTlsOnlyAndBrowsersStayWithIt() throws Exception {
    ConsoleVerticle console = console(chain, key);
    String deployment = await(kit.vertx.deployVerticle(console));
    try {
      HttpClient http = trusting(own);
      String session = Digest.random();
      await(new Sessions(kit.database.pool()).begin(Digest.of(session), "boss@example.org", 60));
      String root = "https://localhost:" + console.port();
      HttpResponse<String> me =
          send(http, "GET", root + "/api/v1/me", "Cookie", "__Host-millrace=" + session);
      assertEquals(200, me.statusCode(), me.body());
      assertEquals(
          "max-age=31536000", me.headers().firstValue("Strict-Transport-Security").orElse(""));
      assertEquals(
          401,
          send(http, "GET", root + "/api/v1/me", "Cookie", "millrace=" + session).statusCode(),
          "the name of a cookie without TLS is none");
      String csrf = new io.vertx.core.json.JsonObject(me.body()).getString("csrf");
      HttpResponse<String> left =
          send(
              http,
              "POST",
              root + "/api/v1/logout",
              "Cookie",
              "__Host-millrace=" + session,
              "X-CSRF-Token",
              csrf);
      String cookie = left.headers().firstValue("Set-Cookie").orElse("none");
      assertTrue(cookie.contains("Secure") && cookie.contains("SameSite=Strict"), cookie);
      assertThrows(
          Exception.class,
          () ->
              send(
                  HttpClient.newHttpClient(), "GET", root.replace("https", "http") + "/", "A", "b"),
          "nothing is answered without TLS");
    } finally {
      await(kit.vertx.undeploy(deployment));
    }
  }

  private static HttpResponse<String> send(
      HttpClient http, String method, String url, String... headers) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(url))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .headers(headers)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void wrongFilesAreToldInASentence() throws Exception {
    Path missing = directory.resolve("missing.pem");
    Path garbage = Files.writeString(directory.resolve("garbage.pem"), "not a certificate");
    refused(missing, key, "console.certificateFile", "cannot be read");
    refused(garbage, key, "console.certificateFile", "holds no certificate in PEM form");
    refused(key, key, "console.certificateFile", "holds no certificate in PEM form");
    refused(chain, missing, "console.keyFile", "cannot be read");
    refused(chain, garbage, "console.keyFile", "holds no private key in PEM form");
    refused(chain, otherKey, "console.keyFile", "is not the key of console.certificateFile");
  }

  private static void refused(Path certificate, Path privateKey, String setting, String what) {
    ConsoleException e =
        assertThrows(
            ConsoleException.class,
            () -> await(kit.vertx.deployVerticle(console(certificate, privateKey))));
    assertTrue(e.getMessage().startsWith(setting + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }
}
