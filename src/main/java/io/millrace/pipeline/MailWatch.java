package io.millrace.pipeline;

import io.millrace.store.MessageCache;
import java.util.Collection;
import java.util.List;

/** Is told what syncs have committed. Called on their contexts; must not block. */
interface MailWatch {
  /** Labels or existence of messages were changed, or may have been. */
  void changed(long user, Collection<String> ids);

  /** Recent messages of some threads were stored, the newest first. */
  void arrived(long user, List<String> threads);

  /** Keeps a cache true and warm. */
  static MailWatch of(MessageCache cache) {
    return new MailWatch() {
      @Override
      public void changed(long user, Collection<String> ids) {
        cache.changed(user, ids);
      }

      @Override
      public void arrived(long user, List<String> threads) {
        cache.warm(user, threads);
      }
    };
  }
}
