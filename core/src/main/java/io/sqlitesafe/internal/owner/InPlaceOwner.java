package io.sqlitesafe.internal.owner;

import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.WriteTransaction;
import io.sqlitesafe.lock.ExclusiveLock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The in-place commit (protocol section 10.2): SQLite writes to the database itself, without its
 * locks. The lock is checked before each call that may write; who is stopped between a check and
 * the end of that call for longer than the stale limit may still overlap with a successor. So it is
 * checked once more after the commit: if the claim is still there then, nobody has been in
 * meanwhile, for a claim that was removed never comes back.
 *
 * <p>Pages are written by COMMIT only: the cache does not spill, so that a transaction has to fit
 * into memory. And where the lock is lost, the connection is abandoned: to roll back means to write
 * pages and to delete the journal, which may be the next owner's by now.
 */
final class InPlaceOwner extends Owner {
  private static final int MOST_PROBLEMS = 10;

  InPlaceOwner(Site site, ExclusiveLock lock) {
    super(site, lock);
  }

  @Override
  Drained drain(Opening opening, Duration busy) {
    NetworkDrain drain = new NetworkDrain(site, lock);
    boolean recovered = drain.recover();
    PendingOutcome pending = drain.resolvePending();
    return new Drained(openFile(opening), recovered, pending);
  }

  private Database openFile(Opening opening) {
    lock.ensureHeld();
    Database database =
        Database.open(
            site.file(),
            opening.mode().withoutLocks(),
            Duration.ZERO,
            site.cancellation(),
            opening.first() + site.loading() + "PRAGMA cache_spill=OFF;");
    database.requirePermission(() -> isHeld(lock));
    lock.ensureHeld(); // BEGIN follows
    return database;
  }

  static boolean isHeld(ExclusiveLock lock) {
    try {
      lock.ensureHeld();
      return true;
    } catch (SqliteSafeException lostOrUnknown) {
      return false;
    }
  }

  @Override
  @Nullable String commit(WriteTransaction transaction) {
    String warning = transaction.commit(lock::ensureHeld);
    if (!isHeld(lock)) {
      throw uncertain();
    }
    return warning;
  }

  private SqliteSafeException uncertain() {
    List<String> problems = problems();
    return new SqliteSafeException(
            ErrorKind.UNCERTAIN,
            "the lock of "
                + site.file()
                + " was lost while the change was being written into the file; another writer may"
                + " have been in at the same time",
            (problems.isEmpty()
                    ? "an integrity check found the file sound; look whether the change is there"
                    : "an integrity check found damage; restore a backup")
                + ", and write without --in-place, which cannot end like this",
            null)
        .with("token", lock.token().hex())
        .with("problems", problems);
  }

  private List<String> problems() {
    try {
      return database().unguarded().problems("PRAGMA integrity_check(" + MOST_PROBLEMS + ")");
    } catch (SqliteSafeException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }
}
