package io.millrace.google;

import java.util.List;

/**
 * The answer to one request for messages.
 *
 * @param parts one for each id that was fetched, in the order asked: the first of those given,
 *     perhaps not all of them, at least one
 */
public record FetchResult(List<PartResult> parts) {
  static FetchResult allFailed(List<String> ids, GoogleFailure failure) {
    return new FetchResult(
        ids.stream().map(id -> new PartResult(id, null, failure, true)).toList());
  }
}
