package io.sqlitesafe;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.snapshot.file.QuietRead;
import io.sqlitesafe.snapshot.file.Scratch;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The path of a read: open read-only, no lock but SQLite's own SHARED, and leave nothing behind
 * ({@link QuietRead}); in network-exclusive access the shared lock of the protocol.
 */
final class ReadOperation {
  private static final int ATTEMPTS = 5;

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

  /** A journal is there that only a writer may roll back, and this process may be one. */
  static final class RecoveryNeeded extends Exception {
    RecoveryNeeded(@Nullable Throwable cause) {
      super(cause);
    }
  }

  /** SQLite met a journal when it began to read. */
  private static final class Crashed extends Exception {
    Crashed(SQLException cause) {
      super(cause);
    }
  }

  /** The file was changed while it was read. */
  private static final class Disturbed extends Exception {}

  <T extends @Nullable Object> T run(ReadWork<T> work) throws RecoveryNeeded {
    access.requireServed();
    access.tellDoubt();
    try {
      return access.isNetworkExclusive() ? access.readShared(() -> nolock(work)) : quietly(work);
    } catch (SqliteSafeException e) {
      throw access.settings().cancellation().instead(e);
    }
  }

  private Path file() {
    return access.paths().database();
  }

  private <T extends @Nullable Object> T nolock(ReadWork<T> work) throws RecoveryNeeded {
    Database.Mode mode = Database.Mode.READ_NOLOCK;
    try (Database database =
        Database.open(
            file(), mode, busy(), access.settings().cancellation(), access.settings().loading())) {
      beginReading(database);
      return work.run(new ReadWork.View(Session.of(database), file(), mode, true));
    } catch (Crashed hot) {
      throw new RecoveryNeeded(hot.getCause());
    }
  }

  private Duration busy() {
    return access.settings().busyTimeout(Duration.ZERO);
  }

  private <T extends @Nullable Object> T quietly(ReadWork<T> work) throws RecoveryNeeded {
    boolean crashed = false;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try (QuietRead way = way(crashed)) {
        return attempt(way, work);
      } catch (Disturbed again) {
        // and by then there is a log to join
      } catch (Crashed hot) {
        requireCopy(hot.getCause());
        crashed = true;
      }
    }
    throw QuietRead.changing(file());
  }

  private QuietRead way(boolean crashed) throws RecoveryNeeded {
    if (!crashed) {
      QuietRead way = QuietRead.of(file());
      if (way.state() != QuietRead.State.CRASHED) {
        return way;
      }
      requireCopy(null);
    }
    return QuietRead.recovered(file(), Scratch.usualPlace(), access.settings().cancellation());
  }

  private void requireCopy(@Nullable Throwable cause) throws RecoveryNeeded {
    if (QuietRead.mayRecover(file())) {
      throw new RecoveryNeeded(cause);
    }
  }

  private <T extends @Nullable Object> T attempt(QuietRead way, ReadWork<T> work)
      throws Crashed, Disturbed {
    try (Database database = open(way)) {
      beginReading(database);
      access.tellState(way);
      boolean provisional = way.state() == QuietRead.State.AT_REST;
      T value =
          work.run(new ReadWork.View(Session.of(database), way.place(), way.mode(), provisional));
      requireUndisturbed(way);
      return value;
    } catch (SqliteSafeException e) {
      requireUndisturbed(way); // the error may be of what was half written
      throw e;
    }
  }

  private static void requireUndisturbed(QuietRead way) throws Disturbed {
    if (way.isDisturbed()) {
      throw new Disturbed();
    }
  }

  private Database open(QuietRead way) {
    Cancellation cancellation = access.settings().cancellation();
    String loading = access.settings().loading();
    return way.state() == QuietRead.State.COPY
        ? Database.openFor(way.place(), file(), way.mode(), busy(), cancellation, loading)
        : Database.open(way.place(), way.mode(), busy(), cancellation, loading);
  }

  /**
   * BEGIN alone takes no lock; the first read does, and shows whether the file is what it should
   * be.
   */
  private void beginReading(Database database) throws Crashed {
    try {
      database.execute((snapshot ? "BEGIN;" : "") + "SELECT 1 FROM sqlite_schema LIMIT 0");
    } catch (SQLException e) {
      if (SqlErrors.needsRecovery(e)) {
        throw new Crashed(e);
      }
      throw SqlErrors.translate(e, database.file(), "");
    }
  }
}
