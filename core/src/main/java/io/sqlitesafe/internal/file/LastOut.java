package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.FileOwner;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Who leaves a database in WAL mode as the last one moves the log into it and removes it. A
 * read-only connection cannot: log and index would stay behind where it made them itself, or where
 * the programs that had the database open went while it read. So if nobody has it open afterwards,
 * this does what the last of them would have done: by SQLite, under SQLite's locks, and never by
 * deleting a file that somebody may just have opened. What a crashed program left before is not
 * touched.
 */
public final class LastOut implements AutoCloseable {
  private final Path file;
  private final boolean ours;

  private LastOut(Path file, boolean ours) {
    this.file = file;
    this.ours = ours;
  }

  /** To be called before the reader opens the database, and closed after it. */
  public static LastOut of(Path file) {
    return new LastOut(file, inUse(file) || !Files.exists(beside(file, "-wal")));
  }

  /** Whether a program on this host has the log of {@code file} open. */
  static boolean inUse(Path file) {
    return !FileUse.sqliteLocks(beside(file, "-shm")).isEmpty();
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** Another user's connection could make both files anew while it is removing them. */
  @Override
  public void close() {
    if (!ours
        || !Files.exists(beside(file, "-wal"))
        || inUse(file)
        || !Files.isWritable(file)
        || !FileOwner.makesFilesFor(file)) {
      return;
    }
    try (Database database =
        Database.open(file, OpenMode.WRITE, Duration.ZERO, new Cancellation())) {
      database.execute("SELECT 1 FROM sqlite_schema LIMIT 0");
    } catch (SqliteSafeException | SQLException othersWork) {
      // Then one of them will be the last.
    }
  }
}
