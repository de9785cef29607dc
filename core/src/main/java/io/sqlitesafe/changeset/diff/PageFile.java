package io.sqlitesafe.changeset.diff;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pages of a database file (sqlite.org/fileformat2.html, section 1.3), mapped into memory: that
 * they change or vanish under a reader is excluded by the read lock that a connection holds
 * meanwhile. Pages that a write-ahead log has are taken from there. Once open, safe for use by
 * several threads.
 */
final class PageFile implements AutoCloseable {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = 100;
  private static final int LEAST_USABLE = 480;

  /** Of one mapping; a power of two, so that no page lies across its end. */
  private static final int SEGMENT = 1 << 30;

  private final FileChannel channel;
  private final boolean owned;
  private final List<MappedByteBuffer> segments = new ArrayList<>();
  private WalPages log = WalPages.NONE;
  private int pageSize;

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

  /**
   * Reads the header, and maps the pages.
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
    for (long start = 0; start < size; start += SEGMENT) {
      segments.add(
          channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(SEGMENT, size - start)));
    }
    int usable = pageSize - (header.get(20) & 0xff);
    if (usable < LEAST_USABLE) {
      throw new Unexpected("the pages of a file have no room");
    }
    int version = Math.max(header.get(18), header.get(19));
    int pages = over.pages() > 0 ? over.pages() : (int) (size / pageSize);
    return new Header(pageSize, usable, version, header.getInt(56), pages);
  }

  /** The bytes of a page; a view. */
  ByteBuffer page(int number) throws Unexpected {
    ByteBuffer logged = log.page(number);
    return logged != null ? logged : segment(number).slice(offset(number), pageSize);
  }

  /** Copies a page. */
  void read(int number, byte[] to) throws Unexpected {
    ByteBuffer logged = log.page(number);
    if (logged != null) {
      logged.get(0, to);
    } else {
      segment(number).get(offset(number), to);
    }
  }

  /** Four bytes of a page. */
  int int32(int number, int at) throws Unexpected {
    return page(number).getInt(at);
  }

  private MappedByteBuffer segment(int number) throws Unexpected {
    int index = (int) ((number - 1L) * pageSize / SEGMENT);
    if (number < 1
        || index >= segments.size()
        || offset(number) + pageSize > segments.get(index).capacity()) {
      throw new Unexpected("there is no page " + number);
    }
    return segments.get(index);
  }

  private int offset(int number) {
    return (int) ((number - 1L) * pageSize % SEGMENT);
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
