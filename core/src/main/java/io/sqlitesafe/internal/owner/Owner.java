package io.sqlitesafe.internal.owner;

import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.capture.PendingChangeset;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.db.StatementListener;
import io.sqlitesafe.internal.db.WriteTransaction;
import io.sqlitesafe.internal.lock.LockRelay;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The owner of a database: it holds the lock, and has opened a connection whose predecessor is
 * known to have finished. Which kind it is, and with it how its transactions are committed, is
 * decided once, when the lock has been taken; nothing that goes through an owner has to ask for the
 * mode of access again.
 *
 * <p>{@link #enter}, {@link #open}, then one transaction after the other ({@link #begin}), each
 * with a CHECK of its own before it commits; {@link #close} gives the lock back. For one thread,
 * but for what says otherwise.
 */
public abstract sealed class Owner implements AutoCloseable
    permits TrustedOwner, PublishingOwner, InPlaceOwner {
  final Site site;
  final ExclusiveLock lock;

  private @Nullable Database database;
  private boolean recovered;
  private PendingChangeset.@Nullable Outcome pending;

  Owner(Site site, ExclusiveLock lock) {
    this.site = site;
    this.lock = lock;
  }

  /** Takes the lock. Nothing is open yet. */
  public static Owner enter(Site site) {
    return of(site, new Admission(site).lock());
  }

  /** As above, or the lock that the operation before this one has left. */
  public static Owner enter(Site site, LockRelay relay) {
    return of(site, new Admission(site).lock(relay));
  }

  private static Owner of(Site site, ExclusiveLock lock) {
    if (lock.access() == AccessMode.TRUSTED) {
      return new TrustedOwner(site, lock);
    }
    return NetworkDrain.owner(site, lock); // whose classes a plain write does not load
  }

  /**
   * Opens and DRAINs (protocol section 9, T2). May be called again: then what was open is closed
   * first.
   *
   * @param busy for how long to wait for SQLite's own locks
   */
  public final void open(Opening opening, Duration busy) {
    if (database != null) {
      shut();
    }
    Drained drained = drain(opening, busy);
    database = drained.database();
    recovered |= drained.recovered();
    pending = drained.pending();
    Opening.Preparation preparation = opening.preparation();
    if (preparation == null) {
      return;
    }
    try {
      preparation.apply(drained.database());
    } catch (SQLException e) {
      throw SqlErrors.translate(e, site.file(), "");
    }
  }

  abstract Drained drain(Opening opening, Duration busy);

  /** Whether the transaction that drained is still open, for the next to be it; asked once. */
  boolean takeBegun() {
    return false;
  }

  /**
   * Begins a transaction; not yet the capture of its changes.
   *
   * @param capture null = they are not captured
   */
  public final OwnedTransaction begin(@Nullable CaptureRequest capture) {
    return OwnedTransaction.begin(this, capture);
  }

  /**
   * As above, without a capture.
   *
   * @param listener looks on at its statements
   */
  public final OwnedTransaction beginWatched(StatementListener listener) {
    return OwnedTransaction.begin(this, listener);
  }

  /**
   * Commits, once the CHECK has been made while SQLite's RESERVED lock is held.
   *
   * @return a warning where it is committed but not certainly durable, else null
   */
  abstract @Nullable String commit(WriteTransaction transaction);

  /** What is open. */
  public final Database database() {
    Database open = database;
    if (open == null) {
      throw new IllegalStateException("not open");
    }
    return open;
  }

  public final Site site() {
    return site;
  }

  public final ExclusiveLock lock() {
    return lock;
  }

  /** Whether a crashed writer's journal was rolled back on the way. */
  public final boolean recovered() {
    return recovered;
  }

  /** What became of a crashed writer's changeset, if there was one. */
  public final PendingChangeset.@Nullable Outcome pending() {
    return pending;
  }

  /** Whether an error may be what becomes of a statement whose lock was broken. */
  public final boolean mayComeOfLoss(SqliteSafeException e) {
    // Whoever breaks a lock takes its owner's private copy away.
    return e.kind() == ErrorKind.FAILED && lock.access() == AccessMode.NETWORK_EXCLUSIVE;
  }

  /** Stops a running statement. From any thread. */
  public final void interrupt() {
    Database open = database;
    if (open != null) {
      open.interrupt();
    }
  }

  /** The connection is closed already, or is not to be closed. */
  final void forget() {
    database = null;
  }

  /** Closes what is open; the lock is kept. What is not committed has not happened. */
  public void shut() {
    Database open = database;
    database = null;
    if (open != null) {
      open.close();
    }
  }

  /** Closes what is open, then releases the lock; what that has to say goes to the listener. */
  @Override
  public final void close() {
    try (lock) {
      shut();
    }
  }
}
