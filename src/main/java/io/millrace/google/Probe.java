package io.millrace.google;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Predicate;

/**
 * Finds out whether nothing at all can be fetched from a mailbox or only certain messages cannot,
 * by fetching some others.
 */
final class Probe {
  private static final int MESSAGES = 5;

  private Probe() {}

  /**
   * Probes once.
   *
   * @param suspect ids that are left out
   * @return whether one of the others came; fails like {@link GmailClient#fetch}
   */
  static Future<Boolean> othersCome(
      GmailClient client, long user, CallScope scope, Predicate<String> suspect) {
    return client
        .list(user, MESSAGES, null, false, null, List.of())
        .compose(
            page -> {
              List<String> others =
                  page.ids().stream().map(MessageRef::id).filter(id -> !suspect.test(id)).toList();
              return others.isEmpty()
                  ? Future.succeededFuture(false)
                  : client
                      .fetch(user, others, MessageFormat.MINIMAL, scope)
                      .map(result -> anyOf(client, result));
            });
  }

  private static boolean anyOf(GmailClient client, FetchResult result) {
    boolean any = false;
    for (PartResult part : result.parts()) {
      if (part.data() != null) {
        client.release(part.data());
        any = true;
      }
    }
    return any;
  }
}
