package io.sqlitesafe.internal.owner;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.file.QuietRead;
import io.sqlitesafe.internal.lock.ReaderLock;
import io.sqlitesafe.lock.ExclusiveLock;
import org.jspecify.annotations.Nullable;

/**
 * The rules of reading without owning the lock, in one place. In network-exclusive access it is
 * done under a shared lock, and counts only once that has been validated. Elsewhere SQLite's own
 * locks keep it together, but for a database at rest whose log this user may not make: that counts
 * only if nobody has opened it meanwhile. A crashed writer's journal is rolled back first, under
 * the lock, or in a copy where this user may not write.
 *
 * <p>For one operation.
 */
public final class Reading {
  private final Site site;
  private boolean copying;

  public Reading(Site site) {
    this.site = site;
  }

  /**
   * How a reader goes about it.
   *
   * @param <T> what is read
   */
  public interface Reader<T extends @Nullable Object> {
    /** In network-exclusive access: reads without SQLite's locks. */
    T unlocked();

    /** Reads by the way that leaves nothing behind ({@link QuietRead}). */
    T quietly();

    /** Whether the database was changed in the middle of the last {@link #quietly}. */
    boolean isDisturbed();

    /** Whether reading failed with {@code e} because of a crashed writer's journal or log. */
    boolean needsRecovery(SqliteSafeException e);

    /** From now on a recovered copy is to be read: nobody here may recover the database itself. */
    void useCopy();

    /** What was read counts: says which state it is, where that is not the one that all see. */
    void counted();

    /** Forgets what is open: it is of a state that does not count. */
    void forget();
  }

  /**
   * Reads, again if it did not count.
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY} where it has to be recovered, or is
   *     changed, again and again
   */
  public <T extends @Nullable Object> T run(Reader<T> reader) {
    try {
      return attempt(reader);
    } catch (SqliteSafeException e) {
      if (!reader.needsRecovery(e)) {
        throw e;
      }
      reader.forget();
      if (site.isNetworkExclusive() || QuietRead.mayRecover(site.file())) {
        recover();
      } else {
        reader.useCopy();
        copying = true;
      }
    }
    try {
      return attempt(reader);
    } catch (SqliteSafeException e) {
      throw reader.needsRecovery(e) ? crashing(e) : e;
    }
  }

  private SqliteSafeException crashing(SqliteSafeException e) {
    return new SqliteSafeException(
        ErrorKind.LOCK_BUSY,
        site.file() + " needs recovery each time it is opened",
        "its writers keep crashing: find out why",
        e);
  }

  private <T extends @Nullable Object> T attempt(Reader<T> reader) {
    return site.isNetworkExclusive() ? shared(reader) : undisturbed(reader);
  }

  private <T extends @Nullable Object> T undisturbed(Reader<T> reader) {
    try {
      return once(reader);
    } catch (SqliteSafeException e) {
      if (!SqlErrors.isChanging(e)) {
        throw e;
      }
    }
    return BusyRetry.whileChanging(site.patience(), site.cancellation(), () -> once(reader));
  }

  private <T extends @Nullable Object> T once(Reader<T> reader) {
    try {
      T value = reader.quietly();
      if (!reader.isDisturbed()) {
        reader.counted();
        return value;
      }
    } catch (SqliteSafeException e) {
      // What looked crashed for a moment may look so again.
      boolean again = SqlErrors.isChanging(e) || (copying && reader.needsRecovery(e));
      if (!again && !reader.isDisturbed()) {
        throw e; // otherwise the error may be of what was half written
      }
    }
    reader.forget(); // next time there may be a log to join
    throw SqlErrors.changing(site.file());
  }

  private <T extends @Nullable Object> T shared(Reader<T> reader) {
    try (ReaderLock lock = lockToRead()) {
      T value;
      try {
        value = reader.unlocked();
      } catch (SqliteSafeException e) {
        lock.ensureHeld(); // the error may be of what was half written
        throw e;
      }
      lock.ensureHeld();
      return value;
    }
  }

  /** Takes the shared lock of network-exclusive access. */
  ReaderLock lockToRead() {
    return site.parent().isPresent()
        ? ReaderLock.within(site.manager().inherit(site.parent().get()))
        : site.manager().lockToRead(site.request());
  }

  /** Rolls back what a crashed writer left, under the lock, and says so. */
  public void recover() {
    try (ExclusiveLock lock = new Admission(site).lock();
        Drained drained = Drained.toLook(site, lock)) {
      if (drained.recovered()) {
        site.listener().recovered(site.file());
      }
    }
  }
}
