package io.sqlitesafe;

import io.sqlitesafe.changeset.capture.Capture;
import io.sqlitesafe.changeset.capture.CaptureRequest;
import io.sqlitesafe.changeset.capture.Captured;
import io.sqlitesafe.changeset.capture.PendingChangeset;
import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.db.WriteTransaction;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.ExclusiveLock;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transaction and, where one was asked for, the capture of its changes, in the order that {@link
 * Capture} demands. Not thread-safe.
 */
final class CapturedTransaction implements AutoCloseable {
  private final Path record;
  private final LockedAccess.Drained drained;
  private final Database database;
  private final @Nullable Capture capture;
  private final WriteTransaction transaction;

  /** Begins the transaction; not yet the capture. */
  CapturedTransaction(
      LockedAccess access,
      ExclusiveLock lock,
      LockedAccess.Drained drained,
      @Nullable CaptureRequest request) {
    if (request != null && drained.pending() != null && drained.pending().isInTheWay()) {
      throw inTheWay(drained.pending());
    }
    this.record = access.changesetRecord(lock);
    this.drained = drained;
    this.database = drained.database();
    this.capture = request == null ? null : new Capture(request, access.settings().cancellation());
    this.transaction = new WriteTransaction(database, capture);
  }

  /** A second record would make it impossible to tell what became of the first. */
  private static SqliteSafeException inTheWay(PendingChangeset.Outcome pending) {
    return new SqliteSafeException(
            ErrorKind.UNSAFE,
            "no changeset can be published: " + pending.message(),
            "nothing was changed; write without a changeset, or look at that one first",
            null)
        .with("pendingChangeset", pending.file().toString());
  }

  /** Starts the capture; what was done before is not part of it. */
  void startCapture() throws SQLException {
    if (capture != null) {
      capture.begin(database, record);
    }
  }

  Session session() {
    return transaction.session();
  }

  /**
   * Gathers the changes, once, after the last statement.
   *
   * @param publish false for a dry run
   */
  void beforeCommit(boolean publish) throws SQLException {
    if (capture != null) {
      capture.beforeCommit(publish);
    }
  }

  /**
   * Commits and publishes. May be called again after it was busy.
   *
   * @param publishEmpty also where there are no changes
   */
  void commit(ExclusiveLock lock, boolean publishEmpty, Consumer<String> warnings) {
    try {
      warn(drained.commit(transaction, lock), warnings);
    } catch (SqliteSafeException e) {
      boolean unsure =
          e.kind() == ErrorKind.UNCERTAIN
              || (e.getCause() instanceof SQLException sql && SqlErrors.isIoError(sql));
      if (capture != null && (unsure || e.kind() == ErrorKind.LOCK_LOST)) {
        capture.leave(); // the next owner of the lock will know
      }
      throw e;
    }
    Captured captured = captured();
    if (capture != null && captured != null && (publishEmpty || captured.counts().changes() > 0)) {
      warn(capture.committed(), warnings);
    }
  }

  private static void warn(@Nullable String warning, Consumer<String> warnings) {
    if (warning != null) {
      warnings.accept(warning);
    }
  }

  /** What was captured; null before {@link #beforeCommit}, and without a capture. */
  @Nullable Captured captured() {
    return capture == null ? null : capture.captured();
  }

  boolean endedBySqlite() {
    return transaction.endedBySqlite();
  }

  /** Rolls back and discards, unless committed. */
  @Override
  public void close() {
    try (capture) {
      transaction.close();
    }
  }
}
