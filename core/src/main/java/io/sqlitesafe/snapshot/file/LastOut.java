package io.sqlitesafe.snapshot.file;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.FileUse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Who leaves a database in WAL mode as the last one moves the log into it and removes it. A
 * read-only connection cannot; if the programs that had it open go while one reads, log and index
 * would stay behind for no reason. So if it was in use before and is in use by nobody afterwards,
 * this does what the last of them would have done. What a crashed program left before is not
 * touched.
 */
public final class LastOut implements AutoCloseable {
  private final Path file;
  private final boolean wasInUse;

  private LastOut(Path file, boolean wasInUse) {
    this.file = file;
    this.wasInUse = wasInUse;
  }

  /** To be called before the reader opens the database, and closed after it. */
  public static LastOut of(Path file) {
    return new LastOut(file, inUse(file));
  }

  private static boolean inUse(Path file) {
    return !FileUse.sqliteLocks(beside(file, "-shm")).isEmpty();
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  @Override
  public void close() {
    if (!wasInUse
        || inUse(file)
        || !Files.exists(beside(file, "-wal"))
        || !Files.isWritable(file)) {
      return;
    }
    try (Database database =
        Database.open(file, Database.Mode.WRITE, Duration.ZERO, new Cancellation())) {
      database.execute("SELECT 1 FROM sqlite_schema LIMIT 0");
    } catch (SqliteSafeException | SQLException othersWork) {
      // Then one of them will be the last.
    }
  }
}
