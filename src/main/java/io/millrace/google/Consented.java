package io.millrace.google;

/**
 * What an owner gave on Google's page of consent.
 *
 * @param email whose mailbox it is, in lower case, as Google says
 * @param refreshToken never shown
 */
public record Consented(String email, String refreshToken) {
  @Override
  public String toString() {
    return "Consented[" + email + "]";
  }
}
