package io.sqlitesafe.internal.recover;

import static io.sqlitesafe.internal.pages.PageFormat.INDEX_INTERIOR;
import static io.sqlitesafe.internal.pages.PageFormat.INDEX_LEAF;
import static io.sqlitesafe.internal.pages.PageFormat.TABLE_INTERIOR;
import static io.sqlitesafe.internal.pages.PageFormat.TABLE_LEAF;

import io.sqlitesafe.internal.pages.PageFormat;

/**
 * One page of a b-tree (sqlite.org/fileformat2.html, section 1.6), and a cell of it that one is
 * looking at. May be loaded again with another page. No number in it is believed. For one thread.
 */
final class PageView {
  /** Not a page of a b-tree, as far as can be told. */
  static final int OTHER = 0;

  private static final int FILE_HEADER = 100;

  final byte[] bytes;
  private final PageImage image;
  private final int usable;

  private int number;
  private int base;
  private int there;
  private int kind;
  private int cells;

  // The cell that was looked at last.
  private long payload;
  private long rowid;
  private int start;
  private int localEnd;
  private int end;
  private int overflow;
  private int at;

  PageView(PageImage image) {
    this.image = image;
    this.usable = image.layout().usable();
    this.bytes = new byte[image.layout().pageSize()];
  }

  /** Reads a page in place of the one before, and tells its kind. */
  int load(int next) {
    number = next;
    base = next == 1 ? FILE_HEADER : 0;
    there = Math.min(usable, image.read(next, bytes));
    kind = kindOf();
    return kind;
  }

  private int kindOf() {
    cells = 0;
    int type = bytes[base];
    boolean known =
        type == TABLE_LEAF
            || type == TABLE_INTERIOR
            || type == INDEX_LEAF
            || type == INDEX_INTERIOR;
    if (!known || there < base + 12) {
      return OTHER;
    }
    int claimed = unsigned16(base + 3);
    int head = base + (type < INDEX_LEAF ? 12 : 8);
    if (head + 2 * claimed > usable) {
      return OTHER;
    }
    cells = claimed;
    return type;
  }

  int number() {
    return number;
  }

  int kind() {
    return kind;
  }

  int cells() {
    return cells;
  }

  /** How many bytes of the page are there. */
  int there() {
    return there;
  }

  /** Where the cells may begin. */
  int base() {
    return base;
  }

  boolean isBlank() {
    for (int i = 0; i < there; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private int head() {
    return base + (kind < INDEX_LEAF ? 12 : 8);
  }

  private int unsigned16(int offset) {
    return (bytes[offset] & 0xff) << 8 | (bytes[offset + 1] & 0xff);
  }

  int int32(int offset) {
    return unsigned16(offset) << 16 | unsigned16(offset + 2);
  }

  /** Where a cell begins; negative where it cannot be there. */
  int cellStart(int cell) {
    int offset = head() + 2 * cell;
    if (offset + 2 > there) {
      return -1;
    }
    int place = unsigned16(offset);
    return place < head() + 2 * cells || place + 4 > there ? -1 : place;
  }

  /** Of an interior page, the last one after all cells; 0 where it cannot be told. */
  int child(int cell) {
    if (cell == cells) {
      return int32(base + 8);
    }
    int place = cellStart(cell);
    return place < 0 ? 0 : int32(place);
  }

  /** Looks at the key of a table's interior page; false where there is none. */
  boolean key(int cell) {
    int place = cellStart(cell);
    if (place < 0) {
      return false;
    }
    rowid = varint(place + 4);
    return at >= 0;
  }

  /** Looks at a cell with a payload; false where it cannot be one. */
  boolean cell(int index) {
    int place = cellStart(index);
    return place >= 0 && cellAt(place, kind);
  }

  /**
   * As above, of a cell wherever it begins.
   *
   * @param type of its page
   */
  boolean cellAt(int place, int type) {
    payload = varint(type == INDEX_INTERIOR ? place + 4 : place);
    if (at < 0 || payload < 1) {
      return false;
    }
    boolean table = type == TABLE_LEAF;
    rowid = table ? varint(at) : 0;
    if (at < 0) {
      return false;
    }
    start = at;
    int local = PageFormat.local(payload, table, usable);
    localEnd = start + local;
    boolean spills = local < payload;
    end = Math.max(spills ? localEnd + 4 : localEnd, place + 4);
    if (local < 0
        || end > there
        || payload > Integer.MAX_VALUE - 64
        || (payload - local) / (usable - 4) > image.layout().pages()) {
      return false;
    }
    overflow = spills ? int32(localEnd) : 0;
    return true;
  }

  /** Looks at a cell whose length is damaged; false where not even its rowid can be there. */
  boolean looseCell(int index) {
    int place = cellStart(index);
    if (place < 0) {
      return false;
    }
    varint(kind == INDEX_INTERIOR ? place + 4 : place);
    rowid = at >= 0 && kind == TABLE_LEAF ? varint(at) : 0;
    start = at;
    return at >= 0;
  }

  private long varint(int place) {
    int length = PageFormat.varintLength(bytes, place, there);
    at = length == 0 ? -1 : place + length;
    return length == 0 ? -1 : PageFormat.varint(bytes, place, length);
  }

  // ---- the cell that was looked at last --------------------------------------------------------

  long rowid() {
    return rowid;
  }

  /** Bytes of the whole payload. */
  long payload() {
    return payload;
  }

  /** Where the payload begins in this page. */
  int start() {
    return start;
  }

  /** Where the payload ends, as far as it lies in this page. */
  int localEnd() {
    return localEnd;
  }

  /** Where the cell ends. */
  int end() {
    return end;
  }

  /** The first page with the rest of the payload; 0 = it is all here. */
  int overflow() {
    return overflow;
  }

  /** Whether all of the payload is here. The number of an overflow page may be 0, by damage. */
  boolean isWhole() {
    return payload == localEnd - start;
  }

  /** Whether the payload is a record, as far as it lies in this page. */
  boolean isRecord(RecordView record) {
    return record.parse(bytes, start, localEnd, payload);
  }
}
