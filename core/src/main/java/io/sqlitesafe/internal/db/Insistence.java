package io.sqlitesafe.internal.db;

/**
 * An interrupt that is repeated until what it is to stop has ended. SQLite forgets one that comes
 * when no statement runs (sqlite.org/c3ref/interrupt.html), and a request may come just before one
 * starts. Thread-safe.
 */
public final class Insistence implements AutoCloseable {
  private static final long AGAIN_MS = 20;

  private final Runnable interrupt;
  private boolean over;

  private Insistence(Runnable interrupt) {
    this.interrupt = interrupt;
  }

  /**
   * Interrupts at once, and from then on again and again, on a thread of its own.
   *
   * @param interrupt must not wait for what it stops, and do no harm where nothing runs
   */
  public static Insistence on(Runnable interrupt) {
    Insistence insistence = new Insistence(interrupt);
    interrupt.run();
    Thread thread = new Thread(insistence::repeat, "sqlite-safe-interrupt");
    thread.setDaemon(true);
    thread.start();
    return insistence;
  }

  private synchronized void repeat() {
    try {
      while (!over) {
        wait(AGAIN_MS);
        if (!over) {
          interrupt.run();
        }
      }
    } catch (InterruptedException nobodyElseHasThisThread) {
      // the process ends
    }
  }

  /** It is over; does not return while an interrupt is being made. */
  @Override
  public synchronized void close() {
    over = true;
    notifyAll();
  }
}
