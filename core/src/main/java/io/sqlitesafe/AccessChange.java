package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.owner.Admission;
import io.sqlitesafe.internal.owner.Drained;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Changes the mode of access that a database is marked with (protocol section 1). Only an operator
 * can know that all its users are stopped: readers of trusted access leave no trace that another
 * host could see. What can be seen from here is made sure of: nobody owns the lock, no reader holds
 * a shared lock, no process of this host has the file open, nothing is left to recover.
 */
final class AccessChange {
  private final Site site;
  private final LockPaths paths;

  AccessChange(Site site) {
    this.site = site;
    this.paths = site.paths();
  }

  /** True where it was another one before. */
  boolean run(AccessMode wanted) {
    Database.requireFile(paths.database(), false);
    if (site.parent().isPresent()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "the mode of access cannot be changed under a surrounding with-lock",
          "run it outside");
    }
    if (site.mode() == wanted) {
      return false;
    }
    if (wanted == AccessMode.NETWORK_EXCLUSIVE) {
      new Admission(site).refuseWal();
    }
    try (ExclusiveLock lock = new Admission(site).lockFor(wanted)) {
      Drained.toLook(site, lock).close();
      FileUse.requireNotOpenElsewhere(paths.database());
      lock.ensureHeld();
      mark(wanted);
    } catch (IOException e) {
      throw failed("change", e);
    }
    return true;
  }

  private void mark(AccessMode wanted) throws IOException {
    if (wanted == AccessMode.NETWORK_EXCLUSIVE) {
      site.manager().markNetworkExclusive();
    } else {
      removeMark();
    }
    Durable.syncDirectory(paths.directory());
  }

  /** The readers are out, and kept out by the lock; what is left is of the killed. */
  private void removeMark() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(paths.readers())) {
      for (Path each : left) {
        Files.deleteIfExists(each);
      }
    }
    Files.deleteIfExists(paths.readers());
  }

  /**
   * Marks a database that is yet to be made.
   *
   * @return whether this made the mark
   */
  boolean markNew() {
    if (site.mode() == AccessMode.NETWORK_EXCLUSIVE || Files.exists(paths.database())) {
      return false;
    }
    try (ExclusiveLock lock = new Admission(site).lockFor(AccessMode.NETWORK_EXCLUSIVE)) {
      lock.ensureHeld();
      if (Files.exists(paths.database())) {
        return false;
      }
      mark(AccessMode.NETWORK_EXCLUSIVE);
      return true;
    } catch (IOException e) {
      throw failed("make", e);
    }
  }

  private SqliteSafeException failed(String what, IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        "cannot " + what + " " + paths.readers() + ": " + IoErrors.reason(e),
        "look at the permissions of the directory",
        e);
  }

  /** The database was not made after all. */
  void forgetNew() {
    try {
      if (!Files.exists(paths.database())) {
        Files.deleteIfExists(paths.readers());
      }
    } catch (IOException inUse) {
      // Somebody else is making it.
    }
  }
}
