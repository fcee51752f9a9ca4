/**
 * What people and machines watch and steer Millrace by: one page, live events, an HTTP API, and
 * health.
 *
 * <p>In come requests, and word on the event bus that something was committed ({@link
 * io.millrace.pipeline.SyncProgress}). Out goes only what the database holds: the word says when to
 * look, never what to show.
 *
 * <p>Start with {@link io.millrace.console.ConsoleVerticle}. A request of the API passes {@code
 * Guard} (is it for us, who asks, how often, may they), and then the work of its {@code Endpoint}:
 * a row of the one table of routes and roles, which {@code JobsApi} and its neighbours fill. What
 * changes anything goes through {@code Acts}, which commits it with its row in the audit log; what
 * an end user reads goes through {@link io.millrace.store.EndUsers}. {@code Failure} turns whatever
 * fails into a {@code Problem}.
 *
 * <p>Of what happens, {@code EventFeed} tells every reader ({@code EventReaders}) as it happens.
 * {@code Figures} reads how all mailboxes stand, once for all who ask; {@code Snapshot} is what was
 * read. The page itself is in the resources under {@code console/}.
 *
 * <p>What watches a running process begins with {@code Meters} (what happens is counted) and {@code
 * VitalSigns} (how the database stands is looked at, once for all). {@code Gauges} shows both as
 * metrics, {@code Alarms} tells what is beyond a threshold ({@code Samples} makes figures, {@code
 * AlertJudge} and {@code AlertState} judge them), {@code HealthBook} keeps samples of which {@code
 * Health} tells scores, trends, what is unusual and what to do; {@code Spending} adds up what users
 * cost, {@code RunTraces} makes spans. {@code OpsRoutes} and {@code Readiness} answer machines.
 */
package io.millrace.console;
