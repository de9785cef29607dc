package io.sqlitesafe.changeset.diff;

import io.sqlitesafe.changeset.diff.PageFile.Unexpected;
import java.nio.ByteBuffer;

/**
 * One page of a b-tree other than page 1, read as sqlite.org/fileformat2.html, section 1.6, has it.
 * Every number in it is checked before it is used.
 */
final class BTreePage {
  static final int INDEX_INTERIOR = 2;
  static final int TABLE_INTERIOR = 5;
  static final int INDEX_LEAF = 10;
  static final int TABLE_LEAF = 13;

  private final ByteBuffer page;
  private final int usable;
  private int at;

  /**
   * @param page starting at 0
   * @param usable bytes of it that hold content
   */
  BTreePage(ByteBuffer page, int usable) {
    this.page = page;
    this.usable = usable;
  }

  int type() {
    return page.get(0);
  }

  boolean interior() {
    return type() == TABLE_INTERIOR || type() == INDEX_INTERIOR;
  }

  int cells() throws Unexpected {
    int cells = page.getShort(3) & 0xffff;
    if (headerLength() + 2 * cells > usable) {
      throw new Unexpected("a page has " + cells + " cells");
    }
    return cells;
  }

  private int headerLength() {
    return interior() ? 12 : 8;
  }

  private int cellStart(int cell) throws Unexpected {
    int start = page.getShort(headerLength() + 2 * cell) & 0xffff;
    if (start < headerLength() || start > usable - 4) {
      throw new Unexpected("a cell is outside of its page");
    }
    return start;
  }

  /** Of an interior page; the last child comes after all cells. */
  int child(int index) throws Unexpected {
    return page.getInt(index == cells() ? 8 : cellStart(index));
  }

  /**
   * A cell.
   *
   * @param rowid of a row in a table's leaf, else 0
   * @param overflow the first page of the rest of its payload, or 0
   * @param overflowPages how many there are
   */
  record Cell(long rowid, int start, int length, int overflow, long overflowPages) {}

  Cell cell(int index) throws Unexpected {
    int start = cellStart(index);
    at = type() == INDEX_INTERIOR ? start + 4 : start;
    long payload = varint();
    long rowid = type() == TABLE_LEAF ? varint() : 0;
    long most = type() == TABLE_LEAF ? usable - 35 : (usable - 12) * 64L / 255 - 23;
    if (payload < 0) {
      throw new Unexpected("a payload has a negative length");
    }
    if (payload <= most) {
      return new Cell(rowid, start, checkedLength(start, at + payload), 0, 0);
    }
    long least = (usable - 12) * 32L / 255 - 23;
    long local = least + (payload - least) % (usable - 4);
    local = local <= most ? local : least;
    int length = checkedLength(start, at + local + 4);
    long pages = (payload - local + usable - 5) / (usable - 4);
    return new Cell(rowid, start, length, page.getInt(start + length - 4), pages);
  }

  private int checkedLength(int start, long end) throws Unexpected {
    if (end > usable) {
      throw new Unexpected("a cell goes beyond its page");
    }
    return (int) end - start;
  }

  private long varint() throws Unexpected {
    long value = 0;
    for (int i = 0; i < 9; i++) {
      if (at >= usable) {
        throw new Unexpected("a number goes beyond its page");
      }
      int b = page.get(at++);
      if (i == 8) {
        return value << 8 | (b & 0xff);
      }
      value = value << 7 | (b & 0x7f);
      if (b >= 0) {
        return value;
      }
    }
    return value;
  }

  /** Of an overflow page, which is no page of a b-tree: the page after it. */
  int nextOverflow() {
    return page.getInt(0);
  }

  /** Whether two cells have the same bytes. */
  boolean sameBytes(Cell own, BTreePage other, Cell others) {
    return own.length() == others.length()
        && page.slice(own.start(), own.length())
            .equals(other.page.slice(others.start(), others.length()));
  }
}
