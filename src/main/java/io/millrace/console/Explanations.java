package io.millrace.console;

import java.util.Map;

/** What a failure means to somebody who has never read the code, and what to do about it. */
final class Explanations {
  /**
   * In plain words.
   *
   * @param meaning what happened
   * @param remedy what to do
   */
  record Explanation(String meaning, String remedy) {}

  private static final Explanation UNKNOWN =
      new Explanation(
          "The job failed in a way that has no class.",
          "Read the error and the attempts of one of them; redrive it when the cause is gone.");

  private static final Map<String, Explanation> BY_CLASS =
      Map.of(
          "transient",
          new Explanation(
              "It failed again and again in a way that usually passes: a cut connection or a service that was down.",
              "See whether the other side is well again; then redrive."),
          "permanent",
          new Explanation(
              "It fails the same way however often it is tried.",
              "Correct the payload or the code first; redriving alone does not help."),
          "rateLimit",
          new Explanation(
              "The other side said again and again that it is asked too fast.",
              "See under limits what slows it down and who else spends its quota; redrive later."),
          "quota",
          new Explanation(
              "What may be used in a minute or a day was used up for too long.",
              "Wait until the quota is renewed, or get more of it; then redrive."),
          "timeout",
          new Explanation(
              "It took longer than it may, every time.",
              "Raise kinds.<kind>.timeoutMs if the work is that large, else find what hangs; then redrive."),
          "database",
          new Explanation(
              "The database was away, full, or had others to serve first.",
              "See that the database is well and has room; then redrive."),
          "authentication",
          new Explanation(
              "It was not let in: a grant has ended, or a password was changed.",
              "Connect the mailbox again or renew the secret; then redrive."),
          "data",
          new Explanation(
              "What was read or written makes no sense, and will make none next time.",
              "Edit the payload, or purge it if nobody needs it."),
          "lost",
          new Explanation(
              "The process that ran it died, more often than is allowed.",
              "Look for what ends the process, such as too little memory; redrive one and watch it."));

  private Explanations() {}

  /**
   * What a dead letter means.
   *
   * @param failure the class of its last failure, or null
   * @param reason why it is dead, which tells where there is no class
   */
  static Explanation of(String failure, String reason) {
    Explanation known = failure == null ? null : BY_CLASS.get(failure);
    return known != null ? known : BY_CLASS.getOrDefault(String.valueOf(reason), UNKNOWN);
  }
}
