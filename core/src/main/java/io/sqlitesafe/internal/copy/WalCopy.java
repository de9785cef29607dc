package io.sqlitesafe.internal.copy;

import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.file.PageCopy;
import io.sqlitesafe.internal.fs.PendingFile;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.sql.OpenMode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Copies a database with a write-ahead log: the file, then the log, then lets SQLite recover the
 * copy. Writers and checkpoints go on all the time.
 *
 * <p>Why that is a database (sqlite.org/walformat.html). Our read transaction holds a read mark.
 * Either it is a frame N of the log. Then no checkpoint moves a frame after N into the file, and
 * none starts the log anew; so every page of the file that changes while it is copied, torn or not,
 * has a frame in the log, and recovery puts that frame over it. The log goes on growing while it is
 * copied, and is then cut at its last whole commit, by its checksums. Or the mark is 0, because the
 * whole log was in the file already. Then no checkpoint touches the file, but a writer may start
 * the log anew. A mixture of an old and a new log could be a valid beginning of the old one, whose
 * frames are older than the file: so the log is copied again unless its header is the same before
 * and after. (A new log's header is written before its frames.) The new log as a whole is fine: it
 * continues from the file.
 *
 * <p>No POSIX lock lies on the log, so it may be opened and closed.
 */
final class WalCopy implements CopyEngine {
  private static final int HEADER = 32;
  private static final int ATTEMPTS = 100;
  private static final Duration TURN = Duration.ofMillis(50);

  @Override
  public BackupMethod method() {
    return BackupMethod.COPY;
  }

  @Override
  public @Nullable GrowingDigest run(Job job) throws IOException, SQLException {
    Path log = job.target().resolveSibling(job.target().getFileName() + "-wal");
    job.reader().pin();
    boolean logged;
    try {
      copyFile(job);
      logged = copyLog(job.source().paths().wal(), log);
    } finally {
      job.reader().unpin();
    }
    if (logged) {
      recover(job);
    }
    return null;
  }

  private static void copyFile(Job job) throws IOException {
    FileChannel in = job.reader().channel();
    try (FileChannel out = FileChannel.open(job.target(), StandardOpenOption.WRITE)) {
      PageCopy pages = new PageCopy(in, out);
      job.startWriteBack();
      long position = 0;
      for (long size = in.size(); position < size; size = in.size()) {
        try {
          position = pages.advance(position, size, TURN);
        } catch (EOFException shorter) {
          if (in.size() >= size) {
            throw shorter;
          }
          break; // cut by a checkpoint after a VACUUM; what was cut off is in use no more
        }
        job.progress(position, size);
      }
    }
  }

  /** False where there is no log, or nothing in it. */
  private static boolean copyLog(Path log, Path target) throws IOException {
    try (FileChannel in = FileChannel.open(log, StandardOpenOption.READ);
        FileChannel out = PendingFile.openNew(target)) {
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        byte[] before = header(in);
        if (before.length < HEADER) {
          return false;
        }
        long size = in.size();
        out.truncate(0);
        try {
          PageCopy pages = new PageCopy(in, out);
          for (long position = 0; position < size; ) {
            position = pages.advance(position, size, TURN);
          }
        } catch (EOFException cut) {
          continue;
        }
        if (Arrays.equals(before, header(in))) {
          return true;
        }
      }
      throw new IOException("the write-ahead log " + log + " was started anew all the time");
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  private static byte[] header(FileChannel log) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    while (header.hasRemaining() && log.read(header, header.position()) > 0) {
      // reads on
    }
    return Arrays.copyOf(header.array(), header.position());
  }

  /**
   * Moves the log into the copy. Exclusive locking, because the index of the log then needs no
   * shared memory, which some file systems do not have. Unsynced: the file is forced to the device
   * as a whole afterwards.
   */
  private static void recover(Job job) throws SQLException, IOException {
    try (Database copy =
        Database.open(
            job.target(),
            OpenMode.WRITE,
            Duration.ZERO,
            job.source().cancellation(),
            "PRAGMA locking_mode=EXCLUSIVE;")) {
      copy.execute("PRAGMA synchronous=OFF");
      copy.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    for (String suffix : new String[] {"-wal", "-shm"}) {
      Files.deleteIfExists(job.target().resolveSibling(job.target().getFileName() + suffix));
    }
  }
}
