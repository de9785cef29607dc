package io.sqlitesafe;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.SqliteSafeException;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The path of a read: open read-only, no lock but SQLite's own SHARED; in network-exclusive access
 * the shared lock of the protocol.
 */
final class ReadOperation {
  private final LockedAccess access;
  private final boolean snapshot;

  /**
   * @param snapshot everything is read from one snapshot, whose SHARED lock keeps writers from
   *     committing meanwhile; without, each statement has its own
   */
  ReadOperation(LockedAccess access, boolean snapshot) {
    this.access = access;
    this.snapshot = snapshot;
  }

  /** A journal is there that only a writer may roll back. */
  static final class RecoveryNeeded extends Exception {
    RecoveryNeeded(Throwable cause) {
      super(cause);
    }
  }

  <T extends @Nullable Object> T run(Work<T> work) throws RecoveryNeeded {
    access.requireServed();
    access.tellDoubt();
    try {
      return access.isNetworkExclusive()
          ? access.readShared(() -> runOpen(Database.Mode.READ_NOLOCK, work))
          : runOpen(Database.Mode.READ, work);
    } catch (SqliteSafeException e) {
      throw access.settings().cancellation().instead(e);
    }
  }

  private <T extends @Nullable Object> T runOpen(Database.Mode mode, Work<T> work)
      throws RecoveryNeeded {
    Settings settings = access.settings();
    try (Database database =
        Database.open(
            access.paths().database(),
            mode,
            settings.busyTimeout(Duration.ZERO),
            settings.cancellation())) {
      beginReading(database);
      return work.run(Session.of(database));
    }
  }

  /**
   * BEGIN alone takes no lock; the first read does, and shows whether the file is what it should
   * be.
   */
  private void beginReading(Database database) throws RecoveryNeeded {
    try {
      database.execute((snapshot ? "BEGIN;" : "") + "SELECT 1 FROM sqlite_schema LIMIT 0");
    } catch (SQLException e) {
      if (SqlErrors.needsRecovery(e)) {
        throw new RecoveryNeeded(e);
      }
      throw SqlErrors.translate(e, database.file(), "");
    }
  }
}
