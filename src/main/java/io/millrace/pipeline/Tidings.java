package io.millrace.pipeline;

import io.millrace.google.MessageData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a transaction of a sync has done to mail, told to a {@link MailWatch} when it has ended.
 * Used on the run's context.
 */
final class Tidings {
  private static final Duration RECENT = Duration.ofDays(7);
  private static final int MOST_THREADS = 20;

  private final MailWatch watch;
  private final long user;
  private final Set<String> changed = new LinkedHashSet<>();
  private final List<MessageData> recent = new ArrayList<>();

  Tidings(MailWatch watch, long user) {
    this.watch = watch;
    this.user = user;
  }

  void changed(List<String> ids) {
    changed.addAll(ids);
  }

  void stored(List<MessageData> mail) {
    long since = System.currentTimeMillis() - RECENT.toMillis();
    mail.stream().filter(m -> m.internalDate() >= since).forEach(recent::add);
  }

  /** A change whose commit failed may have been made all the same. */
  void tell(boolean committed) {
    if (!changed.isEmpty()) {
      watch.changed(user, List.copyOf(changed));
    }
    if (committed && !recent.isEmpty()) {
      watch.arrived(
          user,
          recent.stream()
              .sorted(Comparator.comparingLong(MessageData::internalDate).reversed())
              .map(MessageData::threadId)
              .distinct()
              .limit(MOST_THREADS)
              .toList());
    }
    changed.clear();
    recent.clear();
  }
}
