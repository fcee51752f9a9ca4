/**
 * Units, time and slots; nothing of Gmail, nothing of SQL.
 *
 * <p>In come requests for units and reports of refusals, over the event bus; out go grants and
 * times to wait. Start with {@link io.millrace.limit.Quota}, then {@link
 * io.millrace.limit.QuotaVerticle}, which owns one {@link io.millrace.limit.Bucket} for each user
 * and one for the project, and remembers what is spent in the {@link io.millrace.limit.Ledger}.
 */
package io.millrace.limit;
