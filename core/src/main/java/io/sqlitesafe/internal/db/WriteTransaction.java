package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.StatementListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * One {@code BEGIN IMMEDIATE} transaction: rolled back unless committed. Not thread-safe.
 *
 * <p>BEGIN IMMEDIATE takes SQLite's RESERVED lock at once. That is what the lock protocol's commit
 * check relies on: it is made while RESERVED is held, and a successor's first act is to wait for
 * RESERVED.
 */
public final class WriteTransaction implements AutoCloseable {
  private final Database database;
  private final Path journal;
  private final Handle handle;
  private boolean open;
  private boolean refused;

  /** Begins. */
  public WriteTransaction(Database database) {
    this(database, null);
  }

  /** Begins, with somebody looking on at its statements. */
  public WriteTransaction(Database database, @Nullable StatementListener listener) {
    this(database, listener, false);
  }

  /**
   * As above.
   *
   * @param begun BEGIN IMMEDIATE has been run already
   */
  public WriteTransaction(Database database, @Nullable StatementListener listener, boolean begun) {
    this.database = database;
    this.handle = database.handle(listener);
    this.journal = database.place().resolveSibling(database.place().getFileName() + "-journal");
    if (!begun) {
      run("BEGIN IMMEDIATE", "");
    }
    open = true;
  }

  /** What a transaction's statements run on. */
  public Handle handle() {
    return handle;
  }

  /**
   * Commits, once {@code confirm} agrees; an exception of it rolls back.
   *
   * @param confirm the protocol's check that this process still owns the database
   * @return a warning where it was committed but the directory could not be synced, else null
   * @throws SqliteSafeException where it was not committed, and nothing was changed; of kind
   *     UNCERTAIN where SQLite reports an error of the removal of the journal, and it is gone
   */
  public @Nullable String commit(Runnable confirm) {
    boolean journalled = commitUnsynced(confirm);
    return journalled ? syncAfterCommit() : null;
  }

  /**
   * As {@link #commit}, but a power cut may bring the journal back.
   *
   * @return whether there was one
   */
  public boolean commitUnsynced(Runnable confirm) {
    confirm(confirm);
    boolean journalled = Files.exists(journal);
    try {
      run("COMMIT", "commit: ");
    } catch (SqliteSafeException e) {
      if (isOfTheRemoval(e) && isGone(journal)) {
        throw uncertain(e);
      }
      if (!handle.mendFailedCommit(e)) {
        throw e;
      }
      confirm(confirm); // time has passed
      run("COMMIT", "commit: ");
    }
    open = false;
    return journalled;
  }

  /**
   * Removing the journal is the commit. If that is reported as failed, and the journal is gone,
   * then either the reply was lost (a network file system) and this is committed, or somebody who
   * knows no locks has rolled it back and removed it. After any other error SQLite has rolled back
   * by itself, which removes the journal too.
   */
  private static boolean isOfTheRemoval(SqliteSafeException e) {
    return String.valueOf(e.details().get("sqlite")).startsWith("SQLITE_IOERR_DELETE");
  }

  private static SqliteSafeException uncertain(SqliteSafeException e) {
    return new SqliteSafeException(
            ErrorKind.UNCERTAIN,
            e.getMessage() + ", though the journal is gone: most likely this is committed",
            "read the database to see whether the change is there before doing it again",
            e)
        .with("sqlite", String.valueOf(e.details().get("sqlite")));
  }

  private static boolean isGone(Path file) {
    return Files.notExists(file); // unlike !exists, no when it cannot be told
  }

  private void confirm(Runnable confirm) {
    refused = true;
    confirm.run();
    refused = false;
  }

  /**
   * With synchronous=FULL a commit is the removal of the journal, which SQLite does not sync: after
   * a power cut the journal could be back, and would roll the acknowledged transaction back. One
   * sync of the directory closes that gap. Here and not by synchronous=EXTRA, because SQLite's
   * locks are free already, and readers need not wait for it.
   */
  private @Nullable String syncAfterCommit() {
    Path directory = database.file().toAbsolutePath().getParent();
    if (directory == null) {
      return null;
    }
    try {
      Durable.syncDirectory(directory);
      return null;
    } catch (IOException e) {
      return "committed to "
          + database.file()
          + ", but cannot sync "
          + directory
          + " ("
          + e.getMessage()
          + "): a power cut now could still undo it";
    }
  }

  /**
   * Closes this if SQLite has rolled everything back by itself, as it does after some errors
   * (sqlite.org/lang_transaction.html, section 3.1) and when a writing statement is interrupted.
   * Found out by a BEGIN, which only then succeeds.
   */
  public boolean closeIfEndedBySqlite() {
    if (!open) {
      return true;
    }
    try {
      database.execute("BEGIN");
    } catch (SQLException stillInTransaction) {
      return false;
    }
    close();
    return true;
  }

  private void run(String sql, String where) {
    try {
      database.execute(sql);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, database.file(), where);
    }
  }

  /**
   * Rolls back unless committed. SQLite may have done so by itself after some errors; that is fine.
   */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    if (!database.isPermitted()) {
      return;
    }
    try {
      database.execute("ROLLBACK");
    } catch (SQLException alreadyRolledBack) {
      // Closing the connection ends whatever is left.
    }
    if (!refused && Files.exists(journal)) {
      recover();
    }
  }

  /**
   * After a full disk or an I/O error SQLite only drops its locks and leaves pages and journal to
   * whoever opens the file next. That had better be this process, which still holds the lock;
   * unless it has lost it, then it touches nothing.
   */
  private void recover() {
    try {
      database.execute("BEGIN IMMEDIATE; ROLLBACK");
    } catch (SQLException stillBroken) {
      // The journal is hot and complete: the next writer or reader recovers it.
    }
  }
}
