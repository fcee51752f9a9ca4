package io.millrace;

/**
 * A mailbox to connect.
 *
 * @param email its address
 * @param refreshToken the grant that its owner gave; never shown
 */
public record ConnectOptions(String email, Secret refreshToken) {}
