package io.sqlitesafe.internal.owner;

import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.db.WriteTransaction;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRequest;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
  private static final long NEVER = Long.MIN_VALUE;
  private static final Duration NAMES_ARE_OLD = Duration.ofSeconds(1);

  Site site;
  final ExclusiveLock lock;

  /** Whom the lock speaks to, where it is one that may be kept. */
  private Keeper.@Nullable Voice voice;

  private @Nullable Database database;
  private @Nullable Opening opened;
  private boolean reusable;

  /** What was seen of the file when it was opened, and since. */
  private @Nullable OtherNames names;

  /** When the table of mounts was read for that. */
  private long namesNanos;

  private Duration before = Duration.ZERO;
  private boolean again;

  /** When the file was opened for the first operation. */
  private long workingSince = NEVER;

  private boolean recovered;
  private @Nullable PendingOutcome pending;

  Owner(Site site, ExclusiveLock lock) {
    this.site = site;
    this.lock = lock;
  }

  /** Takes the lock. Nothing is open yet. */
  public static Owner enter(Site site) {
    return of(site, new Admission(site).lock());
  }

  /** As above, for who may keep it for further operations. */
  static Owner keepable(Site site, Keeper.Voice voice) {
    Owner owner = of(site, new Admission(site).lockToKeep(voice));
    owner.voice = voice;
    return owner;
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
    if (isReusable(opening) && reuse(busy)) {
      return;
    }
    if (database != null) {
      shut();
    }
    if (voice != null && !again) { // before: so that a later replacement shows
      names = OtherNames.of(site.file(), site.mount());
      namesNanos = System.nanoTime();
    }
    Drained drained = drain(opening, busy);
    database = drained.database();
    workingSince = workingSince == NEVER ? System.nanoTime() : workingSince;
    opened = opening;
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

  // ---- what is left from an operation before ---------------------------------------------------

  /** Whether what was taken for an earlier operation is what {@code other} would take. */
  final boolean fits(Site other) {
    LockRequest mine = site.request();
    LockRequest wish = other.request();
    return !(lock instanceof DatabaseLock own && own.isLost())
        && other.parent().isEmpty()
        && other.paths().equals(site.paths())
        && other.terms().equals(site.terms())
        // What others can read about the lock must be true of the next operation too.
        && wish.times().equals(mine.times())
        && wish.command().equals(mine.command());
  }

  /** Another operation begins; refuses as {@link Admission} does. */
  final void resume(Site other) {
    site = other;
    speakTo(other.listener());
    before = lock.held();
    again = true;
    recovered = false;
    pending = null;
    OtherNames seen = names;
    boolean old = System.nanoTime() - namesNanos > NAMES_ARE_OLD.toNanos();
    OtherNames now =
        new Admission(other).admitOwner(seen == null ? OtherNames.of(other.file()) : seen, old);
    reusable &= seen != null && seen.key() != null && seen.key().equals(now.key());
    names = now;
    namesNanos = old ? System.nanoTime() : namesNanos;
  }

  /** What the lock has to say from now on goes there. */
  final void speakTo(LockListener listener) {
    if (voice != null) {
      voice.speakTo(listener);
    }
  }

  /** What is open may be used by the next operation. */
  final void markReusable() {
    reusable = true;
  }

  private boolean isReusable(Opening opening) {
    boolean may =
        reusable
            && opening == opened
            // A crashed program's, or a link that somebody has put there: opening looks into that.
            && !Files.exists(site.paths().journal(), LinkOption.NOFOLLOW_LINKS);
    reusable = false;
    return may;
  }

  private boolean reuse(Duration busy) {
    try {
      return database().resume(busy, site.cancellation());
    } catch (SQLException e) {
      throw SqlErrors.translate(e, site.file(), "");
    }
  }

  /** How long this operation has waited for the lock. */
  public final Duration waited() {
    return again ? Duration.ZERO : lock.waited();
  }

  /** For how long operations could be done under the lock, since the file was opened. */
  final Duration worked() {
    return workingSince == NEVER
        ? Duration.ZERO
        : Duration.ofNanos(System.nanoTime() - workingSince);
  }

  /** For how long this operation has had the lock. From any thread. */
  public final Duration held() {
    return lock.held().minus(before);
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
  public final @Nullable PendingOutcome pending() {
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
    reusable = false;
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
