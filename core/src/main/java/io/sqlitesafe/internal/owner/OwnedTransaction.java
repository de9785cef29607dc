package io.sqlitesafe.internal.owner;

import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.changeset.Captured;
import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.capture.Capture;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.db.WriteTransaction;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.StatementListener;
import java.sql.SQLException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of an {@link Owner} and, where one was asked for, the capture of its changes, in
 * the order that {@link Capture} demands. It ends before its owner does. For one thread.
 */
public final class OwnedTransaction implements AutoCloseable {
  private final Owner owner;
  private final @Nullable Capture capture;
  private final WriteTransaction transaction;
  private boolean gathered;

  private OwnedTransaction(Owner owner, @Nullable Capture capture, WriteTransaction transaction) {
    this.owner = owner;
    this.capture = capture;
    this.transaction = transaction;
  }

  static OwnedTransaction begin(Owner owner, @Nullable CaptureRequest request) {
    if (request == null) {
      return begin(owner, (StatementListener) null);
    }
    PendingOutcome pending = owner.pending();
    if (pending != null && pending.isInTheWay()) {
      throw inTheWay(pending);
    }
    Capture capture = new Capture(request, owner.site.cancellation());
    return new OwnedTransaction(owner, capture, transaction(owner, capture));
  }

  static OwnedTransaction begin(Owner owner, @Nullable StatementListener listener) {
    return new OwnedTransaction(owner, null, transaction(owner, listener));
  }

  private static WriteTransaction transaction(Owner owner, @Nullable StatementListener listener) {
    return new WriteTransaction(owner.database(), listener, owner.takeBegun());
  }

  /** A second record would make it impossible to tell what became of the first. */
  private static SqliteSafeException inTheWay(PendingOutcome pending) {
    return new SqliteSafeException(
            ErrorKind.UNSAFE,
            "no changeset can be published: " + pending.message(),
            "nothing was changed; write without a changeset, or look at that one first",
            null)
        .with("pendingChangeset", pending.file().toString());
  }

  /** Starts the capture; what was done before is not part of it. */
  public void startCapture() {
    if (capture != null) {
      try {
        capture.begin(owner.database(), owner.site.changesetRecord(owner.lock));
      } catch (SQLException e) {
        throw SqlErrors.translate(e, owner.site.file(), "");
      }
    }
  }

  /** What its statements run on. */
  public Handle handle() {
    return transaction.handle();
  }

  public Owner owner() {
    return owner;
  }

  /** Runs work that is undone alone if it fails. */
  public <T extends @Nullable Object> T nested(Function<Handle, T> work) {
    execute("SAVEPOINT sqlite_safe");
    try {
      T value = work.apply(handle());
      execute("RELEASE sqlite_safe");
      return value;
    } catch (RuntimeException e) {
      if (!closeIfEndedBySqlite()) {
        execute("ROLLBACK TO sqlite_safe; RELEASE sqlite_safe");
      }
      throw e;
    }
  }

  /** Runs statements that are this library's own. */
  public void execute(String sql) {
    try {
      owner.database().execute(sql);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, owner.site.file(), "");
    }
  }

  /**
   * Gathers the changes, once, after the last statement.
   *
   * @param publish false for a dry run
   */
  public void gather(boolean publish) {
    if (capture != null && !gathered) {
      try {
        capture.beforeCommit(publish);
      } catch (SQLException e) {
        throw SqlErrors.translate(e, owner.site.file(), "capture: ");
      }
    }
    gathered = true;
  }

  /**
   * Commits and publishes. May be called again after it was busy.
   *
   * @param publishEmpty also where there are no changes
   */
  public void commit(boolean publishEmpty) {
    gather(true);
    try {
      warn(owner.commit(transaction));
    } catch (SqliteSafeException e) {
      boolean unsure = e.kind() == ErrorKind.UNCERTAIN || SqlErrors.isIoError(e);
      if (capture != null && (unsure || e.kind() == ErrorKind.LOCK_LOST)) {
        capture.leave(); // the next owner of the lock will know
      }
      throw e;
    }
    Captured captured = captured();
    if (capture != null && captured != null && (publishEmpty || captured.counts().changes() > 0)) {
      warn(capture.committed());
    }
  }

  private void warn(@Nullable String warning) {
    if (warning != null) {
      owner.site.listener().warning(warning);
    }
  }

  /** What was captured; null before {@link #gather}, and without a capture. */
  public @Nullable Captured captured() {
    return capture == null ? null : capture.captured();
  }

  /** Changes are gathered once, so after a commit that failed there is no going on. */
  public boolean isCaptured() {
    return capture != null;
  }

  /**
   * Whether SQLite has rolled everything back by itself; then this is closed. Found out by a BEGIN.
   */
  public boolean closeIfEndedBySqlite() {
    return transaction.closeIfEndedBySqlite();
  }

  /** Rolls back and discards, unless committed. */
  @Override
  public void close() {
    try (capture) {
      transaction.close();
    }
  }
}
