package io.millrace.sim;

/** What can go wrong, where, and how often: the probability under mild and under harsh faults. */
enum FaultKind {
  RESOURCE_EXHAUSTED(Where.CALL, .003, .02),
  CONCURRENT_429(Where.CALL, .003, .02),
  QUOTA_403(Where.CALL, .003, .02),
  RETRY_AFTER(Where.CALL, .0004, .003),
  ERROR_500(Where.CALL, .002, .01),
  ERROR_502(Where.CALL, .002, .01),
  ERROR_503(Where.CALL, .002, .01),
  ERROR_504(Where.CALL, .002, .01),
  TOKEN_REVOKED(Where.CALL, .002, .01),
  TEMPORARY_404(Where.CALL, .002, .01),

  REQUEST_429(Where.ANSWER, .003, .015),
  REQUEST_503(Where.ANSWER, .002, .01),
  DISCONNECT(Where.ANSWER, .003, .015),
  TRUNCATED_LENGTH(Where.ANSWER, .002, .01),
  TRUNCATED_CHUNKS(Where.ANSWER, .002, .01),
  TRUNCATED_GZIP(Where.ANSWER, .002, .01),
  HTML_200(Where.ANSWER, .002, .01),
  HTML_502(Where.ANSWER, .002, .01),
  MALFORMED_JSON(Where.ANSWER, .002, .01),
  SLOW_BODY(Where.ANSWER, .004, .02),

  PART_MISSING(Where.BATCH, .004, .02),
  PARTS_REORDERED(Where.BATCH, .004, .02),
  PART_REPEATED(Where.BATCH, .004, .02),

  DUPLICATE_ID(Where.LIST, .005, .03),
  EMPTY_PAGE(Where.LIST, .005, .03),
  PAGE_TOKEN_REFUSED(Where.LIST, .005, .03),

  HISTORY_EXPIRED(Where.HISTORY, 0, .01),

  MESSAGE_DELETED(Where.MESSAGE, .002, .01),

  /** Always an error 500. */
  BAD_500(Where.FOR_GOOD, .0005, .002),
  /** Always JSON that breaks off. */
  BAD_JSON(Where.FOR_GOOD, .0005, .002),

  MESSAGE_ADDED(Where.ARRIVAL, 0, 0);

  /** Kinds of the same place exclude each other. */
  enum Where {
    CALL,
    ANSWER,
    BATCH,
    LIST,
    HISTORY,
    MESSAGE,
    FOR_GOOD,
    ARRIVAL
  }

  final Where where;
  final double mild;
  final double harsh;

  FaultKind(Where where, double mild, double harsh) {
    this.where = where;
    this.mild = mild;
    this.harsh = harsh;
  }

  /** Whether nothing of the answer's content reaches the client. */
  boolean destroysAnswer() {
    return switch (this) {
      case DISCONNECT,
          TRUNCATED_LENGTH,
          TRUNCATED_CHUNKS,
          TRUNCATED_GZIP,
          HTML_200,
          HTML_502,
          MALFORMED_JSON ->
          true;
      default -> false;
    };
  }
}
