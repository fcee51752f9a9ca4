package io.millrace.google;

import java.net.URI;
import java.util.Optional;

/**
 * How mailboxes are given to Millrace: part of the configuration section {@code google}.
 *
 * @param authUrl the page on which an owner consents, {@code
 *     https://accounts.google.com/o/oauth2/v2/auth} for the real one
 * @param serviceAccount acts for mailboxes that were connected without their owners; empty if none
 *     is configured
 */
public record AccountSettings(URI authUrl, Optional<ServiceAccount> serviceAccount) {}
