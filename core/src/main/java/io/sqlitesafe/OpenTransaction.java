package io.sqlitesafe;

import io.sqlitesafe.changeset.capture.Captured;
import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockToken;
import java.sql.SQLException;
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
  private final CapturedTransaction transaction;
  private final @Nullable CaptureTarget target;
  private boolean gathered;

  private OpenTransaction(
      LockedAccess access,
      ExclusiveLock lock,
      LockedAccess.Drained drained,
      CapturedTransaction transaction,
      @Nullable CaptureTarget target) {
    this.access = access;
    this.lock = lock;
    this.drained = drained;
    this.transaction = transaction;
    this.target = target;
  }

  /**
   * Takes the lock, drains and begins; on the way to it nothing is left behind. What became of a
   * crashed writer's changeset is told to the listener.
   *
   * @param target where the changes are captured; null = nowhere
   * @param foreignKeys false = they are not enforced, whatever the session's settings say
   */
  static OpenTransaction take(
      LockedAccess access,
      Attachments attachments,
      @Nullable CaptureTarget target,
      boolean foreignKeys) {
    ExclusiveLock lock = access.acquire(new ArrayList<>());
    try {
      Settings settings = access.settings();
      // What is left of the patience, however little, allows for one attempt.
      Duration rest = settings.patience() == null ? null : settings.busyTimeout(lock.waited());
      return Patience.run(
          rest,
          settings.cancellation(),
          () -> begin(access, lock, attachments, target, foreignKeys));
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static OpenTransaction begin(
      LockedAccess access,
      ExclusiveLock lock,
      Attachments attachments,
      @Nullable CaptureTarget target,
      boolean foreignKeys) {
    LockedAccess.Drained drained = access.openDrained(lock, Database.Mode.WRITE, Patience.SLICE);
    try {
      attachments.applyTo(drained.database());
      if (!foreignKeys) {
        drained.database().execute("PRAGMA foreign_keys=OFF"); // without effect in a transaction
      }
      CapturedTransaction transaction = begun(access, lock, drained, target);
      return new OpenTransaction(access, lock, drained, transaction, target);
    } catch (SQLException e) {
      drained.close();
      throw SqlErrors.translate(e, drained.database().file(), "");
    } catch (RuntimeException e) {
      drained.close();
      throw e;
    }
  }

  private static CapturedTransaction begun(
      LockedAccess access,
      ExclusiveLock lock,
      LockedAccess.Drained drained,
      @Nullable CaptureTarget target) {
    CapturedTransaction transaction =
        new CapturedTransaction(access, lock, drained, target == null ? null : target.next());
    try {
      transaction.startCapture();
      return transaction;
    } catch (SQLException e) {
      transaction.close();
      throw SqlErrors.translate(e, access.paths().database(), "");
    } catch (RuntimeException e) {
      transaction.close();
      throw e;
    }
  }

  Session session() {
    return transaction.session();
  }

  LockToken token() {
    return lock.token();
  }

  /** For the lock. */
  Duration waited() {
    return lock.waited();
  }

  boolean recovered() {
    return drained.recovered();
  }

  /** Runs work that is undone alone if it fails. */
  <T extends @Nullable Object> T nested(Session session, Work<T> work) {
    execute("SAVEPOINT sqlite_safe");
    try {
      T value = work.run(session);
      execute("RELEASE sqlite_safe");
      return value;
    } catch (RuntimeException e) {
      if (!transaction.endedBySqlite()) {
        execute("ROLLBACK TO sqlite_safe; RELEASE sqlite_safe");
      }
      throw e;
    }
  }

  /** Runs statements that are this library's own. */
  void execute(String sql) {
    Database database = drained.database();
    try {
      database.execute(sql);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, database.file(), "");
    }
  }

  /** May be called again after it was busy. */
  void commit() {
    if (!gathered) {
      gather();
    }
    transaction.commit(lock, false, access.settings().listener()::warning);
    Captured captured = transaction.captured();
    if (target != null && captured != null) {
      target.captured(captured);
    }
  }

  private void gather() {
    try {
      transaction.beforeCommit(true);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, access.paths().database(), "capture: ");
    }
    gathered = true;
  }

  /** Changes are gathered once, so after a commit that failed there is no going on. */
  boolean isCaptured() {
    return target != null;
  }

  /**
   * Whether the lock is still ours.
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_LOST} if not
   */
  void confirm() {
    lock.confirm();
  }

  /** Whether that may be what becomes of a statement whose lock was broken. */
  boolean failsWhenLost(SqliteSafeException e) {
    return drained.network() != null && e.kind() == ErrorKind.FAILED;
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
