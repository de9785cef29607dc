package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt does while the lock is another's: it shows that it waits, and has itself woken by
 * the release where the file system can do that. Not loaded by who gets the lock at once. For one
 * thread.
 */
public final class Waiting implements AutoCloseable {
  /** A third of the time for which a waiter counts that does not write again. */
  private static final Duration BEAT = Duration.ofSeconds(5);

  private final WaiterDirectory waiters;
  private final LockToken token;
  private final Clock clock;
  private final @Nullable ReleaseWatch watch;
  private final boolean shown;
  private OwnerRecord record;
  private long lastBeat;

  /** Begins; the caller tries once more before it waits. */
  Waiting(
      LockDirectory directory,
      WaiterDirectory waiters,
      LockToken token,
      OwnerRecord record,
      Clock clock) {
    this.waiters = waiters;
    this.token = token;
    this.record = record;
    this.clock = clock;
    this.lastBeat = clock.nanoTime();
    this.watch = directory.isUncached() ? ReleaseWatch.of(directory.paths()) : null;
    this.shown = waiters.show(token, record);
  }

  /** What wakes it; null where only looking again helps. */
  @Nullable ReleaseWatch watch() {
    return watch;
  }

  /** Before each pause. */
  void beat() {
    if (shown && clock.nanoTime() - lastBeat > BEAT.toNanos()) {
      lastBeat = clock.nanoTime();
      record = record.updatedAt(clock.timestamp());
      waiters.beat(token, record);
    }
  }

  @Override
  public void close() {
    if (shown) {
      waiters.hide(token);
    }
    if (watch != null) {
      watch.close();
    }
  }
}
