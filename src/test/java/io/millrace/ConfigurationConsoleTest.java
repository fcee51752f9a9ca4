package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.console.AccessSettings;
import io.millrace.console.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may use the console, as it is configured. */
class ConfigurationConsoleTest {
  private static final String DIGEST = "ab".repeat(32);

  @TempDir Path directory;

  private Configuration load(String console, Map<String, String> environment) throws Exception {
    Path file = Files.writeString(directory.resolve("c.json"), "{\"console\":" + console + "}");
    return new ConfigurationLoader(environment).file(file).load();
  }

  private String refusal(String console) {
    return assertThrows(ExitException.class, () -> load(console, Map.of())).getMessage();
  }

  @Test
  void withoutAnythingItIsOpenOnThisMachine() throws Exception {
    assertTrue(load("{}", Map.of()).console().access().open());
  }

  @Test
  void withTokensItMayBeReachedFromElsewhere() throws Exception {
    AccessSettings access =
        load(
                "{\"host\":\"0.0.0.0\",\"tokens\":[{\"name\":\"ann\",\"sha256\":\"%s\",\"role\":\"user\",\"account\":\"Ann@example.org\"}]}"
                    .formatted(DIGEST),
                Map.of())
            .console()
            .access();
    assertFalse(access.open());
    assertEquals(
        new AccessSettings.Token("ann", DIGEST, Role.USER, "ann@example.org"),
        access.tokens().get(0));
  }

  @Test
  void whatOpensTooMuchOrNothingIsRefused() {
    assertTrue(refusal("{\"host\":\"0.0.0.0\"}").contains("console.tokens"));
    assertTrue(
        refusal("{\"tokens\":[{\"name\":\"a\",\"sha256\":\"secret\",\"role\":\"viewer\"}]}")
            .contains("64 digits"));
    assertTrue(
        refusal(
                "{\"tokens\":[{\"name\":\"a\",\"sha256\":\"%s\",\"role\":\"user\"}]}"
                    .formatted(DIGEST))
            .contains("tokens.0.account"));
    assertTrue(
        refusal(
                "{\"oidc\":{\"issuer\":\"http://accounts.example.org\",\"clientId\":\"x\",\"operators\":[\"a@b\"]}}")
            .contains("must be an https URL"));
    assertTrue(
        refusal("{\"oidc\":{\"issuer\":\"https://accounts.example.org\",\"clientId\":\"x\"}}")
            .contains("must name somebody"));
    assertTrue(refusal("{\"keyFile\":\"key.pem\"}").contains("console.certificateFile"));
    assertTrue(
        refusal("{\"oidc\":{\"clientSecret\":\"x\"}}").contains("a secret does not belong here"));
  }

  @Test
  void whoeverAProxyLetsThroughIsNoOperator() throws Exception {
    for (String name :
        java.util.List.of(
            "{\"url\":\"https://millrace.example.org\"}",
            "{\"names\":[\"localhost\",\"millrace.example.org\"]}")) {
      String refusal = refusal(name);
      assertTrue(refusal.contains("whoever a proxy lets through"), refusal);
    }
    assertTrue(refusal("{\"url\":\"http://no_host\"}").contains("must name a host"));
    assertTrue(
        load("{\"url\":\"http://localhost:9000\",\"names\":[\"localhost\"]}", Map.of())
            .console()
            .access()
            .open());
  }

  @Test
  void peopleLogInAtAProvider() throws Exception {
    AccessSettings.Provider provider =
        load(
                "{\"host\":\"0.0.0.0\",\"oidc\":{\"issuer\":\"https://accounts.example.org\",\"clientId\":\"x\",\"operators\":[\"Boss@example.org\"]}}",
                Map.of("MILLRACE_CONSOLE_OIDC_CLIENT_SECRET", "hush"))
            .console()
            .access()
            .provider()
            .orElseThrow();
    assertEquals("hush", provider.clientSecret());
    assertEquals(java.util.List.of("boss@example.org"), provider.operators());
    assertFalse(provider.toString().contains("hush"));
  }
}
