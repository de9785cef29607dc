package io.sqlitesafe.internal.host;

import io.sqlitesafe.error.Cancellation;

/** Threads that are waited for to their end. */
public final class Threads {
  private Threads() {}

  /**
   * Waits for the end of {@code thread}. An interrupt does not cut the wait short, and is passed on
   * afterwards: to end the thread's work is the business of {@link Cancellation}.
   */
  public static void join(Thread thread) {
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
