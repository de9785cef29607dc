package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.Cancellation;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.DB;

/**
 * Ends the statements of a connection from other threads, as long as it is open
 * (sqlite.org/c3ref/interrupt.html forbids it afterwards).
 */
final class Interrupter implements AutoCloseable {
  private final DB driver;
  private final Cancellation.Registration registration;
  private @Nullable Insistence insistence;
  private boolean closed;

  Interrupter(DB driver, Cancellation cancellation) {
    this.driver = driver;
    this.registration = cancellation.onRequest(this::requested);
  }

  private synchronized void requested() {
    if (!closed) {
      insistence = Insistence.on(this::interrupt);
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
    Insistence repeated;
    synchronized (this) {
      closed = true;
      repeated = insistence;
    }
    if (repeated != null) {
      repeated.close();
    }
  }
}
