package io.millrace.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * What an answer tells its client, counted only if the whole answer went out. One request, one
 * thread at a time.
 */
final class Tally {
  private record Delivery(Mailbox mailbox, int index) {}

  private final List<Delivery> deliveries = new ArrayList<>();
  private int throttled;

  void refused(GoogleError error) {
    throttled += error.throttles() ? 1 : 0;
  }

  void delivers(Mailbox mailbox, int index) {
    deliveries.add(new Delivery(mailbox, index));
  }

  boolean refusesNothing() {
    return throttled == 0;
  }

  /** Adds what another answer tells, as a part of this one. */
  void add(Tally part) {
    throttled += part.throttled;
    deliveries.addAll(part.deliveries);
  }

  /** Counts it: just before the answer is handed over, so that no client can know it sooner. */
  void commit(Meter meter) {
    meter.throttled.add(throttled);
    meter.messagesDelivered.add(deliveries.size());
    for (Delivery delivery : deliveries) {
      delivery.mailbox.markDelivered(delivery.index, true);
    }
  }

  /** Takes it back: the client had gone. */
  void undo(Meter meter) {
    meter.throttled.add(-throttled);
    meter.messagesDelivered.add(-deliveries.size());
    for (Delivery delivery : deliveries) {
      delivery.mailbox.markDelivered(delivery.index, false);
    }
  }
}
