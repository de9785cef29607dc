package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt does while the lock is another's: it shows that it waits, and has itself woken by
 * the release where the file system can do that. Not loaded by who gets the lock at once. For one
 * thread.
 *
 * <p>A release wakes the one who has waited for longest. The others look now and then whether that
 * has become them, and less often the more there are before them: if all were woken each time, they
 * would take the processor from the one who has work to do. It is no queue: whoever comes while the
 * lock is free has it, and so has whoever sees it free twice, for the first one may be stopped.
 */
public final class Waiting implements AutoCloseable, Polling.Waker {
  /** A third of the time for which a waiter counts that does not write again. */
  private static final Duration BEAT = Duration.ofSeconds(5);

  /** What each one ahead costs: less than a turn of theirs. */
  private static final int STEP_MILLIS = 8;

  private static final int MOST_STEPS = 8;

  private final LockDirectory directory;
  private final WaiterDirectory waiters;
  private final LockToken token;
  private final Clock clock;
  private final boolean shown;
  private OwnerRecord record;
  private long lastBeat;

  /** Null where only looking again helps, and before it is this one's turn. */
  private @Nullable ReleaseWatch watch;

  private boolean watchable;

  /** Begins; the caller tries once more before it waits. */
  Waiting(
      LockDirectory directory,
      WaiterDirectory waiters,
      LockToken token,
      OwnerRecord record,
      Clock clock) {
    this.directory = directory;
    this.waiters = waiters;
    this.token = token;
    this.record = record;
    this.clock = clock;
    this.lastBeat = clock.nanoTime();
    this.watchable = directory.isUncached();
    this.shown = waiters.show(token, record);
    if (isFirst()) {
      startWatch();
    }
  }

  private boolean isFirst() {
    return watchable && (!shown || waiters.ahead(token, record) == 0);
  }

  private void startWatch() {
    watch = ReleaseWatch.of(directory.paths());
    watchable = watch != null;
  }

  /** What wakes it; null where it is not the first. */
  @Nullable ReleaseWatch watch() {
    return watch;
  }

  /** Waits until there is some hope; or gives up where the patience has ended. */
  void outwait(Obstacle obstacle, Polling polling) {
    beat();
    if (watch != null || !watchable) {
      obstacle.outwait(polling, watch);
      return;
    }
    obstacle.outwait(polling, this);
    if (isFirst()) {
      startWatch(); // what was released before it is found by the attempt to come
    }
  }

  /** Of who is not the first. */
  @Override
  public void await(Duration most, Cancellation cancellation) {
    long end = clock.nanoTime() + most.toNanos();
    boolean free = false;
    do {
      int ahead = waiters.ahead(token, record);
      if (ahead == 0) {
        return;
      }
      int steps = Math.min(ahead, MOST_STEPS);
      clock.sleep(Duration.ofMillis((long) STEP_MILLIS * steps), cancellation);
      boolean was = free;
      free = directory.presence() == null;
      if (free && was) {
        return;
      }
    } while (clock.nanoTime() < end);
  }

  private void beat() {
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
