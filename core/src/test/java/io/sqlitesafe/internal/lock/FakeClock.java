package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import java.time.Duration;

/** Time that passes only when somebody sleeps in it, or when a test says so. */
final class FakeClock implements Clock {
  private long nanos = 1_000_000_000L;
  private long suspendedNanos;
  private Duration slept = Duration.ZERO;

  @Override
  public synchronized long nanoTime() {
    return nanos;
  }

  @Override
  public synchronized long wallMillis() {
    return 1_700_000_000_000L + (nanos + suspendedNanos) / 1_000_000;
  }

  @Override
  public synchronized void sleep(Duration time, Cancellation cancellation) {
    cancellation.throwIfRequested();
    slept = slept.plus(time);
    nanos += time.toNanos();
  }

  /** The machine was suspended: the monotonic clock stood still. */
  synchronized void suspend(Duration time) {
    suspendedNanos += time.toNanos();
  }

  synchronized Duration slept() {
    return slept;
  }
}
