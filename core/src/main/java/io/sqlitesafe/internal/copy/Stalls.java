package io.sqlitesafe.internal.copy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Measures for how long a copy keeps writers waiting: from taking what they need (SQLite's SHARED
 * lock on a file with a rollback journal, or the lock of the protocol) until giving it back. One
 * thread.
 */
public final class Stalls {
  private static final long NONE = -1;

  private final @Nullable Duration bound;
  private long begun = NONE;
  private long longestNanos;

  /**
   * @param bound how long a writer may have to wait; null = as long as it takes
   */
  public Stalls(@Nullable Duration bound) {
    this.bound = bound;
  }

  @Nullable Duration bound() {
    return bound;
  }

  /** From now on writers wait; a second call before {@link #end} changes nothing. */
  void begin() {
    if (begun == NONE) {
      begun = System.nanoTime();
    }
  }

  void end() {
    if (begun != NONE) {
      longestNanos = Math.max(longestNanos, System.nanoTime() - begun);
      begun = NONE;
    }
  }

  /** Writers have been waiting for longer than they may. */
  boolean overdue() {
    return bound != null && begun != NONE && System.nanoTime() - begun > bound.toNanos();
  }

  /** The longest wait so far. */
  public Duration longest() {
    return Duration.ofNanos(longestNanos);
  }

  /** How long a short turn may take: so short that nobody minds, and within the bound. */
  Duration turn() {
    Duration usual = Duration.ofMillis(20);
    if (bound == null || bound.compareTo(usual.multipliedBy(2)) > 0) {
      return usual;
    }
    return bound.dividedBy(2);
  }
}
