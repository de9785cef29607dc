package io.sqlitesafe.db;

import io.sqlitesafe.error.Cancellation;
import java.sql.SQLException;
import org.sqlite.core.DB;

/**
 * Ends the statements of a connection from other threads, as long as it is open
 * (sqlite.org/c3ref/interrupt.html forbids it afterwards). An interrupt that comes when no
 * statement runs is forgotten, and a request may come just before one starts; so once there is a
 * request, interrupts are repeated until the connection is closed.
 */
final class Interrupter implements AutoCloseable {
  private static final long AGAIN_MS = 20;

  private final DB driver;
  private final Cancellation.Registration registration;
  private boolean closed;

  Interrupter(DB driver, Cancellation cancellation) {
    this.driver = driver;
    this.registration = cancellation.onRequest(this::requested);
  }

  private void requested() {
    interrupt();
    Thread thread = new Thread(this::repeat, "sqlite-safe-interrupt");
    thread.setDaemon(true);
    thread.start();
  }

  private synchronized void repeat() {
    try {
      while (!closed) {
        wait(AGAIN_MS);
        interrupt();
      }
    } catch (InterruptedException nobodyElseHasThisThread) {
      // the process ends
    }
  }

  /** Once. */
  synchronized void interrupt() {
    if (!closed) {
      try {
        driver.interrupt();
      } catch (SQLException nothingRuns) {
        closed = true;
      }
    }
  }

  /** Before the connection is closed. */
  @Override
  public void close() {
    registration.close();
    synchronized (this) {
      closed = true;
      notifyAll();
    }
  }
}
