package io.millrace.sim;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A mailbox that is a function of its seed and of a message's index, so its size costs no memory.
 * It begins on a fixed day and reaches back at most twelve years.
 */
final class GeneratedStore implements MailStore {
  private static final long NEWEST = Instant.parse("2026-11-20T12:00:00Z").toEpochMilli();
  private static final long LONGEST_STEP = 36 * 60_000L;
  private static final long SPAN = 12L * 365 * 86_400_000;

  /** Of so many messages one is spam or trash. */
  private static final int ASIDE = 33;

  private static final int MOST_ARRIVALS = 1_000_000;

  private final long key;
  private final String email;
  private final int size;
  private final long newest;
  private final long step;
  private final Permutation ids;
  private final ThreadLayout threads;

  GeneratedStore(long key, String email, int size) {
    this(key, email, size, NEWEST, false);
  }

  /** A mailbox of which a plain list shows so many messages; spam and trash come on top. */
  static GeneratedStore listing(long key, String email, int messages, boolean unthreaded) {
    return new GeneratedStore(key, email, messages + messages / (ASIDE - 1), NEWEST, unthreaded);
  }

  GeneratedStore(long key, String email, int size, long newest, boolean unthreaded) {
    this.key = key;
    this.email = email;
    this.size = size;
    this.newest = newest;
    this.step = Math.max(1, Math.min(LONGEST_STEP, SPAN / Math.max(1, size)));
    this.ids = new Permutation(Hash.of(key, 1));
    this.threads = new ThreadLayout(Hash.of(key, 2), size, unthreaded);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long id(int index) {
    return ids.apply(index);
  }

  @Override
  public int index(long id) {
    long index = ids.invert(id);
    return index >= -MOST_ARRIVALS && index < size ? (int) index : NONE;
  }

  @Override
  public int[] thread(int index) {
    return index < 0 ? new int[] {index} : threads.members(index);
  }

  @Override
  public int threadCount() {
    return threads.count();
  }

  @Override
  public long date(int index) {
    long jitter = Math.floorMod(seed(index), step);
    return (newest - index * step - jitter) / 1000 * 1000;
  }

  @Override
  public List<String> labels(int index) {
    Draw draw = new Draw(seed(index) + 1000);
    if (index < 0) {
      return List.of("UNREAD", "CATEGORY_PERSONAL", "INBOX");
    }
    List<String> labels = new ArrayList<>(4);
    if (index % ASIDE == ASIDE - 1) {
      labels.add(draw.chance(.25) || thread(index).length > 1 ? "TRASH" : "SPAM");
    } else if (sent(index)) {
      labels.add("SENT");
    } else {
      addReceived(labels, draw);
    }
    return labels;
  }

  private static void addReceived(List<String> labels, Draw draw) {
    if (draw.chance(.1)) {
      labels.add("UNREAD");
    }
    if (draw.chance(.2)) {
      labels.add("IMPORTANT");
    }
    if (draw.chance(.03)) {
      labels.add("STARRED");
    }
    labels.add(draw.pick(CATEGORIES));
    if (draw.chance(.15)) {
      labels.add("Label_" + (1 + draw.below(USER_LABELS.size())));
    }
    if (draw.chance(.7)) {
      labels.add("INBOX");
    }
  }

  @Override
  public List<String> userLabels() {
    return USER_LABELS;
  }

  @Override
  public Mail mail(int index) {
    return new GeneratedMail(this, index);
  }

  @Override
  public boolean blocking() {
    return false;
  }

  @Override
  public int searchSpan() {
    return 20_000;
  }

  @Override
  public void close() {}

  long seed(int index) {
    return Hash.of(key, 3, index);
  }

  String email() {
    return email;
  }

  long key() {
    return key;
  }

  /** Whether the mailbox's owner wrote it. */
  boolean sent(int index) {
    return index >= 0 && Hash.unit(Hash.mix(seed(index))) < .2;
  }

  private static final List<String> CATEGORIES =
      List.of(
          "CATEGORY_PERSONAL",
          "CATEGORY_PERSONAL",
          "CATEGORY_UPDATES",
          "CATEGORY_PROMOTIONS",
          "CATEGORY_SOCIAL",
          "CATEGORY_FORUMS");
  private static final List<String> USER_LABELS =
      List.of("Customers", "Customers/Contracts", "Travel", "Rechnungen", "Team", "À lire");
}
