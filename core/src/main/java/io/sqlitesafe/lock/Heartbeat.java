package io.sqlitesafe.lock;

import java.time.Duration;

/** The thread that beats for one held lock. */
final class Heartbeat {
  private final Object monitor = new Object();
  private final Thread thread;
  private boolean stopped;

  Heartbeat(DatabaseLock lock, Duration interval) {
    thread = new Thread(() -> run(lock, interval), "sqlite-safe-heartbeat");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(DatabaseLock lock, Duration interval) {
    while (awaitInterval(interval)) {
      lock.tick();
    }
  }

  /** False once stopped. */
  private boolean awaitInterval(Duration interval) {
    long end = System.nanoTime() + interval.toNanos();
    synchronized (monitor) {
      while (!stopped) {
        long rest = end - System.nanoTime();
        if (rest <= 0) {
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

  /** Returns once no beat is under way and none will come. */
  void stop() {
    synchronized (monitor) {
      stopped = true;
      monitor.notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
