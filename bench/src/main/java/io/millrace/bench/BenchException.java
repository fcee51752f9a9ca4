package io.millrace.bench;

/** A benchmark could not be brought to its end; the message is a sentence for a person. */
final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  BenchException(String sentence) {
    super(sentence);
  }
}
