package io.sqlitesafe.lock;

import java.time.Duration;

/**
 * The protocol's times (section 6).
 *
 * @param heartbeatInterval how often a holder beats; at least 1 s
 * @param staleAfter how long a silent holder is waited for; at least 10 s and 4 intervals
 */
public record LockTimes(Duration heartbeatInterval, Duration staleAfter) {
  /** 10 s and 120 s. */
  public static final LockTimes DEFAULT =
      new LockTimes(Duration.ofSeconds(10), Duration.ofSeconds(120));

  public LockTimes {
    if (heartbeatInterval.compareTo(Duration.ofSeconds(1)) < 0
        || heartbeatInterval.compareTo(Duration.ofMinutes(10)) > 0) {
      throw new IllegalArgumentException("the heartbeat interval must lie between 1s and 10m");
    }
    if (staleAfter.compareTo(Duration.ofSeconds(10)) < 0
        || staleAfter.compareTo(Duration.ofHours(1)) > 0
        // In milliseconds: Duration multiplies and divides by BigDecimal, whose first use costs a
        // short
        // process as much as its transaction.
        || staleAfter.toMillis() < 4 * heartbeatInterval.toMillis()) {
      throw new IllegalArgumentException(
          "the stale limit must lie between 10s and 1h and be at least 4 heartbeat intervals");
    }
  }

  /**
   * How long evidence that points to a dead owner, but does not prove it, must stay uncontradicted:
   * long enough for a living holder to beat twice.
   */
  public Duration confirm(Duration holdersInterval) {
    Duration slower =
        heartbeatInterval.compareTo(holdersInterval) > 0 ? heartbeatInterval : holdersInterval;
    return slower.multipliedBy(2).plusSeconds(2);
  }

  /**
   * How long a reservation is left alone. Safety does not hang on it (whoever is slow between A2
   * and A3 is evicted, and finds out by its CHECK); it must be shorter than the usual wait, or a
   * process killed in that gap would lock everybody out.
   */
  public Duration emptyGrace() {
    return Duration.ofSeconds(10);
  }

  /** A holder that has not beaten for this long must prove its ownership anew before it goes on. */
  public Duration gap() {
    return Duration.ofMillis(staleAfter.toMillis() / 2);
  }
}
