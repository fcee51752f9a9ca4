package io.millrace.limit;

import java.time.Instant;

/**
 * What a call for one user would wait for if it were made now, as the buckets of this process have
 * it.
 *
 * @param scope the limit that is waited for the longest; null if the call could be made at once
 * @param until when it could be made; null if at once
 * @param dayThreshold when the threshold of the day is reached at the present rate; null if not
 *     today
 */
public record QuotaOutlook(QuotaScope scope, Instant until, Instant dayThreshold) {
  /** Nothing is waited for, or nobody here can tell. */
  public static final QuotaOutlook CLEAR = new QuotaOutlook(null, null, null);
}
