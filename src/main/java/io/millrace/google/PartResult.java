package io.millrace.google;

/**
 * What became of one id of a fetch: either data or a failure.
 *
 * @param id as asked for
 * @param data null if it failed
 * @param failure null if it did not
 * @param requestWide true if the whole request failed, so that the failure says nothing about this
 *     id in particular
 */
public record PartResult(String id, MessageData data, GoogleFailure failure, boolean requestWide) {
  static PartResult of(MessageData data) {
    return new PartResult(data.id(), data, null, false);
  }

  static PartResult failed(String id, GoogleFailure failure) {
    return new PartResult(id, null, failure, false);
  }
}
