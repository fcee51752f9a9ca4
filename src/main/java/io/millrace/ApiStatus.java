package io.millrace;

/** What the commands that ask a running Millrace return, told in the help of each. */
final class ApiStatus {
  static final String FOOTER =
      "Exit status: 0 done, 1 failed, 2 wrong call, 3 not reachable or not let in.";

  private ApiStatus() {}
}
