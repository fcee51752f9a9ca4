/**
 * The job systems that the engine's benchmarks compare, each in a process of its own behind the
 * same few commands. Start reading at {@link io.millrace.bench.peer.Stage}.
 */
package io.millrace.bench.peer;
