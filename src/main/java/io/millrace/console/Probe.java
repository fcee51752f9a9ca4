package io.millrace.console;

import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * Something that Millrace needs, and how to find out whether it is there.
 *
 * @param name one word
 * @param needed whether Millrace is not ready without it; else it is only said
 * @param lack what is the matter if it is not there: a sentence that anybody may read
 * @param look succeeds with a word on it, or null; fails if it is not there
 */
public record Probe(String name, boolean needed, String lack, Supplier<Future<String>> look) {}
