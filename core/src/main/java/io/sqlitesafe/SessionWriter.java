package io.sqlitesafe;

import io.sqlitesafe.changeset.Captured;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.owner.Keeper;
import io.sqlitesafe.internal.owner.Opening;
import io.sqlitesafe.internal.owner.OwnedTransaction;
import io.sqlitesafe.internal.owner.Owner;
import io.sqlitesafe.internal.owner.Site;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of a session: the one that BEGIN has opened, and those of single statements. For
 * one operation at a time, but for what says otherwise.
 */
final class SessionWriter implements AutoCloseable {
  private final SessionDatabase access;
  private final Attachments attachments;
  private final Attached attached = new Attached();
  private final SessionReader reader;

  private volatile @Nullable OwnedTransaction transaction;

  /** The explicit transaction, or that of the statement that is running. */
  private volatile @Nullable OwnedTransaction active;

  private @Nullable CaptureTarget target;

  /** Where the active transaction is captured. */
  private @Nullable CaptureTarget captures;

  private volatile boolean committed;
  private final Keeper keeper;
  private @Nullable Opening opening;
  private int openingOf;

  SessionWriter(SessionDatabase access, Attachments attachments, SessionReader reader) {
    this.access = access;
    this.attachments = attachments;
    this.reader = reader;
    this.keeper = new Keeper(() -> false, access.listener());
  }

  /** Where the transactions to come are captured; null = nowhere. */
  void capture(@Nullable CaptureTarget value) {
    target = value;
  }

  boolean isOpen() {
    return transaction != null;
  }

  /** The explicit transaction, if there is one. From any thread. */
  @Nullable OwnedTransaction open() {
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
    transaction = take(true, false);
  }

  /** Commits and gives the lock back. */
  void commit() {
    OwnedTransaction open = required();
    requireUndisturbed(open);
    boolean over = true;
    try {
      access.patiently(() -> commit(open));
      committed = true;
    } catch (SqliteSafeException e) {
      over = e.kind() == ErrorKind.LOCK_LOST || open.closeIfEndedBySqlite() || open.isCaptured();
      throw !over ? stillOpen(e) : open.isCaptured() ? rolledBack(e) : e;
    } finally {
      if (over) {
        end(open);
      }
    }
  }

  private void requireUndisturbed(OwnedTransaction open) {
    try {
      attached.requireUndisturbed();
    } catch (SqliteSafeException e) {
      end(open);
      throw e;
    }
  }

  /** Rolls back and gives the lock back. */
  void rollback() {
    end(required());
  }

  private OwnedTransaction required() {
    OwnedTransaction open = transaction;
    if (open == null) {
      throw new SqliteSafeException(ErrorKind.USAGE, "there is no transaction", "BEGIN first");
    }
    return open;
  }

  private void end(OwnedTransaction open) {
    transaction = null;
    active = null;
    Owner owner = open.owner();
    try (attached;
        owner) {
      open.close();
    } finally {
      keeper.noteRelease();
    }
  }

  /** Of a single statement: its lock and its connection are kept for the next. */
  private void leave(OwnedTransaction open, boolean plain) {
    active = null;
    boolean closed = false;
    try {
      open.close();
      closed = true;
    } finally {
      try (attached) { // after the connection, which is not kept where anything is attached
        keeper.leave(open.owner(), plain && closed);
      }
    }
  }

  /** Gives up what is kept. */
  void rest() {
    keeper.release();
  }

  /** Any statement may have ended the transaction: by its conflict clause, or a full disk. */
  <T extends @Nullable Object> T inTransaction(Work<T> work) {
    OwnedTransaction open = required();
    try {
      return work.run(open.handle());
    } catch (SqliteSafeException e) {
      if (e.kind() == ErrorKind.INTERRUPTED || open.owner().mayComeOfLoss(e)) {
        ensureHeld(open); // a loss interrupts too
      }
      if (!open.closeIfEndedBySqlite()) {
        throw stillOpen(e);
      }
      end(open);
      throw retold(e, e.getMessage() + "; SQLite rolled the whole transaction back", null);
    }
  }

