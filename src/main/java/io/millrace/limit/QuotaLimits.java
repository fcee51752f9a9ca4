package io.millrace.limit;

/**
 * What may be spent, in units; 0 means that the scope is not limited.
 *
 * @param userPerMinute units in any sliding minute for one user
 * @param projectPerMinute units in any sliding minute for all users together
 * @param projectPerDay units from one turn of the day to the next
 * @param inFlightPerUser requests (parts of batches counted singly) under way for one user, at
 *     least 1
 */
public record QuotaLimits(
    long userPerMinute, long projectPerMinute, long projectPerDay, int inFlightPerUser) {
  /** Whether nothing is limited in units. */
  public boolean unlimited() {
    return userPerMinute == 0 && projectPerMinute == 0 && projectPerDay == 0;
  }

  /**
   * The least limit per minute under which a call is ever granted: so much of the limit as it costs
   * has to be there at once.
   *
   * @param units the price of the call, at least 1
   */
  public static long leastPerMinute(long units) {
    return Allowance.leastLimit(units);
  }
}
