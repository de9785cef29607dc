package io.sqlitesafe;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How an optimistic write is tried again after a conflict.
 *
 * @param attempts in total, at least one
 * @param firstPause upper bound of the random pause after the first conflict; it doubles from one
 *     to the next
 * @param longestPause upper bound of all pauses
 */
public record RetryPolicy(int attempts, Duration firstPause, Duration longestPause) {
  /** Five attempts, pauses from 20 ms up to 1 s. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(5, Duration.ofMillis(20), Duration.ofSeconds(1));

  public RetryPolicy {
    if (attempts < 1) {
      throw new IllegalArgumentException("at least one attempt");
    }
  }

  /** A random pause, so that those who met once do not meet again. */
  Duration pauseAfter(int attempt) {
    long bound = firstPause.toMillis() << Math.min(attempt - 1, 20);
    return Duration.ofMillis(
        ThreadLocalRandom.current().nextLong(Math.min(bound, longestPause.toMillis()) + 1));
  }
}
