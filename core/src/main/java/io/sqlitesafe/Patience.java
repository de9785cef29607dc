package io.sqlitesafe;

import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for SQLite's own locks on a connection that outlives the operations that can be stopped, as
 * a session's does: what stops a connection's waiting is fixed when it is opened, so each of its
 * waits is short, and there are many.
 */
final class Patience {
  /** The busy timeout of each attempt. */
  static final Duration SLICE = Duration.ofMillis(100);

  private Patience() {}

  /**
   * Attempts until it is not busy.
   *
   * @param patience for how long; null = for ever
   * @throws SqliteSafeException that of the last attempt, or of the cancellation
   */
  static <T extends @Nullable Object> T run(
      @Nullable Duration patience, Cancellation cancellation, Supplier<T> attempt) {
    long started = System.nanoTime();
    while (true) {
      try {
        return attempt.get();
      } catch (SqliteSafeException e) {
        boolean busy = e.getCause() instanceof SQLException sql && SqlErrors.isBusy(sql);
        boolean over = patience != null && System.nanoTime() - started >= patience.toNanos();
        if (!busy || over) {
          throw e;
        }
      }
      cancellation.sleep(Duration.ofMillis(ThreadLocalRandom.current().nextLong(1, 10)));
    }
  }
}
