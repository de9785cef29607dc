package io.sqlitesafe.internal.lock;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The thread that beats for one held lock, and between two beats touches what others look at more
 * often.
 */
final class Heartbeat {
  /** What beats. */
  interface Beating {
    void tick();

    /** In between. */
    default void touch() {}
  }

  private final Object monitor = new Object();
  private @Nullable Runnable first;
  private boolean stopped;
  private boolean beating;

  Heartbeat(Beating lock, Duration interval) {
    this(lock, interval, 1, null);
  }

  /**
   * @param touches how many of them an interval has, the last of which is the beat
   * @param first done by the thread before its first beat, and before {@link #stop} returns: what
   *     its owner need not wait for; null where there is nothing
   */
  Heartbeat(Beating lock, Duration interval, int touches, @Nullable Runnable first) {
    this.first = first;
    Duration step = Duration.ofMillis(interval.toMillis() / touches);
    Thread thread = new Thread(() -> run(lock, step, touches), "sqlite-safe-heartbeat");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Beating lock, Duration step, int touches) {
    doFirst();
    for (int n = 1; awaitBeat(step); n++) {
      try {
        if (n % touches == 0) {
          lock.tick();
        } else {
          lock.touch();
        }
      } finally {
        endBeat();
      }
    }
  }

  private void doFirst() {
    Runnable task;
    synchronized (monitor) {
      task = first;
      first = null;
      beating = task != null;
    }
    if (task != null) {
      try {
        task.run();
      } finally {
        endBeat();
      }
    }
  }

  /** False once stopped. */
  private boolean awaitBeat(Duration step) {
    long end = System.nanoTime() + step.toNanos();
    synchronized (monitor) {
      while (!stopped) {
        long rest = end - System.nanoTime();
        if (rest <= 0) {
          beating = true;
          return true;
        }
        try {
          monitor.wait(rest / 1_000_000 + 1);
        } catch (InterruptedException nobodyElseHasThisThread) {
          return false;
        }
      }
      return false;
    }
  }

  private void endBeat() {
    synchronized (monitor) {
      beating = false;
      monitor.notifyAll();
    }
  }

  /**
   * Returns once no beat is under way and none will come. Does not wait for the thread to end:
   * waking it up for that would cost every release a tenth of a millisecond.
   */
  void stop() {
    boolean interrupted = false;
    Runnable late;
    synchronized (monitor) {
      late = first; // the thread has not come to it
      first = null;
    }
    if (late != null) {
      late.run();
    }
    synchronized (monitor) {
      stopped = true;
      monitor.notifyAll();
      while (beating) {
        try {
          monitor.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
