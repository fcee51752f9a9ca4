package io.millrace.sim;

import java.nio.file.Path;

/** Not yet. */
final class MboxStore {
  private MboxStore() {}

  @SuppressWarnings("DoNotCallSuggester")
  static MailStore open(Path path, long key, String email) {
    throw new SimException("The mbox " + path + " cannot be read yet.", null);
  }
}
