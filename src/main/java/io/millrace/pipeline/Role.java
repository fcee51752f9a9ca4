package io.millrace.pipeline;

/** The header in which a participant stands. */
enum Role {
  FROM,
  SENDER,
  REPLY_TO,
  TO,
  CC,
  BCC;

  /** Whether the message was addressed to whoever stands here. */
  boolean recipient() {
    return this == TO || this == CC || this == BCC;
  }

  /** Whether whoever stands here wrote the message or speaks for its writer. */
  boolean author() {
    return !recipient();
  }
}
