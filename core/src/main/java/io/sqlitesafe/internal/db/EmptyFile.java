package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * What lies beside a database of no bytes. The trap: SQLite takes a journal or a write-ahead log
 * beside an empty file for the remains of a deleted database and deletes it, on a read-only
 * connection too. Where the file is empty because a program or a file system cut it off, that is
 * all that is left. So such a database is not opened.
 *
 * <p>A first transaction that was cut short also leaves a journal beside an empty file. It says
 * that there were no pages before (sqlite.org/fileformat2.html, section 3, "The Rollback Journal"),
 * and may go. So may one whose header was never completed: nothing was written to the database yet.
 */
public final class EmptyFile {
  private static final long MAGIC = 0xd9d505f920a163d7L;
  private static final int PAGES_BEFORE = 16;
  private static final int JOURNAL_HEADER = 28;
  private static final int LOG_HEADER = 32;

  private EmptyFile() {}

  /**
   * The journal or log with content that SQLite would delete upon opening {@code file}; null where
   * there is none.
   */
  public static @Nullable Path remains(Path file) {
    if (size(file) > 0) {
      return null;
    }
    Path log = beside(file, "-wal");
    if (size(log) > LOG_HEADER) {
      return log;
    }
    Path journal = beside(file, "-journal");
    return hasPages(journal) ? journal : null;
  }

  /**
   * Refuses to open what would lose its last remains, and a journal or log that is no file: SQLite
   * would wait for the other end of a pipe, and nothing interrupts that.
   *
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  static void requireNoRemains(Path file) {
    requireFile(beside(file, "-journal"));
    requireFile(beside(file, "-wal"));
    requireFile(beside(file, "-shm"));
    Path remains = remains(file);
    if (remains != null) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          (Files.exists(file) ? file + " is empty" : "there is no file " + file)
              + ", but there are "
              + size(remains)
              + " bytes in "
              + remains
              + ", which SQLite would delete when it opens the database",
          "move that file away first: it may be all that is left of the data; then restore a"
              + " backup, or go on with an empty database");
    }
  }

  /**
   * Refuses to use a journal, log or index that is there and no regular file.
   *
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  public static void requireFile(Path journal) {
    if (FileKind.isStrange(journal)) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          journal + " is " + kind(journal) + ", where SQLite has a file of the database's",
          "nothing was touched; find out who made it, and remove it by hand");
    }
  }

  private static String kind(Path path) {
    try {
      return FileKind.of(path, LinkOption.NOFOLLOW_LINKS).words();
    } catch (IOException unknown) {
      return FileKind.OTHER.words();
    }
  }

  private static boolean hasPages(Path journal) {
    if (FileKind.isStrange(journal)) {
      return false;
    }
    ByteBuffer header = ByteBuffer.allocate(JOURNAL_HEADER);
    try (FileChannel channel = FileChannel.open(journal, StandardOpenOption.READ)) {
      while (header.hasRemaining() && channel.read(header) > 0) {
        // reads on
      }
    } catch (IOException none) {
      return size(journal) > 0; // there, but unreadable: nobody knows
    }
    return !header.hasRemaining() && header.getLong(0) == MAGIC && header.getInt(PAGES_BEFORE) != 0;
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException none) {
      return 0;
    }
  }
}
