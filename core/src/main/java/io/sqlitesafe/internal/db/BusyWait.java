package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import java.time.Duration;
import org.sqlite.BusyHandler;

/**
 * Waits for SQLite's locks so that it can be stopped. SQLite's own waiting (sqlite3_busy_timeout)
 * sleeps on whatever happens: sqlite3_interrupt ends running statements only, so that a signal
 * would have to wait with it. A wait that was stopped ends as busy; {@link Cancellation#instead}
 * tells what it was.
 */
final class BusyWait extends BusyHandler {
  private static final long LONGEST_MS = 25;

  private volatile Cancellation cancellation;
  private volatile Duration patience;
  private long began;

  BusyWait(Cancellation cancellation, Duration patience) {
    this.cancellation = cancellation;
    this.patience = patience;
  }

  Duration patience() {
    return patience;
  }

  /** For how long to wait from now on, and what stops it. */
  void resume(Duration value, Cancellation by) {
    patience = value;
    cancellation = by;
  }

  /** For how long to wait from now on. */
  void setPatience(Duration value) {
    patience = value;
  }

  @Override
  protected int callback(int earlier) {
    long now = System.nanoTime();
    if (earlier == 0) {
      began = now;
    }
    long left = (patience.toNanos() - (now - began)) / 1_000_000;
    if (left <= 0) {
      return 0;
    }
    // Doubled from 1 ms on: most locks of SQLite's are held shortly.
    long pause = Math.min(LONGEST_MS, 1L << Math.min(earlier, 10));
    try {
      cancellation.sleep(Duration.ofMillis(Math.min(left, pause)));
      return 1;
    } catch (SqliteSafeException stopped) {
      return 0; // an exception must not go through SQLite's code
    }
  }
}
