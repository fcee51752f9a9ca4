package io.millrace.sim;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The page of consent, on which nobody has to press anything: it sends the browser back at once,
 * with a code or with what a test wants to be answered. Codes are good once, for ten minutes, and
 * only with the verifier whose hash the page was given. Safe from any thread.
 */
final class Consents {
  private static final int MOST_CODES = 1_000;
  private static final double LIFE_SECONDS = 600;

  /**
   * What somebody consented to.
   *
   * @param scope parted by blanks
   */
  record Consent(Mailbox mailbox, String scope) {}

  /**
   * Where the browser goes.
   *
   * @param location null if there is nowhere to go, and {@code error} is shown
   */
  record Answer(String location, String error) {}

  private record Code(Consent consent, String redirect, String challenge, long expires) {}

  private final SimClock clock;
  private final Map<String, String> decisions = new ConcurrentHashMap<>();
  private final AtomicLong serial = new AtomicLong();
  private final Map<String, Code> codes =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Code> eldest) {
          return size() > MOST_CODES;
        }
      };

  Consents(SimClock clock) {
    this.clock = clock;
  }

  /**
   * What the owner of a mailbox answers from now on.
   *
   * @param decision {@code deny}, or the scopes that are granted, or null for all that is asked
   */
  void decide(Mailbox mailbox, String decision) {
    if (decision == null) {
      decisions.remove(mailbox.account().email());
    } else {
      decisions.put(mailbox.account().email(), decision);
    }
  }

  /** Answers the page's address. */
  Answer ask(Params query, List<Mailbox> mailboxes) {
    String redirect = query.get("redirect_uri");
    if (!Tokens.CLIENT_ID.equals(query.get("client_id"))) {
      return new Answer(null, "Error 401: invalid_client");
    }
    if (!loopback(redirect)) {
      return new Answer(null, "Error 400: redirect_uri_mismatch");
    }
    String challenge = query.get("code_challenge");
    boolean sound =
        "code".equals(query.get("response_type"))
            && query.get("scope") != null
            && (challenge == null || "S256".equals(query.get("code_challenge_method")));
    if (!sound) {
      return back(redirect, query, "error=invalid_request");
    }
    String hint = query.get("login_hint");
    Mailbox owner =
        mailboxes.stream()
            .filter(m -> hint == null || m.account().email().equalsIgnoreCase(hint))
            .findFirst()
            .orElse(mailboxes.get(0));
    String decision = decisions.getOrDefault(owner.account().email(), query.get("scope"));
    if (decision.equals("deny")) {
      return back(redirect, query, "error=access_denied");
    }
    String code = "4/0A" + new Draw(Hash.of(owner.key(), serial.incrementAndGet(), 13)).letters(48);
    Code made =
        new Code(
            new Consent(owner, decision),
            redirect,
            challenge,
            clock.now() + clock.span(LIFE_SECONDS));
    synchronized (codes) {
      codes.put(code, made);
    }
    return back(redirect, query, "code=" + encode(code) + "&scope=" + encode(decision));
  }

  /** What a code is good for, once; null if for nothing. */
  Consent redeem(Params form) {
    Code code;
    synchronized (codes) {
      code = codes.remove(form.get("code"));
    }
    boolean good =
        code != null
            && clock.now() - code.expires() < 0
            && code.redirect().equals(form.get("redirect_uri"))
            && (code.challenge() == null || code.challenge().equals(hash(form)));
    return good ? code.consent() : null;
  }

  /** Google's clients of the type "Desktop app" may be sent back to this machine only. */
  private static boolean loopback(String redirect) {
    try {
      URI uri = URI.create(redirect == null ? "" : redirect);
      return "http".equals(uri.getScheme())
          && Arrays.asList("127.0.0.1", "localhost", "[::1]").contains(uri.getHost());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Answer back(String redirect, Params query, String what) {
    String state = query.get("state");
    return new Answer(
        redirect
            + (redirect.contains("?") ? "&" : "?")
            + (state == null ? "" : "state=" + encode(state) + "&")
            + what,
        null);
  }

  private static String hash(Params form) {
    String verifier = form.get("code_verifier");
    if (verifier == null) {
      return null;
    }
    try {
      byte[] ascii = verifier.getBytes(StandardCharsets.US_ASCII);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(ascii);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
