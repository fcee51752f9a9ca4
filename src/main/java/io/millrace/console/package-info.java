/**
 * What people and machines watch Millrace by: one page, live events, the same figures as JSON, and
 * health.
 *
 * <p>In come requests, and word on the event bus that something was committed ({@link
 * io.millrace.pipeline.SyncProgress}). Out goes only what the database holds: the word says when to
 * look, never what to show.
 *
 * <p>Start with {@link io.millrace.console.ConsoleVerticle}, where the routes stand. {@code
 * LiveEvents} tells every reader what changed, from one read for all of them; {@code Figures}
 * reads; {@code Snapshot} is what was read, and knows what changed since an earlier one. The page
 * itself is in the resources under {@code console/}.
 *
 * <p>What watches a running process begins with {@code Meters} (what happens is counted) and {@code
 * VitalSigns} (how the database stands is looked at, once for all). {@code Gauges} shows both as
 * metrics, {@code Alarms} tells what is beyond a threshold ({@code Samples} makes figures, {@code
 * AlertJudge} and {@code AlertState} judge them), {@code HealthBook} keeps samples of which {@code
 * Health} tells scores, trends, what is unusual and what to do; {@code Spending} adds up what users
 * cost, {@code RunTraces} makes spans. {@code OpsRoutes} and {@code Readiness} answer machines.
 */
package io.millrace.console;
