package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.ExclusiveLock;
import java.time.Duration;

/** The right to read a database of network-exclusive access: no writer is in meanwhile. */
public interface ReaderLock extends AutoCloseable {
  /** How long the acquisition took. */
  Duration waited();

  /**
   * R6: to be called before anything that was read is used or reported.
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_LOST} where a writer may have been in: what
   *     was read is to be discarded
   */
  void ensureHeld();

  @Override
  void close();

  /** For a reader within its parent's exclusive lock: no other writer is in, and no other waits. */
  static ReaderLock within(ExclusiveLock parent) {
    return new ReaderLock() {
      @Override
      public Duration waited() {
        return parent.waited();
      }

      @Override
      public void ensureHeld() {
        parent.ensureHeld();
      }

      @Override
      public void close() {
        parent.close();
      }
    };
  }
}
