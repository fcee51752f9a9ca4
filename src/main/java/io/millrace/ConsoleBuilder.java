package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.console.AccessSettings;
import io.millrace.console.ConsoleSettings;
import io.millrace.console.Role;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes the settings of the console from a document that has passed every check. */
final class ConsoleBuilder {
  private final JsonNode console;
  private final Secrets secrets;

  ConsoleBuilder(JsonNode merged, Secrets secrets) {
    this.console = merged.path("console");
    this.secrets = secrets;
  }

  ConsoleSettings build() {
    return new ConsoleSettings(
        console.path("host").asText(), console.path("port").asInt(), access(), certificate());
  }

  private AccessSettings access() {
    return new AccessSettings(
        tokens(),
        provider(),
        Optional.ofNullable(console.path("url").textValue()).map(URI::create),
        texts(console.path("names")),
        Duration.ofMillis(console.path("sessionMs").asLong()),
        console.path("callsPerSecond").asInt(),
        console.path("allCallsPerSecond").asInt(),
        texts(console.path("proxies")),
        console.path("jobsPerUser").asInt());
  }

  private List<AccessSettings.Token> tokens() {
    List<AccessSettings.Token> tokens = new ArrayList<>();
    for (JsonNode token : console.path("tokens")) {
      tokens.add(
          new AccessSettings.Token(
              token.path("name").asText(),
              token.path("sha256").asText(),
              Role.valueOf(token.path("role").asText().toUpperCase(Locale.ROOT)),
              lower(token.path("account").textValue())));
    }
    return List.copyOf(tokens);
  }

  private Optional<AccessSettings.Provider> provider() {
    JsonNode oidc = console.path("oidc");
    return Optional.ofNullable(oidc.path("issuer").textValue())
        .map(
            issuer ->
                new AccessSettings.Provider(
                    URI.create(issuer),
                    oidc.path("clientId").asText(),
                    secrets.oidcSecret().map(Secret::reveal).orElse(""),
                    texts(oidc.path("operators")).stream().map(ConsoleBuilder::lower).toList(),
                    texts(oidc.path("viewers")).stream().map(ConsoleBuilder::lower).toList(),
                    oidc.path("users").asBoolean()));
  }

  private Optional<ConsoleSettings.Certificate> certificate() {
    return Optional.ofNullable(console.path("certificateFile").textValue())
        .map(
            chain ->
                new ConsoleSettings.Certificate(
                    Path.of(chain), Path.of(console.path("keyFile").asText())));
  }

  private static String lower(String text) {
    return text == null ? null : text.toLowerCase(Locale.ROOT);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }
}
