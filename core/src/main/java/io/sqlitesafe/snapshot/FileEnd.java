package io.sqlitesafe.snapshot;

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
 * io.sqlitesafe.db.Database}.
 */
final class FileEnd implements AutoCloseable {
  private final Path file;
  private @Nullable FileChannel channel;

  FileEnd(Path file) {
    this.file = file;
  }

  /** To be called in the transaction that told the number of pages. */
  void check(int pageSize, long pageCount, Findings findings) {
    try {
      long size = Files.size(file);
      long expected = pageSize * pageCount;
      if (size < expected) {
        findings.add(
            CheckReport.Kind.FILE,
            "the file ends after " + size + " bytes, its " + pageCount + " pages take " + expected);
      } else if (size > expected && !isRoomToGrow(expected, size, pageSize)) {
        findings.add(
            CheckReport.Kind.FILE,
            "the file has " + (size - expected) + " bytes after its " + pageCount + " pages");
      }
    } catch (IOException e) {
      throw IntegrityCheck.unreadable(file, e);
    }
  }

  /** Programs may let the file grow in chunks (SQLITE_FCNTL_CHUNK_SIZE): whole pages of zeros. */
  private boolean isRoomToGrow(long from, long to, int pageSize) throws IOException {
    if ((to - from) % pageSize != 0) {
      return false;
    }
    FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
    channel = in;
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
