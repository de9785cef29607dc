package io.sqlitesafe.internal.lock;

import java.time.Duration;

/**
 * The manners of a process that writes in a loop: it would otherwise win every race against those
 * who poll. After a release that others cannot have noticed yet, it lets them in first.
 * Thread-safe.
 */
public final class Courtesy {
  /** Releases that are longer ago than this have been noticed by everybody. */
  private static final Duration JUST_NOW = Duration.ofMillis(20);

  private boolean released;
  private long releasedNanos;

  /** The lock was released. */
  public synchronized void noteRelease() {
    released = true;
    releasedNanos = System.nanoTime();
  }

  private synchronized boolean isJustReleased() {
    return released && System.nanoTime() - releasedNanos < JUST_NOW.toNanos();
  }

  /** Before the lock is taken again: pauses if others wait who cannot have noticed. */
  public void letOthersIn(LockManager manager) {
    if (isJustReleased()) {
      manager.yieldToWaiters();
    }
  }
}
