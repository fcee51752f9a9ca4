/**
 * The engine while things break: engines in processes of their own, a PostgreSQL that is stopped,
 * killed, filled up and failed over, and between them a proxy that cuts.
 *
 * <p>{@link io.millrace.chaos.EngineProcess} is such an engine, and the only place here that knows
 * the engine's API; {@code Stage} gives each test a server, a proxy and engines, and ends them;
 * {@code Oracle} says afterwards whether anything was lost or done twice.
 */
package io.millrace.chaos;
