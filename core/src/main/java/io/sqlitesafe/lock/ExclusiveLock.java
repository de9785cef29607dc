package io.sqlitesafe.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.time.Duration;

/** The right to write: a lock of one's own, or a share in the lock that a parent process holds. */
public interface ExclusiveLock extends AutoCloseable {
  /** The identity of the lock. */
  LockToken token();

  /** What the database was marked with as the lock was taken. */
  AccessMode access();

  /** How long the acquisition took. */
  Duration waited();

  /** For how long the lock has been held by this object. */
  Duration held();

  /**
   * Checks that the lock is still held. To be called before each commit, while SQLite's RESERVED
   * lock is held.
   *
   * @throws SqliteSafeException of kind {@link ErrorKind#LOCK_LOST} if not: the caller rolls back
   *     and touches nothing more; of kind {@link ErrorKind#FAILED} where the file system gives no
   *     answer, which is no permission to commit
   */
  void ensureHeld();

  /**
   * Writes into the record that the process {@code pid} works under this lock, so that nobody
   * counts the lock as left behind before that one has ended, too. To be called before it does
   * anything. A share in a parent's lock has no record of its own, and does nothing.
   *
   * @param pid a process of this host and of the same name spaces
   * @throws SqliteSafeException {@link ErrorKind#LOCK_LOST}, or {@link ErrorKind#FAILED} where the
   *     record cannot be written; then it must not work
   */
  void declareWorker(long pid);

  @Override
  void close();
}
