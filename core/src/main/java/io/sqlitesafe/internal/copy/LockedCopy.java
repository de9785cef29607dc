package io.sqlitesafe.internal.copy;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.file.PageCopy;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the file as they are, copied under the exclusive lock with nothing left in journals.
 * A write transaction that writes nothing keeps those out who do not know of the lock.
 */
public final class LockedCopy implements CopyEngine {
  private static final Duration TURN = Duration.ofMillis(50);

  /**
   * Whether a write transaction can be begun and leaves nothing. Else what protects every reader
   * has to do: SQLite's SHARED lock, or a comparison of the file afterwards.
   */
  public static boolean isPossible(SourceReader reader) {
    Path file = reader.database().file();
    return !reader.isShared()
        && !reader.isPrivate()
        && !reader.isAtRest()
        && Files.isWritable(file)
        && Files.isWritable(file.resolveSibling(""));
  }

  @Override
  public BackupMethod method() {
    return BackupMethod.COPY;
  }

  @Override
  public @Nullable GrowingDigest run(Job job) throws IOException, SQLException {
    Source source = job.source();
    try (ExclusiveLock lock = source.admitToCopy(source.patienceOrForever(), job.warnings())) {
      job.stalls().begin();
      if (source.doubt() != null) {
        copyUnrecovered(job);
        lock.ensureHeld();
        return null;
      }
      try (Database database =
          Database.open(
              source.paths().database(),
              OpenMode.WRITE,
              source.patience(),
              source.cancellation())) {
        database.execute("BEGIN IMMEDIATE; ROLLBACK; PRAGMA wal_checkpoint(TRUNCATE)");
        database.execute("BEGIN IMMEDIATE");
        try {
          requireEmptyLog(source);
          copy(job);
        } finally {
          database.execute("ROLLBACK");
        }
      }
      lock.ensureHeld();
    } finally {
      job.stalls().end();
    }
    return null;
  }

  /**
   * The file has other names, so what lies beside this one may be older than the file: neither may
   * it be worked off nor the file be called complete. Without a journal or log, SQLite's SHARED
   * lock keeps all writers from committing.
   */
  private static void copyUnrecovered(Job job) throws IOException {
    LockPaths paths = job.source().paths();
    for (Path beside : List.of(paths.journal(), paths.wal())) {
      if (Files.exists(beside) && Files.size(beside) > 0) {
        throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            job.source().doubt() + "; and there is " + beside,
            "use backup, which reads by way of SQLite; or --allow-links, where nobody uses the"
                + " other name");
      }
    }
    job.reader().pin();
    try {
      copy(job);
    } finally {
      job.reader().unpin();
    }
  }

  /**
   * A reader may have kept the checkpoint from its end, and a foreign writer may have committed.
   */
  private static void requireEmptyLog(Source source) throws IOException {
    if (Files.exists(source.paths().wal()) && Files.size(source.paths().wal()) > 0) {
      throw new SqliteSafeException(
          ErrorKind.LOCK_BUSY,
          "part of " + source.paths().database() + " stays in its write-ahead log: it is in use",
          "try again, or use backup, which copies a database in use");
    }
  }

  private static void copy(Job job) throws IOException {
    FileChannel in = job.reader().channel();
    try (FileChannel out = FileChannel.open(job.target(), StandardOpenOption.WRITE)) {
      PageCopy pages = new PageCopy(in, out);
      long size = in.size();
      for (long position = 0; position < size; ) {
        if (job.stalls().overdue()) {
          throw job.tooLong("copying took longer");
        }
        position = pages.advance(position, size, TURN);
        job.progress(position, size);
      }
    }
  }
}
