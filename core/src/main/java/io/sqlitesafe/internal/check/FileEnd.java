package io.sqlitesafe.internal.check;

import io.sqlitesafe.snapshot.CheckResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Whether a database file ends where its last page does. SQLite does not look at what comes after,
 * and takes a last page that is cut short for one that ends in zeros.
 *
 * <p>Close it after the connection to the same file, never before: see {@link
 * io.sqlitesafe.internal.db.Database}.
 */
public final class FileEnd implements AutoCloseable {
  private static final int HEADER = 100;
  private static final int PAGE_SIZE_AT = 16;
  private static final int PAGE_COUNT_AT = 28;

  private final Path file;
  private @Nullable FileChannel channel;

  public FileEnd(Path file) {
    this.file = file;
  }

  /** To be called in the transaction that told the number of pages. */
  void check(int pageSize, long pageCount, Findings findings) {
    try {
      check(pageSize, pageCount, Files.size(file), findings);
    } catch (IOException e) {
      throw DatabaseCheck.unreadable(file, e);
    }
  }

  /**
   * As above, where SQLite finds the file so wrong that it does not tell the number of pages
   * (sqlite.org/fileformat.html#database_header).
   */
  public void checkByHeader(Findings findings) {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    try {
      open().read(header, 0);
      int pageSize = Short.toUnsignedInt(header.getShort(PAGE_SIZE_AT));
      long pageCount = Integer.toUnsignedLong(header.getInt(PAGE_COUNT_AT));
      check(pageSize == 1 ? 65_536 : pageSize, pageCount, Files.size(file), findings);
    } catch (IOException e) {
      throw DatabaseCheck.unreadable(file, e);
    }
  }

  private void check(int pageSize, long pageCount, long size, Findings findings)
      throws IOException {
    long expected = pageSize * pageCount;
    if (size < expected) {
      findings.add(
          CheckResult.Kind.FILE,
          "the file ends after " + size + " bytes, its " + pageCount + " pages take " + expected);
    } else if (size > expected && !isRoomToGrow(expected, size, pageSize)) {
      findings.add(
          CheckResult.Kind.FILE,
          "the file has " + (size - expected) + " bytes after its " + pageCount + " pages");
    }
  }

  private FileChannel open() throws IOException {
    FileChannel opened = channel;
    if (opened == null) {
      opened = FileChannel.open(file, StandardOpenOption.READ);
      channel = opened;
    }
    return opened;
  }

  /** Programs may let the file grow in chunks (SQLITE_FCNTL_CHUNK_SIZE): whole pages of zeros. */
  private boolean isRoomToGrow(long from, long to, int pageSize) throws IOException {
    if ((to - from) % pageSize != 0) {
      return false;
    }
    FileChannel in = open();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    for (long at = from; at < to; ) {
      int n = in.read(buffer.clear(), at);
      for (int i = 0; i < n; i++) {
        if (buffer.get(i) != 0) {
          return false;
        }
      }
      at = n < 0 ? to : at + n;
    }
    return true;
  }

  @Override
  public void close() {
    FileChannel open = channel;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException readOnly) {
      // nothing was written
    }
  }
}
