package io.millrace.pipeline;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Undoes the compression of stored payloads, one after the other. Not thread-safe. */
final class Inflate implements AutoCloseable {
  /** More than any answer that is accepted can hold. */
  private static final int MOST_BYTES = 64 << 20;

  private final Inflater inflater = new Inflater();
  private final byte[] chunk = new byte[16 << 10];

  /** The text that was compressed; nothing, if it is damaged. */
  byte[] of(byte[] deflated) {
    if (deflated.length == 0) {
      return deflated;
    }
    try {
      inflater.reset();
      inflater.setInput(deflated);
      ByteArrayOutputStream out = new ByteArrayOutputStream(deflated.length * 4);
      while (!inflater.finished() && out.size() < MOST_BYTES) {
        int n = inflater.inflate(chunk);
        if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          break;
        }
        out.write(chunk, 0, n);
      }
      return out.toByteArray();
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
