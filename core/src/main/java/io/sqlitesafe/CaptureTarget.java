package io.sqlitesafe;

import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.changeset.Captured;

/**
 * Decides where the transactions of a {@link SafeSession} are captured, a file for each. Called on
 * the session's thread.
 */
public interface CaptureTarget {
  /** A transaction begins, and the lock is held. Its file must be another one than the last. */
  CaptureRequest next();

  /**
   * A transaction was committed.
   *
   * @param captured without any changes, its file was not made
   */
  void captured(Captured captured);
}
