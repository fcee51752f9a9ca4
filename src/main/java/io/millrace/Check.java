package io.millrace;

/**
 * What the doctor found out about one thing.
 *
 * @param name of the thing
 * @param ok whether nothing need be done
 * @param message what was found, and what to do if it is not ok
 */
record Check(String name, boolean ok, String message) {
  static Check ok(String name, String message) {
    return new Check(name, true, message);
  }

  static Check bad(String name, String message) {
    return new Check(name, false, message);
  }

  /** One line for a person. */
  String line() {
    return name + ": " + (ok ? "ok" : "NOT OK") + " (" + message.replace('\n', ' ') + ")";
  }
}
