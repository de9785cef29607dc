package io.sqlitesafe;

import io.sqlitesafe.changeset.capture.Capture;
import io.sqlitesafe.changeset.capture.CaptureRequest;
import io.sqlitesafe.changeset.capture.Captured;
import io.sqlitesafe.changeset.capture.PendingChangeset;
import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The path of a write: lock, open, drain, transaction, commit check, commit, release (protocol
 * section 9). Used once.
 */
final class WriteOperation {
  private final LockedAccess access;
  private final WriteOptions options;
  private final List<String> warnings = new ArrayList<>();

  WriteOperation(LockedAccess access, WriteOptions options) {
    this.access = access;
    this.options = options;
  }

  <T extends @Nullable Object> Written<T> run(Work<T> work) {
    LockPaths paths = access.paths();
    Database.requireFile(paths.database(), options.create() != null);
    CaptureRequest capture = options.capture();
    if (capture != null) {
      Capture.check(capture, paths.database());
    }
    Database.preload();
    try (ExclusiveLock lock = access.acquire(warnings)) {
      boolean fresh = !Files.exists(paths.database());
      boolean done = false;
      try {
        Attempt<T> attempt = runWithRetries(lock, fresh, work);
        done = true;
        return new Written<>(
            attempt.value(),
            new Written.LockUse(lock.waited(), lock.held(), lock.token().hex()),
            !options.dryRun(),
            attempt.recovered(),
            attempt.captured(),
            attempt.pending(),
            warnings);
      } finally {
        if (fresh && (!done || options.dryRun())) {
          removeEmptyFile(paths);
        }
      }
    }
  }

  private record Attempt<T extends @Nullable Object>(
      T value,
      @Nullable Captured captured,
      boolean recovered,
      PendingChangeset.@Nullable Outcome pending) {}

  private <T extends @Nullable Object> Attempt<T> runWithRetries(
      ExclusiveLock lock, boolean fresh, Work<T> work) {
    for (int left = options.retries(); ; left--) {
      Duration patience = access.settings().busyTimeout(lock.waited().plus(lock.held()));
      try {
        return attempt(lock, fresh, work, Duration.ofMillis(patience.toMillis() / (left + 1L)));
      } catch (SqliteSafeException e) {
        if (left == 0 || !isBusy(e) || patience.isZero()) {
          throw e;
        }
        access
            .settings()
            .cancellation()
            .sleep(Duration.ofMillis(ThreadLocalRandom.current().nextLong(5, 50)));
      }
    }
  }

  private static boolean isBusy(SqliteSafeException e) {
    return e.getCause() instanceof SQLException sql && SqlErrors.isBusy(sql);
  }

  private <T extends @Nullable Object> Attempt<T> attempt(
      ExclusiveLock lock, boolean fresh, Work<T> work, Duration busy) {
    Database.Mode mode = options.create() == null ? Database.Mode.WRITE : Database.Mode.CREATE;
    try (LockedAccess.Drained drained =
        access.openDrained(lock, mode, busy, fresh ? pageSize() : "")) {
      Database database = drained.database();
      try {
        PendingChangeset.Outcome pending = drained.pending();
        if (pending != null && pending.needsAttention()) {
          warnings.add(pending.message());
        }
        if (!options.foreignKeys()) {
          database.execute("PRAGMA foreign_keys=OFF"); // without effect within a transaction
        }
        try (CapturedTransaction transaction =
            new CapturedTransaction(access, lock, drained, options.capture())) {
          T value = transact(transaction, database, lock, fresh, work);
          return new Attempt<>(value, transaction.captured(), drained.recovered(), pending);
        }
      } catch (SQLException e) {
        throw SqlErrors.translate(e, database.file(), "");
      }
    } catch (SqliteSafeException e) {
      if (e.kind() == ErrorKind.FAILED && lock.access() == AccessMode.NETWORK_EXCLUSIVE) {
        lock.confirm(); // whoever breaks a lock takes its owner's private copy away
      }
      throw access.settings().cancellation().instead(e);
    }
  }

  private <T extends @Nullable Object> T transact(
      CapturedTransaction transaction,
      Database database,
      ExclusiveLock lock,
      boolean fresh,
      Work<T> work)
      throws SQLException {
    if (fresh) {
      markNew(database);
    }
    transaction.startCapture();
    T value = work.run(transaction.session());
    access.settings().cancellation().throwIfRequested();
    transaction.beforeCommit(!options.dryRun());
    access.settings().cancellation().throwIfRequested();
    if (!options.dryRun()) {
      transaction.commit(lock, true, warnings::add);
    }
    return value;
  }

  /** The page size takes effect only before the first transaction. */
  private String pageSize() {
    WriteOptions.NewDatabase create = options.create();
    return create == null || create.pageSize() == null
        ? ""
        : "PRAGMA page_size=" + create.pageSize() + ";";
  }

  private void markNew(Database database) throws SQLException {
    WriteOptions.NewDatabase create = options.create();
    if (create != null && create.applicationId() != null) {
      database.execute("PRAGMA application_id=" + create.applicationId());
    }
    if (create != null && create.userVersion() != null) {
      database.execute("PRAGMA user_version=" + create.userVersion());
    }
  }

  /** Opening with CREATE made a file of no bytes; a failed write leaves nothing behind. */
  private static void removeEmptyFile(LockPaths paths) {
    try {
      if (Files.exists(paths.database()) && Files.size(paths.database()) == 0) {
        Files.delete(paths.database());
      }
    } catch (IOException harmless) {
      // an empty file is a valid, empty database
    }
  }
}
