package io.millrace.google;

import java.util.List;

/**
 * A whole thread.
 *
 * @param id of the thread
 * @param messages those that could be read, in Google's order; each charged like one that was
 *     fetched singly
 * @param unreadable how many more there were: their ids are not in {@code messages}, so the caller
 *     misses them and fetches them singly
 */
public record ThreadData(String id, List<MessageData> messages, int unreadable) {}
