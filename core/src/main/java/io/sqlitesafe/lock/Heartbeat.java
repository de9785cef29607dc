package io.sqlitesafe.lock;

import java.time.Duration;

/** The thread that beats for one held lock. */
final class Heartbeat {
  /** What beats. */
  interface Beating {
    void tick();
  }

  private final Object monitor = new Object();
  private boolean stopped;
  private boolean beating;

  Heartbeat(Beating lock, Duration interval) {
    Thread thread = new Thread(() -> run(lock, interval), "sqlite-safe-heartbeat");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Beating lock, Duration interval) {
    while (awaitBeat(interval)) {
      try {
        lock.tick();
      } finally {
        endBeat();
      }
    }
  }

  /** False once stopped. */
  private boolean awaitBeat(Duration interval) {
    long end = System.nanoTime() + interval.toNanos();
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
