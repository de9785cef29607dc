package io.sqlitesafe.changeset.diff;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The pages of a database file (sqlite.org/fileformat2.html, section 1.3). Reads at positions, so
 * safe for use by several threads.
 */
final class PageFile implements AutoCloseable {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = 100;

  private final FileChannel channel;
  private final boolean owned;

  private PageFile(FileChannel channel, boolean owned) {
    this.channel = channel;
    this.owned = owned;
  }

  /** Over a channel that stays the caller's to close. */
  static PageFile of(FileChannel channel) {
    return new PageFile(channel, false);
  }

  static PageFile open(Path file) {
    try {
      return new PageFile(FileChannel.open(file, StandardOpenOption.READ), true);
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE, "cannot read " + file + ": " + e, "check the name", e);
    }
  }

  /**
   * The header's fields that matter here.
   *
   * @param usable bytes of a page that hold content
   * @param version 1 = rollback journal, 2 = write-ahead log
   * @param encoding 1 = UTF-8, 2 and 3 = UTF-16
   */
  record Header(int pageSize, int usable, int version, int encoding, int pages) {}

  Header header() throws IOException, Unexpected {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    read(header, 0);
    if (header.hasRemaining() || !Arrays.equals(header.array(), 0, 16, MAGIC, 0, 16)) {
      throw new Unexpected("a file has no header");
    }
    int stored = header.getShort(16) & 0xffff;
    int pageSize = stored == 1 ? 65536 : stored;
    long size = channel.size();
    if (pageSize < 512 || Integer.bitCount(pageSize) != 1 || size % pageSize != 0) {
      throw new Unexpected("a file is not made of whole pages");
    }
    int usable = pageSize - (header.get(20) & 0xff);
    int version = Math.max(header.get(18), header.get(19));
    return new Header(pageSize, usable, version, header.getInt(56), (int) (size / pageSize));
  }

  /** Fills the buffer as far as the file goes. */
  void read(ByteBuffer into, long position) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int n = channel.read(into, at);
      if (n < 0) {
        return;
      }
      at += n;
    }
  }

  @Override
  public void close() {
    try {
      if (owned) {
        channel.close();
      }
    } catch (IOException harmless) {
      // it was only read
    }
  }

  /**
   * The file is not what a comparison of pages needs, or not what the format's description says.
   */
  static final class Unexpected extends Exception {
    Unexpected(String what) {
      super(what);
    }
  }
}
