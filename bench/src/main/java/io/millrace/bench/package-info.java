/**
 * The harness of the benchmarks.
 *
 * <p>{@link io.millrace.bench.Main} finds the benchmark by its name; each is a command that returns
 * one JSON object. {@link io.millrace.bench.SyncBench} measures the whole with every part in a
 * process of its own; {@link io.millrace.bench.MicroBench} runs the JMH benchmarks, which lie in
 * the packages of what they measure. Start reading with {@link io.millrace.bench.SyncBench}.
 */
package io.millrace.bench;
