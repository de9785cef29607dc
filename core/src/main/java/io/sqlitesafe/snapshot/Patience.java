package io.sqlitesafe.snapshot;

import io.sqlitesafe.db.SqlErrors;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Waits for SQLite's locks in slices: while SQLite itself waits for one it cannot be interrupted,
 * and a signal would have to wait with it.
 */
final class Patience {
  private static final Duration SLICE = Duration.ofMillis(500);

  private final Source source;
  private final long deadline;

  private Patience(Source source) {
    this.source = source;
    this.deadline = System.nanoTime() + source.patience().toNanos();
  }

  /** Begins now. */
  static Patience of(Source source) {
    return new Patience(source);
  }

  /** The busy timeout of a connection that is waited for in slices. */
  static Duration slice(Source source) {
    return SLICE.compareTo(source.patience()) < 0 ? SLICE : source.patience();
  }

  /** SQL that may be busy. */
  interface Statement {
    void run() throws SQLException;
  }

  /** Runs until it is not busy, or patience is at its end. */
  void run(Statement statement) throws SQLException {
    while (true) {
      try {
        statement.run();
        return;
      } catch (SQLException e) {
        source.cancellation().throwIfRequested();
        if (!SqlErrors.isBusy(e) || System.nanoTime() >= deadline) {
          throw e;
        }
      }
    }
  }
}