  /** Ends a transaction whose lock is lost, and says so. */
  void ensureHeld(OwnedTransaction open) {
    try {
      open.owner().lock().ensureHeld();
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
    OwnedTransaction open = required();
    return inTransaction(session -> open.nested(work::run));
  }

  /**
   * In a transaction of its own.
   *
   * @param foreignKeys false = they are not enforced, whatever the session's settings say
   */
  <T extends @Nullable Object> T alone(Work<T> work, boolean foreignKeys) {
    OwnedTransaction open = take(foreignKeys, true);
    boolean done = false;
    try {
      T value = work.run(open.handle());
      access.throwIfStopped();
      attached.requireUndisturbed();
      reader.countersFrom(open.handle());
      access.patiently(() -> commit(open));
      committed = true;
      done = true;
      return value;
    } finally {
      leave(open, done && foreignKeys && captures == null && attachments.isEmpty());
    }
  }

  /**
   * Takes the lock, drains and begins; where that fails nothing is left behind.
   *
   * @param single it is for one statement
   */
  private OwnedTransaction take(boolean foreignKeys, boolean single) {
    Owner owner = keeper.enter(access.site(keeper));
    boolean begun = false;
    try {
      if (!single) {
        owner.shut(); // its statements may look at everything that a connection has
      }
      Site site = owner.site();
      // What is left of the patience, however little, allows for one attempt.
      Duration rest = site.patience() == null ? null : site.rest(owner.waited());
      OwnedTransaction open =
          BusyRetry.inSlices(rest, site.cancellation(), () -> begin(owner, foreignKeys, single));
      active = open;
      begun = true;
      return open;
    } finally {
      if (!begun) {
        owner.close();
        attached.close();
      }
    }
  }

  private OwnedTransaction begin(Owner owner, boolean foreignKeys, boolean single) {
    owner.open(foreignKeys ? opening(owner) : withoutForeignKeys(owner), BusyRetry.SLICE);
    CaptureTarget into = target;
    captures = into;
    OwnedTransaction begun =
        into == null && single
            ? keeper.begin(owner)
            : owner.begin(into == null ? null : into.next());
    try {
      begun.startCapture();
      return begun;
    } catch (RuntimeException e) {
      begun.close();
      throw e;
    }
  }

  /** The same as long as the session's settings are: then a connection can be used again. */
  private Opening opening(Owner owner) {
    if (!attachments.isEmpty()) { // whose ways of being read are those of one transaction
      return new Opening(false, "", database -> applyTo(database, owner));
    }
    Opening known = opening;
    if (known == null || openingOf != attachments.changes()) {
      openingOf = attachments.changes();
      known =
          openingOf == 0
              ? Opening.PLAIN
              : new Opening(false, "", database -> applyTo(database, owner));
      opening = known;
    }
    return known;
  }

  private Opening withoutForeignKeys(Owner owner) {
    return new Opening(
        false,
        "",
        database -> {
          applyTo(database, owner);
          Opening.Preparation.WITHOUT_FOREIGN_KEYS.apply(database);
        });
  }

  private void applyTo(Database database, Owner owner) {
    attached.close(); // of an attempt before this one
    attachments.applyTo(database, attached, owner.site().cancellation());
  }

  private void commit(OwnedTransaction open) {
    open.commit(false);
    CaptureTarget into = captures;
    Captured captured = open.captured();
    if (into != null && captured != null) {
      into.captured(captured);
    }
  }

  /** From any thread. */
  void interrupt() {
    OwnedTransaction open = active;
    if (open != null) {
      open.owner().interrupt();
    }
  }

  /** Rolls back what is open, gives the lock back. */
  @Override
  public void close() {
    OwnedTransaction open = transaction;
    try (keeper) {
      if (open != null) {
        end(open);
      }
    }
  }
}
