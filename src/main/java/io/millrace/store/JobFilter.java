package io.millrace.store;

/**
 * Which unfinished jobs an operator means. What is null does not matter.
 *
 * @param kind the name of a kind
 * @param user whose jobs
 * @param batch the batch that they belong to
 */
public record JobFilter(String kind, Long user, Long batch) {}
