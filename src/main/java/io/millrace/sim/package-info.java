/**
 * Gmail and its token endpoint as a peer, for demo, tests and benchmarks. It knows nothing of the
 * other packages: it is written from what Google documents and does.
 *
 * <p>In: HTTP on a port of 127.0.0.1. {@link io.millrace.sim.FrontDoor} takes requests, {@link
 * io.millrace.sim.ApiRequest} is one request from arrival (authorised by {@link
 * io.millrace.sim.Tokens}, charged by {@link io.millrace.sim.Quota}) to answer ({@link
 * io.millrace.sim.Gmail} writes it, {@link io.millrace.sim.Answering} sends it).
 *
 * <p>Mail comes from a {@link io.millrace.sim.MailStore}: generated from a seed, or an mbox file.
 * {@link io.millrace.sim.Mailbox} lays over it what has changed since the start. What goes wrong is
 * decided by {@link io.millrace.sim.FaultPlan} alone.
 *
 * <p>Out: answers, and {@link io.millrace.sim.SimReport}. Start reading at {@link
 * io.millrace.sim.Simulator}.
 */
package io.millrace.sim;
