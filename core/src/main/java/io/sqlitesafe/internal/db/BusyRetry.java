package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tries again what found SQLite's own locks busy. For one thread, and one thing to try:
 *
 * <pre>
 * for (BusyRetry retry = ...; ; ) {
 *   try {
 *     return attempt(retry.share());
 *   } catch (SqliteSafeException e) {
 *     retry.pauseOrThrow(e);
 *   }
 * }
 * </pre>
 */
public final class BusyRetry {
  /**
   * The busy timeout of each attempt of {@link #inSlices}. What stops a connection's waiting is
   * fixed when it is opened; on one that outlives the operations which can be stopped, as a
   * session's does, each wait is short, and there are many.
   */
  public static final Duration SLICE = Duration.ofMillis(100);

  private static final int LEAST_ATTEMPTS = 5;

  private final Cancellation cancellation;
  private final long deadline;
  private int left;

  /**
   * Tries a limited number of times.
   *
   * @param retries how often more than once
   * @param patience for all of them
   */
  public BusyRetry(int retries, Duration patience, Cancellation cancellation) {
    this.left = retries;
    this.deadline = System.nanoTime() + patience.toNanos();
    this.cancellation = cancellation;
  }

  private long rest() {
    return Math.max(0, deadline - System.nanoTime());
  }

  /** For how long the attempt to come may wait: the attempts share what is left. */
  public Duration share() {
    return Duration.ofNanos(rest() / (left + 1L));
  }

  /** After an attempt that failed: returns if there is to be another. */
  public void pauseOrThrow(SqliteSafeException e) {
    if (left == 0 || !SqlErrors.isBusy(e) || rest() == 0) {
      throw e;
    }
    left--;
    pause(cancellation, 50);
  }

  private static void pause(Cancellation cancellation, long atMostMillis) {
    cancellation.sleep(
        Duration.ofMillis(ThreadLocalRandom.current().nextLong(atMostMillis / 10, atMostMillis)));
  }

  /**
   * Attempts, at least once, until it is not busy.
   *
   * @param patience for how long; null = for ever
   * @throws SqliteSafeException that of the last attempt, or of the cancellation
   */
  public static <T extends @Nullable Object> T inSlices(
      @Nullable Duration patience, Cancellation cancellation, Supplier<T> attempt) {
    long started = System.nanoTime();
    while (true) {
      try {
        return attempt.get();
      } catch (SqliteSafeException e) {
        boolean over = patience != null && System.nanoTime() - started >= patience.toNanos();
        if (over || !SqlErrors.isBusy(e)) {
          throw e;
        }
      }
      pause(cancellation, 10);
    }
  }

  /**
   * Attempts a few times, and then until the patience is over, what fails because the file is
   * {@link SqlErrors#changing}.
   *
   * @param patience for how long; null = for ever
   * @throws SqliteSafeException that of the last attempt, or of the cancellation
   */
  public static <T extends @Nullable Object> T whileChanging(
      @Nullable Duration patience, Cancellation cancellation, Supplier<T> attempt) {
    long started = System.nanoTime();
    for (int attempts = 1; ; attempts++) {
      try {
        return attempt.get();
      } catch (SqliteSafeException e) {
        boolean over = patience != null && System.nanoTime() - started >= patience.toNanos();
        if (over && attempts >= LEAST_ATTEMPTS || !SqlErrors.isChanging(e)) {
          throw e;
        }
      }
      pause(cancellation, 20);
    }
  }
}
