package io.sqlitesafe.internal.diff;

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
 * The pages of a database file (sqlite.org/fileformat2.html, section 1.3). That they change or
 * vanish under a reader is excluded by the read lock that a connection holds meanwhile. Pages that
 * a write-ahead log has are taken from there. Once open, safe for use by several threads, none of
 * which may be interrupted: see {@link io.sqlitesafe.internal.host.Undisturbed}.
 */
public final class PageFile implements AutoCloseable {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = 100;
  private static final int LEAST_USABLE = 480;

  private final FileChannel channel;
  private final boolean owned;
  private WalPages log = WalPages.NONE;
  private int pageSize;

  /** Pages in the file. */
  private int pages;

  private PageFile(FileChannel channel, boolean owned) {
    this.channel = channel;
    this.owned = owned;
  }

  /** Over a channel that stays the caller's to close. */
  public static PageFile of(FileChannel channel) {
    return new PageFile(channel, false);
  }

  public static PageFile open(Path file) {
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

  /**
   * Reads the header.
   *
   * @param wal what a write-ahead log beside the file has, if it is in use: these pages come before
   *     those of the file
   */
  Header open(WalPages wal) throws IOException, Unexpected {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    while (header.hasRemaining() && channel.read(header, header.position()) > 0) {}
    WalPages over = header.get(18) == 2 ? wal : WalPages.NONE;
    ByteBuffer first = over.page(1);
    if (first != null) {
      header.clear().put(first.slice(0, HEADER));
    }
    if (header.hasRemaining() || !Arrays.equals(header.array(), 0, 16, MAGIC, 0, 16)) {
      throw new Unexpected("a file has no header");
    }
    int stored = header.getShort(16) & 0xffff;
    pageSize = stored == 1 ? 65536 : stored;
    long size = channel.size();
    if (pageSize < 512 || Integer.bitCount(pageSize) != 1 || size % pageSize != 0) {
      throw new Unexpected("a file is not made of whole pages");
    }
    if (over.pages() > 0 && over.pageSize() != pageSize) {
      throw new Unexpected("the write-ahead log has other pages than its database");
    }
    log = over;
    pages = (int) (size / pageSize);
    int usable = pageSize - (header.get(20) & 0xff);
    if (usable < LEAST_USABLE) {
      throw new Unexpected("the pages of a file have no room");
    }
    int version = Math.max(header.get(18), header.get(19));
    return new Header(
        pageSize, usable, version, header.getInt(56), over.pages() > 0 ? over.pages() : pages);
  }

  /**
   * Reads pages that follow one another, the first of them of this number, as many as there is room
   * for; the buffer's position and limit stay.
   */
  void read(int first, ByteBuffer to) throws Unexpected {
    int start = to.position();
    int count = to.remaining() / pageSize;
    int here = Math.max(0, Math.min(count, pages - first + 1));
    if (first < 1 || (here < count && log.pages() == 0)) {
      throw new Unexpected("there is no page " + (first + here));
    }
    int end = to.limit();
    readFully(to.limit(start + here * pageSize), (first - 1L) * pageSize);
    to.limit(end).position(start);
    for (int i = 0; log.pages() > 0 && i < count; i++) {
      ByteBuffer logged = log.page(first + i);
      if (logged != null) {
        to.put(start + i * pageSize, logged, 0, pageSize);
      } else if (i >= here) {
        throw new Unexpected("there is no page " + (first + i));
      }
    }
  }

  /** Four bytes of a page. */
  int int32(int number, int at) throws Unexpected {
    ByteBuffer logged = log.page(number);
    if (logged != null) {
      return logged.getInt(at);
    }
    ByteBuffer bytes = ByteBuffer.allocate(4);
    readFully(bytes, (number - 1L) * pageSize + at);
    return bytes.getInt(0);
  }

  private void readFully(ByteBuffer to, long place) throws Unexpected {
    try {
      for (long at = place; to.hasRemaining(); ) {
        int got = channel.read(to, at);
        if (got < 0) {
          throw new Unexpected("a file was cut off while it was read");
        }
        at += got;
      }
    } catch (IOException e) {
      throw new Unexpected("pages cannot be read: " + e.getMessage());
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
  public static final class Unexpected extends Exception {
    Unexpected(String what) {
      super(what);
    }
  }
}
