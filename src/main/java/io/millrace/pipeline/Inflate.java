package io.millrace.pipeline;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Undoes the compression of stored payloads, one after the other. Not thread-safe. */
final class Inflate implements AutoCloseable {
  /** More than any answer that is accepted can hold. */
  private static final int MOST_BYTES = 64 << 20;

  private final Inflater inflater = new Inflater();
  private byte[] buffer = new byte[64 << 10];

  /** The text that was compressed; nothing, if it is damaged. */
  byte[] of(byte[] deflated) {
    if (deflated.length == 0) {
      return deflated;
    }
    try {
      inflater.reset();
      inflater.setInput(deflated);
      int length = 0;
      while (!inflater.finished() && length < MOST_BYTES) {
        if (length == buffer.length) {
          buffer = Arrays.copyOf(buffer, 2 * length);
        }
        int n = inflater.inflate(buffer, length, buffer.length - length);
        if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          break;
        }
        length += n;
      }
      return Arrays.copyOf(buffer, length);
    } catch (DataFormatException e) {
      // Our own bytes, so only a damaged disk can bring us here; the normaliser notes what is
      // missing.
      return new byte[0];
    }
  }

  @Override
  public void close() {
    inflater.end();
  }
}
