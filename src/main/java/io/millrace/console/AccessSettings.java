package io.millrace.console;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who may use the console: the rest of configuration section {@code console}.
 *
 * @param tokens what machines and people without a provider show
 * @param provider who logs people in, if anybody does
 * @param url where browsers find the console, if it is not by its host and port
 * @param names under which it may be spoken to besides loopback, {@code url} and addresses
 * @param session how long a login lasts
 * @param callsPerSecond that one caller may make, 1 to 100,000; twice as many at once
 * @param allCallsPerSecond that all may make together
 * @param proxies addresses that are believed what stands last in {@code X-Forwarded-For}
 * @param jobsPerUser jobs that the API takes for one user within an hour, 1 to 1,000,000; each
 *     process by itself
 */
public record AccessSettings(
    List<Token> tokens,
    Optional<Provider> provider,
    Optional<URI> url,
    List<String> names,
    Duration session,
    int callsPerSecond,
    int allCallsPerSecond,
    List<String> proxies,
    int jobsPerUser) {
  private static final int JOBS = 100_000;

  /** Nobody has to say who they are: for loopback only. */
  public static final AccessSettings OPEN =
      new AccessSettings(
          List.of(), Optional.empty(), Optional.empty(), List.of(), Duration.ofHours(8), 50, 500);

  /** With no proxy before it, and the usual bound for jobs. */
  public AccessSettings(
      List<Token> tokens,
      Optional<Provider> provider,
      Optional<URI> url,
      List<String> names,
      Duration session,
      int callsPerSecond,
      int allCallsPerSecond) {
    this(tokens, provider, url, names, session, callsPerSecond, allCallsPerSecond, List.of(), JOBS);
  }

  /**
   * A static token.
   *
   * @param name by which its bearer stands in the audit log
   * @param sha256 of the token, 64 digits of base 16 in lower case
   * @param account the address of the mailbox, with {@link Role#USER} only; else null
   */
  public record Token(String name, String sha256, Role role, String account) {}

  /**
   * An OpenID Connect provider.
   *
   * @param operators addresses in lower case, as the others
   * @param users whether everybody whose address is that of a mailbox gets in for that one
   */
  public record Provider(
      URI issuer,
      String clientId,
      String clientSecret,
      List<String> operators,
      List<String> viewers,
      boolean users) {
    @Override
    public String toString() {
      return "Provider[" + issuer + "]";
    }
  }

  /** Whether everybody gets in as operator. */
  public boolean open() {
    return tokens.isEmpty() && provider.isEmpty();
  }

  /** A name of the console by which others than this machine could mean it, if it has one. */
  public Optional<String> publicName() {
    return Stream.concat(url.map(URI::getHost).stream(), names.stream())
        .filter(name -> !Loopback.is(name))
        .findFirst();
  }
}
