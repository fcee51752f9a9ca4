/**
 * Units, time and slots; nothing of Gmail, nothing of SQL.
 *
 * <p>In come requests for units and reports of refusals, over the event bus; out go grants and
 * times to wait. Start with {@link io.millrace.limit.Quota}, then {@link
 * io.millrace.limit.QuotaVerticle}, which owns one {@link io.millrace.limit.Bucket} for each user
 * and one for the project, and remembers what is spent in the {@link io.millrace.limit.Ledger}.
 *
 * <p>Limits that learn are pure: samples go in, a number comes out. {@link
 * io.millrace.limit.AdaptiveConcurrency} follows errors and run times, {@link
 * io.millrace.limit.AimdLimit} refusals, {@link io.millrace.limit.GradientLimit} latency, {@link
 * io.millrace.limit.MemoryGovernor} memory. What is to be had only later is a {@link
 * io.millrace.limit.Wait}.
 */
package io.millrace.limit;
