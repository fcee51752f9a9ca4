package io.millrace.engine;

/**
 * Why a run should end before its work is done.
 *
 * @param reason a few words that the handler and the outcome carry
 */
record Stop(Why why, String reason) {
  enum Why {
    /** It took as long as it may: what it has not done is a failed attempt. */
    DEADLINE,
    /** The process stops: the job goes on elsewhere, no attempt is spent. */
    SHUTDOWN,
    /** Somebody wants the job to end for good. */
    CANCELLED
  }
}
