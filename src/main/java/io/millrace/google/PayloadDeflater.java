package io.millrace.google;

import java.util.Arrays;
import java.util.zip.Deflater;

/** Compresses the payloads of one answer, one after the other. Not thread-safe; to be closed. */
final class PayloadDeflater implements AutoCloseable {
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
  private byte[] buffer = new byte[4096];

  byte[] deflate(byte[] bytes, int offset, int length) {
    deflater.reset();
    deflater.setInput(bytes, offset, length);
    deflater.finish();
    int filled = 0;
    while (!deflater.finished()) {
      if (filled == buffer.length) {
        buffer = Arrays.copyOf(buffer, 2 * filled);
      }
      filled += deflater.deflate(buffer, filled, buffer.length - filled);
    }
    return Arrays.copyOf(buffer, filled);
  }

  @Override
  public void close() {
    deflater.end();
  }
}
