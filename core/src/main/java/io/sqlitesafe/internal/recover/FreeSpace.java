package io.sqlitesafe.internal.recover;

import static io.sqlitesafe.internal.pages.PageFormat.TABLE_LEAF;

import io.sqlitesafe.internal.pages.PageFormat;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Looks for rows that were deleted in what is free of a leaf: between its head and its cells, and
 * in its list of free blocks (sqlite.org/fileformat2.html, section 1.6). Such a block has four
 * bytes written over the beginning of the first cell that was there: the lengths and the rowid,
 * which are not needed. For one table and one thread.
 */
final class FreeSpace {
  private static final int OVERWRITTEN = 4;
  private static final int LEAST_LIKENESS = 700;

  private final PageView page;
  private final Shape shape;
  private final Finder finder;
  private final RecordView record = new RecordView();

  /** Is told of each row; rowid is null where it was overwritten. */
  interface Finder {
    void found(int page, @Nullable Long rowid, RecordView record) throws SQLException;
  }

  FreeSpace(PageView page, Shape shape, Finder finder) {
    this.page = page;
    this.shape = shape;
    this.finder = finder;
  }

  /** Looks through the page that was loaded. */
  void search() throws SQLException {
    int cells = page.base() + 8 + 2 * page.cells();
    int content = unsigned16(page.base() + 5);
    area(cells, Math.min(content == 0 ? page.there() : content, page.there()), false);
    int block = unsigned16(page.base() + 1);
    for (int last = cells; block >= last && block + OVERWRITTEN <= page.there(); ) {
      int size = unsigned16(block + 2);
      area(block, Math.min(block + size, page.there()), true);
      last = block + OVERWRITTEN;
      block = unsigned16(block);
    }
  }

  private int unsigned16(int at) {
    return (page.bytes[at] & 0xff) << 8 | (page.bytes[at + 1] & 0xff);
  }

  private void area(int start, int end, boolean block) throws SQLException {
    boolean mayBegin = block; // a cell without its first bytes
    for (int at = start; at + OVERWRITTEN < end; ) {
      int next = whole(at, end);
      if (next == 0 && mayBegin) {
        next = beheaded(at, end);
      }
      mayBegin = next != 0;
      at = next == 0 ? at + 1 : next;
    }
  }

  /** Where the cell ends that is there; 0 = there is none. */
  private int whole(int at, int end) throws SQLException {
    if (page.cellAt(at, TABLE_LEAF)
        && page.end() <= end
        && page.isWhole()
        && page.isRecord(record)
        && isLikely()) {
      finder.found(page.number(), page.rowid(), record);
      return page.end();
    }
    return 0;
  }

  private int beheaded(int at, int end) throws SQLException {
    for (int head = at + OVERWRITTEN; head < Math.min(at + OVERWRITTEN + 3, end); head++) {
      if (record.parseByHead(page.bytes, head, end) && isLikely()) {
        int stop = record.starts[record.count];
        finder.found(page.number(), null, record);
        return stop;
      }
    }
    int stop = withoutHead(at + OVERWRITTEN, end, 0);
    boolean alias = !shape.fields().isEmpty() && shape.fields().get(0).alias();
    return stop == 0 && alias ? withoutHead(at + OVERWRITTEN, end, 1) : stop;
  }

  /**
   * A record whose length of the head was overwritten.
   *
   * @param types where the types begin that are there
   * @param lost so many NULLs before them were overwritten
   */
  private int withoutHead(int types, int end, int lost) throws SQLException {
    int place = types;
    long body = 0;
    for (int field = lost; field < shape.fields().size(); field++) {
      long type = 0;
      int length = 0;
      do {
        if (place >= end || ++length > 5) {
          return 0;
        }
        type = type << 7 | (page.bytes[place] & 0x7f);
      } while (page.bytes[place++] < 0);
      long size = PageFormat.size(type);
      if (size < 0) {
        return 0;
      }
      body += size;
    }
    int head = 1 + lost + place - types;
    if (place + body > end || head > 127) {
      return 0;
    }
    byte[] made = new byte[head + (int) body];
    made[0] = (byte) head;
    System.arraycopy(page.bytes, types, made, 1 + lost, made.length - 1 - lost);
    if (!record.parse(made, 0, made.length) || !isLikely()) {
      return 0;
    }
    finder.found(page.number(), null, record);
    return place + (int) body;
  }

  private boolean isLikely() {
    return record.count == shape.fields().size()
        && shape.likeness(record) >= LEAST_LIKENESS
        && record.starts[record.count] - record.starts[0] >= 2;
  }
}
