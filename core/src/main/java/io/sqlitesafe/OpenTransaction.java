package io.sqlitesafe;

import io.sqlitesafe.db.Session;
import io.sqlitesafe.db.WriteTransaction;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.ExclusiveLock;
import java.time.Duration;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A session's transaction: the lock, a drained connection and BEGIN IMMEDIATE on it, all of which
 * end together. For one thread, but for what says otherwise.
 */
final class OpenTransaction implements AutoCloseable {
  private final LockedAccess access;
  private final ExclusiveLock lock;
  private final LockedAccess.Drained drained;
  private final WriteTransaction transaction;

  private OpenTransaction(
      LockedAccess access,
      ExclusiveLock lock,
      LockedAccess.Drained drained,
      WriteTransaction transaction) {
    this.access = access;
    this.lock = lock;
    this.drained = drained;
    this.transaction = transaction;
  }

  /** Takes the lock, drains and begins; on the way to it nothing is left behind. */
  static OpenTransaction take(LockedAccess access, Attachments attachments) {
    ExclusiveLock lock = access.acquire(new ArrayList<>());
    try {
      Settings settings = access.settings();
      // What is left of the patience, however little, allows for one attempt.
      Duration rest = settings.patience() == null ? null : settings.busyTimeout(lock.waited());
      return Patience.run(rest, settings.cancellation(), () -> begin(access, lock, attachments));
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static OpenTransaction begin(
      LockedAccess access, ExclusiveLock lock, Attachments attachments) {
    LockedAccess.Drained drained =
        access.openDrained(io.sqlitesafe.db.Database.Mode.WRITE, Patience.SLICE);
    try {
      attachments.applyTo(drained.database());
      return new OpenTransaction(access, lock, drained, new WriteTransaction(drained.database()));
    } catch (RuntimeException e) {
      drained.close();
      throw e;
    }
  }

  Session session() {
    return transaction.session();
  }

  boolean recovered() {
    return drained.recovered();
  }

  /** Runs work that is undone alone if it fails. */
  <T extends @Nullable Object> T nested(Session session, Work<T> work) {
    session.update("SAVEPOINT sqlite_safe");
    try {
      T value = work.run(session);
      session.update("RELEASE sqlite_safe");
      return value;
    } catch (RuntimeException e) {
      if (!transaction.endedBySqlite()) {
        session.update("ROLLBACK TO sqlite_safe");
        session.update("RELEASE sqlite_safe");
      }
      throw e;
    }
  }

  /** May be called again after it was busy. */
  void commit() {
    String warning = transaction.commit(lock::confirm);
    if (warning != null) {
      access.settings().listener().warning(warning);
    }
  }

  /**
   * Whether the lock is still ours.
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_LOST} if not
   */
  void confirm() {
    lock.confirm();
  }

  boolean endedBySqlite() {
    return transaction.endedBySqlite();
  }

  /** From any thread. */
  void interrupt() {
    drained.database().interrupt();
  }

  /** From any thread. */
  Duration held() {
    return lock.held();
  }

  /** From any thread. */
  boolean isAwaited() {
    return access.manager().isAwaited();
  }

  /** Rolls back unless committed, closes the connection, releases the lock. */
  @Override
  public void close() {
    try (lock) {
      try (drained) {
        transaction.close();
      }
    }
  }
}
