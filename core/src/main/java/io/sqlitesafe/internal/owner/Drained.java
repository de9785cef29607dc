package io.sqlitesafe.internal.owner;

import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.internal.capture.PendingChangeset;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.NamePolicy;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose predecessor is known to have finished (protocol section 9, T2): BEGIN
 * IMMEDIATE waits out one whose lock was broken while it was inside its commit, and recovers the
 * journal of one that died there. Nothing read before this may be relied on.
 *
 * @param recovered a crashed writer's journal was rolled back by this opening
 * @param pending what became of a crashed writer's changeset, if there was one
 */
public record Drained(Database database, boolean recovered, @Nullable PendingOutcome pending)
    implements AutoCloseable {

  /** Opens for what does not write; the caller owns {@code lock}. */
  public static Drained toLook(Site site, ExclusiveLock lock) {
    Duration busy = site.rest(lock.waited());
    return lock.access() == AccessMode.NETWORK_EXCLUSIVE
        ? new NetworkDrain(site, lock).toLook()
        : toWrite(site, OpenMode.WRITE, busy, "");
  }

  /**
   * Opens where SQLite's locks are trusted; the caller owns the lock.
   *
   * @param first SQL to run before the first transaction, for what SQLite accepts only then
   */
  public static Drained toWrite(Site site, OpenMode mode, Duration busy, String first) {
    requireNoWalOnNetwork(site);
    return open(site, mode, busy, first);
  }

  /**
   * Opens a database in WAL mode where its log may not be shared, to end that: in exclusive locking
   * mode SQLite keeps the log's index in its own memory (sqlite.org/wal.html, "use of WAL without
   * shared-memory").
   */
  public static Drained alone(Site site, Duration busy) {
    return open(site, OpenMode.WRITE, busy, "PRAGMA locking_mode=EXCLUSIVE;");
  }

  private static Drained open(Site site, OpenMode mode, Duration busy, String first) {
    Drained begun = begin(site, mode, busy, first);
    try {
      // Not COMMIT: on an empty file that would write a first page.
      begun.database.execute("ROLLBACK");
      return begun;
    } catch (SQLException e) {
      begun.close();
      throw SqlErrors.translate(e, site.file(), "");
    }
  }

  /**
   * Opens for a transaction where SQLite's locks are trusted, and leaves the one open that drained:
   * a second one would ask for all of SQLite's locks again. The caller owns the lock.
   */
  static Drained toTransact(Site site, OpenMode mode, Duration busy, String first) {
    requireNoWalOnNetwork(site);
    return begin(site, mode, busy, first);
  }

  private static void requireNoWalOnNetwork(Site site) {
    if (site.mount().isNetwork() && Files.exists(site.file())) {
      new Admission(site).refuseWalOnNetwork();
    }
  }

  private static Drained begin(Site site, OpenMode mode, Duration busy, String first) {
    LockPaths paths = site.paths();
    requireOwn(site, paths.journal());
    requireOwn(site, paths.wal());
    boolean hot = hasHotJournal(paths);
    Database database =
        Database.open(paths.database(), mode, busy, site.cancellation(), first + site.loading());
    try {
      database.execute("BEGIN IMMEDIATE");
      PendingOutcome pending =
          isChangesetPending(site) ? resolve(site, paths.changesetPending(), database) : null;
      tell(site, pending);
      return new Drained(database, hot && !Files.exists(paths.journal()), pending);
    } catch (SQLException e) {
      database.close();
      throw SqlErrors.translate(e, paths.database(), "");
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** What is written to a journal or log of two names is written to two databases' files. */
  private static void requireOwn(Site site, Path journal) {
    int links = Files.exists(journal) ? OtherNames.linksIfKnown(journal) : 1;
    if (links > 1 && !site.terms().allowLinks()) {
      throw NamePolicy.refused(journal, new OtherNames(links, false));
    }
  }

  /** A journal with content that no living process of this host holds a lock for. */
  private static boolean hasHotJournal(LockPaths paths) {
    Path journal = paths.journal();
    try {
      return Files.exists(journal)
          && Files.size(journal) > 0
          && FileUse.sqliteLocks(paths.database()).isEmpty();
    } catch (IOException gone) {
      return false;
    }
  }

  /** The lock's directory tells whose our files are on this file system. */
  static @Nullable PendingOutcome resolve(Site site, Path record, Database database) {
    return PendingChangeset.resolve(
        record,
        database,
        new PendingChangeset.Settling(site.paths().lock(), site.terms().resolvePending()));
  }

  /**
   * NFS may answer a plain look-up from its cache; opening asks the server, the more so after the
   * lock's own renames in this directory. What is there is not opened: it may be a pipe.
   */
  private static boolean isChangesetPending(Site site) {
    Path record = site.paths().changesetPending();
    if (Files.exists(record, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    if (!site.mount().isNetwork()) {
      return false;
    }
    if (FileKind.isStrange(record)) {
      return true; // whoever reads it says so; to open it could wait for ever
    }
    try {
      Files.newByteChannel(record).close();
      return true;
    } catch (IOException none) {
      return false;
    }
  }

  static void tell(Site site, @Nullable PendingOutcome pending) {
    if (pending == null) {
      return;
    }
    if (pending.needsAttention()) {
      site.listener().warning(pending.message());
    } else if (pending.isInTheWay()) {
      Warnings.beside(site.listener()).warning(pending.message()); // no trouble of this operation
    } else {
      site.listener().tidied(pending.message());
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
