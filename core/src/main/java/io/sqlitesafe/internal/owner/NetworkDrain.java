package io.sqlitesafe.internal.owner;

import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of the lock does to a database of network-exclusive access before it works on it
 * (protocol section 10). The lock's acquisition has waited until no reader is in.
 */
final class NetworkDrain {
  private final Site site;
  private final ExclusiveLock lock;
  private final LockPaths paths;

  NetworkDrain(Site site, ExclusiveLock lock) {
    this.site = site;
    this.lock = lock;
    this.paths = site.paths();
  }

  /** Where the lock is a parent's, only that one may turn it into a commit. */
  static Owner owner(Site site, ExclusiveLock lock) {
    return lock instanceof DatabaseLock own && !site.terms().inPlace()
        ? new PublishingOwner(site, own)
        : new InPlaceOwner(site, lock);
  }

  Drained toLook() {
    boolean recovered = recover();
    PendingOutcome pending = resolvePending();
    return new Drained(reading(), recovered, pending);
  }

  private Database reading() {
    return Database.open(
        paths.database(), OpenMode.READ_NOLOCK, Duration.ZERO, site.cancellation());
  }

  /**
   * Rolls back what a crashed in-place writer left. Afterwards there is no journal: one that is not
   * hot could become so beside a new file of the same name, by a writer who was stopped in the
   * middle of its commit.
   *
   * @return whether there was something to roll back
   */
  boolean recover() {
    if (Files.exists(paths.database())) {
      new Admission(site).refuseWal();
    }
    int first = firstByte(paths.journal());
    if (first == MISSING) {
      return false;
    }
    if (!Files.exists(paths.database())) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          paths.journal() + " is there, but the database that it belongs to is not",
          "nothing was touched; find the database, or remove the journal by hand");
    }
    lock.ensureHeld();
    try (Database database =
        Database.open(
            paths.database(), OpenMode.WRITE_NOLOCK, Duration.ZERO, site.cancellation())) {
      database.requirePermission(() -> InPlaceOwner.isHeld(lock));
      database.execute("BEGIN IMMEDIATE; ROLLBACK");
    } catch (SQLException e) {
      throw SqlErrors.translate(e, paths.database(), "rolling back: ");
    }
    lock.ensureHeld();
    try {
      Files.deleteIfExists(paths.journal());
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot remove " + paths.journal() + ": " + e.getMessage(),
          "look at the permissions of the directory",
          e);
    }
    return first > 0;
  }

  private static final int MISSING = -2;

  /** -1 where it is empty. */
  private static int firstByte(Path file) {
    if (FileKind.isStrange(file)) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          file + " is not a regular file",
          "nothing was touched; find out which program made it, and remove it by hand");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.read();
    } catch (NoSuchFileException missing) {
      return MISSING;
    } catch (IOException unreadable) {
      return 0; // SQLite will say it
    }
  }

  /**
   * In this mode a commit gives the lock back, so that its writer may still be publishing while the
   * next owner comes by. So each has a record of its own: whoever finishes first, what the other
   * does is then nothing.
   */
  @Nullable PendingOutcome resolvePending() {
    List<Path> records = pending();
    if (records.isEmpty() || !Files.exists(paths.database())) {
      return null;
    }
    PendingOutcome worst = null;
    try (Database database = reading()) {
      for (Path record : records) {
        PendingOutcome outcome = Drained.resolve(site, record, database);
        Drained.tell(site, outcome);
        if (worst == null || (outcome != null && isWorse(outcome, worst))) {
          worst = outcome;
        }
      }
    }
    return worst;
  }

  /** What a caller must hear of first: a changeset in the way, then anything uncertain. */
  private static boolean isWorse(PendingOutcome one, PendingOutcome other) {
    return one.isInTheWay() || (one.needsAttention() && !other.isInTheWay());
  }

  private List<Path> pending() {
    List<Path> records = new ArrayList<>();
    if (Files.exists(paths.changesetPending(), LinkOption.NOFOLLOW_LINKS)) {
      records.add(paths.changesetPending()); // of the time before the mode was changed
    }
    String name = paths.changesetPending().getFileName() + ".";
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            paths.directory(), entry -> String.valueOf(entry.getFileName()).startsWith(name))) {
      entries.forEach(records::add);
      return records;
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED, "cannot read " + paths.directory() + ": " + e.getMessage(), null, e);
    }
  }
}
