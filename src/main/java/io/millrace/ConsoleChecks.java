package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.console.Loopback;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What must agree in section {@code console} for nobody to get in who should not. */
final class ConsoleChecks {
  private static final String PUBLIC =
      "must name this machine only (localhost) while nobody has to say who they are: whoever a proxy lets through would be an operator; set console.tokens or console.oidc.issuer";

  private final JsonNode console;
  private final UnaryOperator<String> origin;
  private final List<Fault> faults = new ArrayList<>();

  ConsoleChecks(JsonNode console, UnaryOperator<String> origin) {
    this.console = console;
    this.origin = origin;
  }

  List<Fault> check() {
    host();
    names();
    tokens();
    provider();
    if (console.path("certificateFile").isNull() != console.path("keyFile").isNull()) {
      add(
          console.path("keyFile").isNull() ? "keyFile" : "certificateFile",
          "must be set where the other of console.certificateFile and console.keyFile is");
    }
    return faults;
  }

  /** Without authentication only this machine may reach it. */
  private void host() {
    String host = console.path("host").asText();
    boolean numeric = host.contains(":") || host.matches("[0-9.]+");
    try {
      boolean loopback =
          host.equals("localhost") || (numeric && InetAddress.getByName(host).isLoopbackAddress());
      if (!loopback && open()) {
        add(
            "host",
            "must be 127.0.0.1, ::1 or localhost while nobody has to say who they are: set console.tokens or console.oidc.issuer");
      }
    } catch (UnknownHostException e) {
      add("host", "is not an address");
    }
  }

  private static String host(String url) {
    try {
      return url == null ? null : new URI(url).getHost();
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private boolean open() {
    return console.path("tokens").isEmpty() && console.at("/oidc/issuer").isNull();
  }

  /** Whoever comes through a proxy on this machine comes from this machine. */
  private void names() {
    String host = host(console.path("url").textValue());
    if (console.path("url").isTextual() && host == null) {
      add("url", "must name a host");
    }
    if (!open()) {
      return;
    }
    if (host != null && !Loopback.is(host)) {
      add("url", PUBLIC);
    }
    for (int i = 0; i < console.path("names").size(); i++) {
      if (!Loopback.is(console.path("names").get(i).asText())) {
        add("names." + i, PUBLIC);
      }
    }
  }

  private void tokens() {
    Set<String> names = new HashSet<>();
    Set<String> digests = new HashSet<>();
    for (int i = 0; i < console.path("tokens").size(); i++) {
      JsonNode token = console.path("tokens").get(i);
      String at = "tokens." + i;
      if (!names.add(token.path("name").asText())) {
        fault(at + ".name", token.path("name"), "must be another than that of the tokens before");
      }
      if (!digests.add(token.path("sha256").asText())) {
        fault(
            at + ".sha256", token.path("sha256"), "must be another than that of the tokens before");
      }
      boolean user = token.path("role").asText().equals("user");
      if (user != token.has("account")) {
        fault(
            at + ".account",
            token.path("account"),
            user
                ? "must be set with role user: the address of the mailbox"
                : "is for role user; the others see all mailboxes");
      }
    }
  }

  private void provider() {
    JsonNode oidc = console.path("oidc");
    if (oidc.path("issuer").isNull()) {
      return;
    }
    String issuer = oidc.path("issuer").asText();
    if (!issuer.startsWith("https://")
        && !issuer.matches("http://(localhost|127\\.0\\.0\\.1)([:/].*)?")) {
      add("oidc.issuer", "must be an https URL, so that nobody can speak in the provider's name");
    }
    if (oidc.path("clientId").asText().isBlank()) {
      add("oidc.clientId", "must be set where console.oidc.issuer is");
    }
    if (oidc.path("operators").isEmpty()
        && oidc.path("viewers").isEmpty()
        && !oidc.path("users").asBoolean()) {
      add("oidc.operators", "must name somebody: nobody who logs in would be let in");
    }
  }

  private void add(String path, String remedy) {
    fault(path, console.at("/" + path.replace('.', '/')), remedy);
  }

  private void fault(String path, JsonNode value, String remedy) {
    faults.add(Fault.of(origin.apply("console." + path), "console." + path, value, remedy));
  }
}
