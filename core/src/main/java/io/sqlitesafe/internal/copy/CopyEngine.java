package io.sqlitesafe.internal.copy;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.file.WriteBack;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One way to copy a database that others may be writing to into a file that is nobody's yet. */
public interface CopyEngine {
  /** As it is reported. */
  BackupMethod method();

  /**
   * Copies.
   *
   * @return the digest that has been following, for {@link GrowingDigest#finish}; null where there
   *     is none. The file is complete and closed.
   */
  @Nullable GrowingDigest run(Job job) throws IOException, SQLException;

  /** The engine of a method for this database. */
  static CopyEngine of(BackupMethod method, SourceReader reader) {
    if (reader.isAtRest() && method != BackupMethod.VACUUM) {
      return new WalCopy();
    }
    if ((reader.isShared() || reader.isPrivate()) && method != BackupMethod.VACUUM) {
      // Writers are out anyway, so the quickest way is the best.
      return new RollbackCopy(false);
    }
    boolean wal = reader.isWal();
    return switch (method) {
      case AUTO -> wal ? new WalCopy() : new RollbackCopy(true);
      case COPY -> wal ? new WalCopy() : new RollbackCopy(false);
      case ONLINE -> new OnlineCopy();
      case VACUUM -> new VacuumCopy();
    };
  }

  /**
   * What is to be copied.
   *
   * @param reader the database
   * @param target an empty file
   * @param digest compute a digest on the way, where that costs nothing
   * @param writeBack of the target, to be started where writing it once is likely to do; null where
   *     the target is not what will be kept
   * @param warnings receives what needs attention
   */
  record Job(
      Source source,
      SourceReader reader,
      Path target,
      boolean digest,
      @Nullable WriteBack writeBack,
      Stalls stalls,
      SnapshotListener listener,
      List<String> warnings) {
    private static final Duration DOOR = Duration.ofSeconds(2);

    /** The target is written from its beginning to its end, for the first time. */
    void startWriteBack() {
      if (writeBack != null) {
        writeBack.start();
      }
    }

    /** It is written again. */
    void stopWriteBack() {
      if (writeBack != null) {
        writeBack.stop();
      }
    }

    void progress(long done, long total) {
      source.cancellation().throwIfRequested();
      listener.progress(SnapshotListener.Phase.COPYING, done, total);
    }

    /**
     * Closes the door of the lock protocol, if that can be done soon. Copying is safe without it,
     * for SQLite's SHARED lock keeps everybody's commits out; but a writer that has to wait inside
     * SQLite stands in the way of every new reader, while one at the door stands in nobody's, and
     * knocks more often. Hence no reason to fail, or to wait for a long job under the lock.
     */
    @Nullable ExclusiveLock closeDoor() {
      if (reader.isShared() || reader.isPrivate()) {
        return null; // it is closed, and a writer would wait for this reader; or there is none
      }
      try {
        Duration patience = source.patience();
        return source.admitToCopy(DOOR.compareTo(patience) < 0 ? DOOR : patience, warnings);
      } catch (SqliteSafeException e) {
        source.cancellation().throwIfRequested();
        return null; // busy, or a directory that cannot be written to
      }
    }

    SqliteSafeException tooLong(String what) {
      Duration bound = stalls.bound();
      return new SqliteSafeException(
          ErrorKind.FAILED,
          source.paths().database()
              + " cannot be copied without keeping writers waiting for more than "
              + (bound == null ? 0 : bound.toMillis())
              + " ms: "
              + what,
          "allow a longer stall (--max-stall), run it at a quieter time, or use a write-ahead log"
              + " (journal-mode wal), which can be copied without stopping anybody",
          null);
    }
  }
}
