package io.sqlitesafe.internal.diff;

import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import io.sqlitesafe.internal.pages.PageFormat;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One page of a b-tree other than page 1, read as sqlite.org/fileformat2.html, section 1.6, has it,
 * and a cell of it that one is looking at. Every number in it is checked before it is used. May be
 * loaded again with another page. Not thread-safe.
 */
final class BTreePage {
  static final int INDEX_INTERIOR = PageFormat.INDEX_INTERIOR;
  static final int TABLE_INTERIOR = PageFormat.TABLE_INTERIOR;
  static final int INDEX_LEAF = PageFormat.INDEX_LEAF;
  static final int TABLE_LEAF = PageFormat.TABLE_LEAF;

  private final PageFile file;
  private final PageFile.Header header;
  private final byte[] page;
  private final ByteBuffer wrapped;
  private int at;

  private int number;
  private int cells;

  // The cell that was looked at last: its payload as far as it lies in this page.
  private long rowid;
  private int start;
  private int end;
  private long payload;
  private int overflow;

  BTreePage(PageFile file, PageFile.Header header) {
    this.file = file;
    this.header = header;
    this.page = new byte[header.pageSize()];
    this.wrapped = ByteBuffer.wrap(page);
  }

  /** Reads a page in place of the one before. */
  void load(int next) throws Unexpected {
    if (next < 2 || next > header.pages()) {
      throw new Unexpected("there is no page " + next);
    }
    file.read(next, wrapped);
    loaded(next);
  }

  /** Takes a page that was read, in place of the one before; it has to be of this type. */
  void load(int next, int type, ByteBuffer from, int at) throws Unexpected {
    from.get(at, page);
    loaded(next);
    requireType(type);
  }

  private void loaded(int next) throws Unexpected {
    number = next;
    cells = unsigned16(3);
    if (headerLength() + 2 * cells > header.usable()) {
      throw new Unexpected("page " + next + " has " + cells + " cells");
    }
  }

  /** As above, of a page that has to be of this type. */
  void load(int next, int type) throws Unexpected {
    load(next);
    requireType(type);
  }

  private void requireType(int type) throws Unexpected {
    if (type() != type) {
      throw new Unexpected("page " + number + " is not of its b-tree's kind");
    }
  }

  int number() {
    return number;
  }

  int type() {
    return page[0];
  }

  boolean interior() {
    return type() == TABLE_INTERIOR || type() == INDEX_INTERIOR;
  }

  /** Of a table, not of an index. */
  boolean table() {
    return type() == TABLE_INTERIOR || type() == TABLE_LEAF;
  }

  int cells() {
    return cells;
  }

  private int headerLength() {
    return interior() ? 12 : 8;
  }

  private int unsigned16(int offset) {
    return (page[offset] & 0xff) << 8 | (page[offset + 1] & 0xff);
  }

  private int int32(int offset) {
    return unsigned16(offset) << 16 | unsigned16(offset + 2);
  }

  private int cellStart(int cell) throws Unexpected {
    int offset = unsigned16(headerLength() + 2 * cell);
    if (offset < headerLength() || offset > header.usable() - 4) {
      throw new Unexpected("a cell is outside of its page");
    }
    return offset;
  }

  /** Of an interior page; the last child comes after all cells. */
  int child(int index) throws Unexpected {
    return int32(index == cells ? 8 : cellStart(index));
  }

  /** Of a table's interior page: no rowid below the child of this index is greater. */
  long greatest(int index) throws Unexpected {
    at = cellStart(index) + 4;
    return varint();
  }

  /** Looks at a cell with a payload, which a table's interior pages have not. */
  void cell(int index) throws Unexpected {
    int type = type();
    at = cellStart(index) + (type == INDEX_INTERIOR ? 4 : 0);
    payload = varint();
    rowid = type == TABLE_LEAF ? varint() : 0;
    start = at;
    if (payload < 0) {
      throw new Unexpected("a payload has a negative length");
    }
    if (payload <= PageFormat.mostLocal(type == TABLE_LEAF, header.usable())) {
      end = checkedEnd(at + payload);
      overflow = 0;
      return;
    }
    int usable = header.usable();
    if (payload / usable > header.pages() || payload > Integer.MAX_VALUE - 64) {
      throw new Unexpected("a payload is longer than its file");
    }
    end = checkedEnd(at + PageFormat.local(payload, type == TABLE_LEAF, usable) + 4) - 4;
    overflow = int32(end);
  }

  private int checkedEnd(long wanted) throws Unexpected {
    if (wanted > header.usable()) {
      throw new Unexpected("a cell goes beyond its page");
    }
    return (int) wanted;
  }

  private long varint() throws Unexpected {
    int length = PageFormat.varintLength(page, at, header.usable());
    if (length == 0) {
      throw new Unexpected("a number goes beyond its page");
    }
    at += length;
    return PageFormat.varint(page, at - length, length);
  }

  // ---- the cell that was looked at last --------------------------------------------------------

  /** Of a row in a table's leaf, else 0. */
  long rowid() {
    return rowid;
  }

  /** Whether a part of its payload is elsewhere. */
  boolean overflows() {
    return overflow != 0;
  }

  /**
   * Whether it certainly has the same payload as another one.
   *
   * @param same pages that are the same in both files; null where that is not known
   */
  boolean hasPayloadOf(BTreePage other, @Nullable SamePages same) throws Unexpected {
    if (payload != other.payload
        || !Arrays.equals(page, start, end, other.page, other.start, other.end)) {
      return false;
    }
    return overflow == 0 || (overflow == other.overflow && sameRest(same));
  }

  private boolean sameRest(@Nullable SamePages same) throws Unexpected {
    if (same == null) {
      return false;
    }
    int next = overflow;
    for (long left = payload - (end - start); left > 0; left -= header.usable() - 4) {
      if (!same.has(checkedOverflow(next))) {
        return false;
      }
      next = file.int32(next, 0);
    }
    return true;
  }

  private int checkedOverflow(int next) throws Unexpected {
    if (next < 2 || next > header.pages()) {
      throw new Unexpected("a chain of overflow pages ends early");
    }
    return next;
  }

  /** The whole payload. */
  RecordBytes record() throws Unexpected {
    if (overflow == 0) {
      return new RecordBytes(page, start, end);
    }
    byte[] all = new byte[(int) payload];
    int used = end - start;
    System.arraycopy(page, start, all, 0, used);
    byte[] rest = new byte[header.pageSize()];
    int next = overflow;
    while (used < all.length) {
      file.read(checkedOverflow(next), ByteBuffer.wrap(rest));
      int length = Math.min(all.length - used, header.usable() - 4);
      System.arraycopy(rest, 4, all, used, length);
      used += length;
      next =
          (rest[0] & 0xff) << 24 | (rest[1] & 0xff) << 16 | (rest[2] & 0xff) << 8 | rest[3] & 0xff;
    }
    return new RecordBytes(all, 0, all.length);
  }

  /** The payload as far as it lies here, for telling cells apart that do not overflow. */
  ByteBuffer localCopy() {
    return ByteBuffer.wrap(Arrays.copyOfRange(page, start, end));
  }
}
