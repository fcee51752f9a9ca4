package io.millrace.google;

import java.time.Instant;
import java.util.List;

/**
 * Hears of every call to Google, for those who count: metrics and the cost per user. Called on the
 * callers' event loops; must neither block nor throw.
 */
public interface CallWatch {
  /** The methods that {@link #answered} names: there are no others. */
  List<String> METHODS =
      List.of(
          "profile",
          "watch",
          "list",
          "get",
          "attachment",
          "thread",
          "history",
          "batch",
          "token",
          "other");

  /** The classes of answers that {@link #answered} names: there are no others. */
  List<String> ANSWERS =
      List.of(
          "ok",
          "unauthorized",
          "forbidden",
          "not_found",
          "throttled",
          "refused",
          "failed",
          "no_answer");

  /**
   * Calls are about to be written.
   *
   * @param calls parts of batches counted singly
   * @param units what they cost
   */
  default void called(long user, int calls, int units) {}

  /** Bytes of an answer's body have come, compressed as they are. */
  default void received(long user, long bytes) {}

  /** Google refused for lack of quota or concurrency; parts of batches counted singly. */
  default void throttled(int refusals) {}

  /**
   * A request has ended.
   *
   * @param method one of {@link #METHODS}
   * @param answer one of {@link #ANSWERS}
   * @param nanos from writing it to the end of its answer
   */
  default void answered(String method, String answer, long nanos) {}

  /**
   * The service fails too often and is left alone, or it answers again.
   *
   * @param until when it is tried again; null if it answers
   */
  default void leftAlone(Instant until) {}

  /** The class of a status; 0 for no answer. */
  static String answer(int status) {
    return switch (status) {
      case 0 -> "no_answer";
      case 401 -> "unauthorized";
      case 403 -> "forbidden";
      case 404 -> "not_found";
      case 429 -> "throttled";
      default -> status >= 500 ? "failed" : status >= 400 ? "refused" : "ok";
    };
  }
}
