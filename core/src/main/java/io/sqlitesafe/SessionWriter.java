package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of a session: the one that BEGIN has opened, and those of single statements. For
 * one operation at a time, but for what says otherwise.
 */
final class SessionWriter implements AutoCloseable {
  private final SessionAccess access;
  private final Attachments attachments;
  private final SessionReader reader;

  private volatile @Nullable OpenTransaction transaction;

  /** The explicit transaction, or that of the statement that is running. */
  private volatile @Nullable OpenTransaction active;

  private @Nullable CaptureTarget target;
  private volatile boolean committed;
  private long lastRelease = System.nanoTime() - TimeUnit.HOURS.toNanos(1);

  SessionWriter(SessionAccess access, Attachments attachments, SessionReader reader) {
    this.access = access;
    this.attachments = attachments;
    this.reader = reader;
  }

  /** Where the transactions to come are captured; null = nowhere. */
  void capture(@Nullable CaptureTarget value) {
    target = value;
  }

  boolean isOpen() {
    return transaction != null;
  }

  /** The explicit transaction, if there is one. From any thread. */
  @Nullable OpenTransaction open() {
    return transaction;
  }

  /** Whether any transaction of this session was committed. */
  boolean hasCommitted() {
    return committed;
  }

  void requireNone() {
    if (isOpen()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "there is a transaction already",
          "COMMIT or ROLLBACK it first; for partial undo use SAVEPOINT");
    }
  }

  /** Takes the lock and begins a transaction, of which there may be none yet. */
  void begin() {
    transaction = take(target, true);
  }

  /** Commits and gives the lock back. */
  void commit() {
    OpenTransaction open = required();
    boolean over = true;
    try {
      access.patiently(open::commit);
      committed = true;
    } catch (SqliteSafeException e) {
      over = e.kind() == ErrorKind.LOCK_LOST || open.endedBySqlite() || open.isCaptured();
      throw !over ? stillOpen(e) : open.isCaptured() ? rolledBack(e) : e;
    } finally {
      if (over) {
        end(open);
      }
    }
  }

  /** Rolls back and gives the lock back. */
  void rollback() {
    end(required());
  }

  private OpenTransaction required() {
    OpenTransaction open = transaction;
    if (open == null) {
      throw new SqliteSafeException(ErrorKind.USAGE, "there is no transaction", "BEGIN first");
    }
    return open;
  }

  private void end(OpenTransaction open) {
    transaction = null;
    active = null;
    try {
      open.close();
    } finally {
      lastRelease = System.nanoTime();
    }
  }

  /** Any statement may have ended the transaction: by its conflict clause, or a full disk. */
  <T extends @Nullable Object> T inTransaction(Work<T> work) {
    OpenTransaction open = required();
    try {
      return work.run(open.session());
    } catch (SqliteSafeException e) {
      if (e.kind() == ErrorKind.INTERRUPTED || open.failsWhenLost(e)) {
        requireLock(open); // a loss interrupts too
      }
      if (!open.endedBySqlite()) {
        throw stillOpen(e);
      }
      end(open);
      throw retold(e, e.getMessage() + "; SQLite rolled the whole transaction back", null);
    }
  }

  /** Ends a transaction whose lock is lost, and says so. */
  void requireLock(OpenTransaction open) {
    try {
      open.confirm();
    } catch (SqliteSafeException loss) {
      end(open);
      throw loss;
    }
  }

  private static SqliteSafeException stillOpen(SqliteSafeException e) {
    if (e.hint() != null && !e.hint().startsWith("nothing was changed")) {
      return e;
    }
    return retold(
        e,
        String.valueOf(e.getMessage()),
        "nothing was changed by this; the transaction is still open");
  }

  private static SqliteSafeException rolledBack(SqliteSafeException e) {
    return e.kind() == ErrorKind.LOCK_LOST
        ? e
        : retold(
            e, String.valueOf(e.getMessage()), "the transaction was captured, and is rolled back");
  }

  static SqliteSafeException retold(SqliteSafeException e, String message, @Nullable String hint) {
    SqliteSafeException told = new SqliteSafeException(e.kind(), message, hint, e.getCause());
    e.details().forEach(told::with);
    return told;
  }

  /** In the open transaction, but undone alone if it fails. */
  <T extends @Nullable Object> T nested(Work<T> work) {
    OpenTransaction open = required();
    return inTransaction(session -> open.nested(session, work));
  }

  /**
   * In a transaction of its own.
   *
   * @param foreignKeys false = they are not enforced, whatever the session's settings say
   */
  <T extends @Nullable Object> T alone(Work<T> work, boolean foreignKeys) {
    OpenTransaction open = take(target, foreignKeys);
    try {
      T value = work.run(open.session());
      access.throwIfStopped();
      reader.countersFrom(open.session());
      access.patiently(open::commit);
      committed = true;
      return value;
    } finally {
      end(open);
    }
  }

  /** A crashed writer's journal is there, which only an owner of the lock may roll back. */
  void recover() {
    OpenTransaction open = take(null, true);
    try {
      if (open.recovered()) {
        access.tellRecovered();
      }
    } finally {
      end(open);
    }
  }

  private OpenTransaction take(@Nullable CaptureTarget capture, boolean foreignKeys) {
    LockedAccess file = access.open();
    if (System.nanoTime() - lastRelease < TimeUnit.MILLISECONDS.toNanos(20)) {
      file.manager().yieldToWaiters();
    }
    OpenTransaction open = OpenTransaction.take(file, attachments, capture, foreignKeys);
    active = open;
    return open;
  }

  /** From any thread. */
  void interrupt() {
    OpenTransaction open = active;
    if (open != null) {
      open.interrupt();
    }
  }

  /** Rolls back what is open, gives the lock back. */
  @Override
  public void close() {
    OpenTransaction open = transaction;
    if (open != null) {
      end(open);
    }
  }
}
