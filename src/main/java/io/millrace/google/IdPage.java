package io.millrace.google;

import java.util.List;

/**
 * A page of a listing. May be empty and yet have a successor; may repeat ids.
 *
 * @param ids in no documented order
 * @param nextPageToken null on the last page
 * @param estimate Google's estimate of all results, often far off
 */
public record IdPage(List<MessageRef> ids, String nextPageToken, long estimate) {}
