package io.millrace.sim;

/**
 * Counts units and calls in flight, and refuses as Gmail does. What is refused costs nothing but is
 * remembered as attempted. All methods may be called from any thread; they hold one lock briefly.
 */
final class Quota {
  private static final double MINUTE = 60;
  private static final double DAY = 86_400;
  private static final double SHUT_OUT = 900;

  /** So many refused requests within a minute, and the user is shut out. */
  static final int VIOLATIONS = 10;

  private final QuotaProfile profile;
  private final SimClock clock;
  private final int wall;
  private final SlidingWindow accepted;
  private final SlidingWindow attempted;
  private final SlidingWindow elsewhere;
  private final SlidingWindow day;
  private long spent;
  private long maxUserMinute;

  Quota(QuotaProfile profile, SimClock clock, int wall) {
    this.profile = profile;
    this.clock = clock;
    this.wall = profile.limited() ? wall : Integer.MAX_VALUE;
    this.accepted = minute();
    this.attempted = minute();
    this.elsewhere = minute();
    this.day = new SlidingWindow(clock.span(DAY), clock.span(DAY) / 100_000);
  }

  /** What is known of one user. */
  final class User {
    private final SlidingWindow accepted = minute();
    private final SlidingWindow attempted = minute();
    private final SlidingWindow violations = new SlidingWindow(clock.span(MINUTE), 0);
    private long spent;
    private int inFlight;
    private boolean closed;
    private long closedUntil;
    private double closedFor;
    private boolean otherForm;
  }

  /** One request as it arrives, with one call or many. */
  static final class Arrival {
    private boolean violated;
  }

  User user() {
    return new User();
  }

  /** Accepts a call, which is then in flight until released, or says why not. */
  synchronized GoogleError admit(User user, ApiMethod method, Arrival arrival) {
    int units = profile.units(method);
    long now = clock.now();
    user.attempted.add(now, units);
    attempted.add(now, units);
    maxUserMinute = Math.max(maxUserMinute, user.attempted.max());
    if (user.closed && now < user.closedUntil) {
      return shutOut(user, user.closedFor);
    }
    user.closed = false;
    if (user.inFlight >= wall) {
      return GoogleError.CONCURRENT;
    }
    if (user.accepted.sum(now) + units > profile.userMinute()) {
      return violation(user, arrival, now);
    }
    if (accepted.sum(now) + units > profile.projectMinute()) {
      return GoogleError.PROJECT_MINUTE;
    }
    if (profile.projectDay() != Long.MAX_VALUE && day.sum(now) + units > profile.projectDay()) {
      return GoogleError.DAY;
    }
    accept(user, now, units);
    user.spent += units;
    spent += units;
    user.inFlight++;
    return null;
  }

  synchronized void release(User user, int calls) {
    user.inFlight -= calls;
  }

  /** Closes the user for so many seconds; each call until then begins the wait again. */
  synchronized GoogleError shutOut(User user, double seconds) {
    user.closed = true;
    user.closedFor = seconds;
    user.closedUntil = clock.now() + clock.span(seconds);
    return GoogleError.retryAfter(clock.wall().instant().plusNanos(clock.span(seconds)));
  }

  /** Another client spends units of this user; they are not ours and not reported as ours. */
  synchronized void spendElsewhere(User user, int units) {
    long now = clock.now();
    elsewhere.add(now, units);
    accept(user, now, units);
  }

  /** Another client makes a call of this user, and is refused as anybody would be. */
  synchronized void callElsewhere(User user, ApiMethod method) {
    long now = clock.now();
    int units = profile.units(method);
    if (user.accepted.sum(now) + units <= profile.userMinute()
        && accepted.sum(now) + units <= profile.projectMinute()) {
      spendElsewhere(user, units);
    }
  }

  /**
   * What was accepted in the last minute.
   *
   * @param own units of the calls that came over the wire
   * @param elsewhere units that another client spent
   */
  record Minute(long own, long elsewhere) {}

  synchronized Minute minuteNow() {
    long now = clock.now();
    long other = elsewhere.sum(now);
    return new Minute(accepted.sum(now) - other, other);
  }

  SimClock clock() {
    return clock;
  }

  synchronized long spent() {
    return spent;
  }

  synchronized long spent(User user) {
    return user.spent;
  }

  synchronized long maxUserMinute() {
    return maxUserMinute;
  }

  synchronized long maxProjectMinute() {
    return attempted.max();
  }

  QuotaProfile profile() {
    return profile;
  }

  int wall() {
    return wall;
  }

  private void accept(User user, long now, int units) {
    user.accepted.add(now, units);
    accepted.add(now, units);
    if (profile.projectDay() != Long.MAX_VALUE) {
      day.add(now, units);
    }
  }

  private GoogleError violation(User user, Arrival arrival, long now) {
    if (!arrival.violated) {
      arrival.violated = true;
      user.violations.add(now, 1);
      if (user.violations.sum(now) >= VIOLATIONS) {
        return shutOut(user, SHUT_OUT);
      }
    }
    user.otherForm = !user.otherForm;
    return user.otherForm ? GoogleError.USER_MINUTE : GoogleError.EXHAUSTED;
  }

  private SlidingWindow minute() {
    long window = clock.span(MINUTE);
    return new SlidingWindow(window, profile.limited() ? 0 : window / 60_000);
  }
}
