package io.millrace.sim;

/**
 * One simulated mailbox and the grant that opens it. Both follow from the seed: a simulator that is
 * started again with the same seed accepts the same refresh token.
 */
public record SimAccount(String email, String refreshToken) {}
