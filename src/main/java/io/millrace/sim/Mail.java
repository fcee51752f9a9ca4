package io.millrace.sim;

import java.util.List;

/** The content of one message. Each method may be the only one that is called, so each is lazy. */
interface Mail {
  String mimeType();

  List<Header> headers();

  String snippet();

  int sizeEstimate();

  Part payload();

  /** The message as RFC 822 text. */
  byte[] raw();
}
