package io.sqlitesafe.internal.copy;

import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.fs.FileOwner;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.core.DB;

/**
 * Copies by SQLite's backup interface, a few megabytes a step. Between steps writers may commit,
 * and then SQLite begins again from the first page: with a writer that commits more often than a
 * copy takes, the shell's {@code .backup} never ends. So after some restarts a read transaction on
 * the source's connection holds the SHARED lock over the remaining steps. With a write-ahead log
 * such a transaction stops nobody, and is there from the beginning.
 */
final class OnlineCopy implements CopyEngine {
  private static final long STEP = 2L << 20;
  private static final int RESTARTS = 3;

  @Override
  public BackupMethod method() {
    return BackupMethod.ONLINE;
  }

  @Override
  public @Nullable GrowingDigest run(Job job) throws SQLException {
    Path file = job.source().paths().database();
    // Not the reader's connection: only one that may write can stop a backup, see Steps.stop.
    OpenMode mode =
        Files.isWritable(file) && FileOwner.makesFilesFor(file) ? OpenMode.WRITE : OpenMode.READ;
    try (Database database =
        Database.open(file, mode, job.source().patience(), job.source().cancellation())) {
      Steps steps = new Steps(job, database);
      try {
        steps.run();
      } finally {
        steps.release();
      }
    }
    return null;
  }

  /** Called between the steps. */
  private static final class Steps implements DB.ProgressObserver {
    private final Job job;
    private final Database database;
    private final DB driver;
    private final boolean wal;
    private final long pageSize;

    private @Nullable ExclusiveLock door;
    private boolean held;
    private int restarts;
    private long furthest;
    private boolean tooLong;
    private @Nullable RuntimeException failure;

    Steps(Job job, Database database) throws SQLException {
      this.job = job;
      this.database = database;
      this.driver = database.connection().getDatabase();
      this.wal = job.reader().isWal();
      this.pageSize = job.reader().pageSize();
    }

    void run() throws SQLException {
      if (wal) {
        hold();
      }
      begin();
      int code =
          driver.backup(
              "main",
              Database.uri(job.target()),
              this,
              0, // a step that is busy has waited already, as the connection's other statements do
              0,
              (int) Math.max(1, STEP / pageSize));
      if (failure != null) {
        throw failure;
      }
      job.source().cancellation().throwIfRequested();
      if (tooLong) {
        throw job.tooLong("SQLite's backup interface took longer");
      }
      if (code != SQLiteErrorCode.SQLITE_OK.code) {
        throw new SQLiteException(
            "copying by SQLite's backup interface failed: " + SQLiteErrorCode.getErrorCode(code),
            SQLiteErrorCode.getErrorCode(code));
      }
    }

    /** Writers wait during a step, and through all of them where the lock is held. */
    private void begin() {
      if (!wal) {
        job.stalls().begin();
      }
    }

    @Override
    public void progress(int remaining, int pages) {
      try {
        step((long) (pages - remaining) * pageSize, pages * pageSize);
      } catch (SQLException e) {
        fail(SqlErrors.translate(e, database.file(), ""));
      } catch (RuntimeException e) {
        fail(e); // an exception must not go through SQLite's code
      }
    }

    private void step(long done, long total) throws SQLException {
      if (failure != null || tooLong) {
        stop();
        return;
      }
      tooLong = held && !wal && job.stalls().overdue();
      if (!held) {
        job.stalls().end();
        restarts += done <= furthest && done < total ? 1 : 0;
        furthest = done;
      }
      job.progress(done, total);
      if (tooLong) {
        stop();
      } else if (!held && restarts >= RESTARTS) {
        door = job.closeDoor();
        begin();
        hold();
      } else {
        begin();
      }
    }

    private void fail(RuntimeException e) {
      if (failure == null) {
        failure = e;
      }
      stop();
    }

    private void hold() throws SQLException {
      database.execute("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 0");
      held = true;
    }

    /**
     * The driver's loop knows no way out but an error. A step fails as busy while the source's own
     * connection is writing, so it begins to.
     */
    private void stop() {
      try {
        database.setBusyTimeout(Duration.ZERO);
        if (held) {
          database.execute("ROLLBACK");
          held = false;
        }
        database.execute("BEGIN IMMEDIATE");
      } catch (SQLException othersWrite) {
        // again after the next step
      }
    }

    void release() {
      try {
        database.execute("ROLLBACK");
      } catch (SQLException notBegun) {
        // then there is nothing to end
      }
      job.stalls().end();
      if (door != null) {
        door.close();
      }
    }
  }
}
