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
 */
package io.millrace.console;
