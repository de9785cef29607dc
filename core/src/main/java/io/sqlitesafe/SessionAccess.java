package io.sqlitesafe;

import io.sqlitesafe.db.BusyRetry;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.owner.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a session's operations to the database, each of which can be stopped. For one
 * operation at a time, but for {@link #stop}.
 */
final class SessionAccess {
  private final Path name;
  private volatile Settings settings;
  private volatile Cancellation cancellation = new Cancellation();

  SessionAccess(Path name, Settings settings) {
    this.name = name;
    this.settings = settings;
  }

  /** How long operations wait for the locks of others from now on. */
  void setPatience(Duration value) {
    settings = settings.withPatience(value);
  }

  /** An operation begins: what stopped those before it is over. */
  void renew() {
    cancellation = new Cancellation();
  }

  /** Stops the present operation where it waits. From any thread. */
  void stop() {
    cancellation.request(ErrorKind.INTERRUPTED);
  }

  void throwIfStopped() {
    cancellation.throwIfRequested();
  }

  Site open() {
    return SafeDatabase.site(name, settings.withCancellation(cancellation));
  }

  /**
   * Runs again and again while SQLite's own locks are busy. In slices, because SQLite's waiting
   * cannot be interrupted.
   */
  <T extends @Nullable Object> T patiently(Supplier<T> attempt) {
    return BusyRetry.inSlices(settings.patience(), cancellation, attempt);
  }

  void patiently(Runnable attempt) {
    patiently(
        () -> {
          attempt.run();
          return true;
        });
  }
}
