package io.millrace;

/**
 * A value that is never shown. Its text is reached only by {@link #reveal}.
 *
 * @param source the variable or file that it came from, fit to be shown
 */
public record Secret(String source, String reveal) {
  @Override
  public String toString() {
    return "Secret[from " + source + "]";
  }
}
