package io.millrace;

/** Entry point. */
public final class Main {
  private Main() {}

  /** Runs. */
  public static void main(String[] args) {}
}
