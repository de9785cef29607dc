package io.sqlitesafe.internal.recover;

import static io.sqlitesafe.internal.pages.PageFormat.INDEX_LEAF;
import static io.sqlitesafe.internal.pages.PageFormat.TABLE_LEAF;

import java.sql.SQLException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of single pages and tells whether these are of one table. For one table and one
 * thread.
 */
final class LeafReader {
  private final @Nullable Shape shape;
  private final RowTaker taker;
  private final Payload payload;
  private final RecordView record = new RecordView();
  private long[] rowids = new long[256];

  /**
   * @param shape null where every record will do
   */
  LeafReader(PageImage image, PageKinds kinds, @Nullable Shape shape, RowTaker taker) {
    this.shape = shape;
    this.taker = taker;
    this.payload = new Payload(image, kinds);
  }

  /**
   * Takes the rows of a leaf with rowids.
   *
   * @param empty it may have no rows
   * @return false where it is not one of this table with such rowids, and nothing was taken
   */
  boolean table(PageView page, long above, long upTo, boolean empty) throws SQLException {
    int cells = page.cells();
    if (cells == 0) {
      return empty;
    }
    if (rowids.length < cells) {
      rowids = new long[cells * 2];
    }
    BitSet good = new BitSet(cells);
    BitSet inside = new BitSet(cells);
    int fitting = 0;
    for (int i = 0; i < cells; i++) {
      if (page.cell(i) && isRecord(page)) {
        rowids[i] = page.rowid();
        good.set(i);
        fitting += shape == null || shape.fits(record) ? 1 : 0;
        inside.set(i, page.rowid() > above && page.rowid() <= upTo);
      }
    }
    int readable = good.cardinality();
    int outside = readable - inside.cardinality();
    if (readable == 0 || fitting * 2 < readable || outside * 2 > readable) {
      return false;
    }
    // One row that is outside of its page's range has a damaged rowid; of many, the range is
    // damaged.
    BitSet rows = Ascending.longest(rowids, cells, outside == 1 ? inside : good);
    emit(page, cells, rows);
    return true;
  }

  private void emit(PageView page, int cells, BitSet rows) throws SQLException {
    int lost = 0;
    for (int i = 0; i < cells; i++) {
      boolean cell = page.cell(i);
      if (cell && rows.get(i)) {
        take(page, i);
      } else {
        lost += (cell && doubtful(page)) || loose(page, i) ? 0 : 1;
      }
    }
    if (lost > 0) {
      taker.lost(page.number(), lost);
    }
  }

  /** Takes a cell whose length is damaged, and its head is not. */
  private boolean loose(PageView page, int cell) throws SQLException {
    if (!page.looseCell(cell)
        || !record.parseByHead(page.bytes, page.start(), page.there())
        || (shape != null && !shape.fits(record))) {
      return false;
    }
    taker.doubtful(page.number(), page.rowid(), record);
    return true;
  }

  /** Takes the cell that the page was asked for last, the one of this number. */
  private void take(PageView page, int cell) throws SQLException {
    if (payload.gather(page) && record.parse(payload.bytes(), payload.start(), payload.end())) {
      payload.keep();
      taker.row(page.number(), page.rowid(), record);
    } else if (!doubtful(page) && !loose(page, cell)) {
      taker.lost(page.number(), 1);
    }
  }

  /** Takes what can be read of a cell; false where that is nothing. */
  private boolean doubtful(PageView page) throws SQLException {
    payload.gather(page);
    if (!record.parse(payload.bytes(), payload.start(), payload.end(), page.payload())) {
      return false;
    }
    int whole = 0;
    while (whole < record.count && record.starts[whole + 1] <= payload.end()) {
      whole++;
    }
    record.cut(whole);
    if (whole == 0) {
      return false;
    }
    taker.doubtful(page.number(), page.rowid(), record);
    return true;
  }

  /** Whether the cell that the page was asked for last is a record, as far as it lies there. */
  private boolean isRecord(PageView page) {
    if (page.isRecord(record)) {
      return true;
    }
    // So many columns that their head does not fit into the page.
    return page.overflow() != 0
        && payload.gather(page)
        && record.parse(payload.bytes(), payload.start(), payload.end());
  }

  /** Whether a page of an index's kind can be of this table. */
  boolean isOfTable(PageView page) {
    if (shape == null || page.cells() == 0) {
      return true;
    }
    int readable = 0;
    int fitting = 0;
    for (int i = 0; i < page.cells(); i++) {
      if (page.cell(i) && isRecord(page)) {
        readable++;
        fitting += shape.fits(record) ? 1 : 0;
      }
    }
    return readable > 0 && fitting * 2 >= readable;
  }

  /** Takes the rows of a page of a table without rowids. */
  void index(PageView page) throws SQLException {
    int lost = 0;
    for (int i = 0; i < page.cells(); i++) {
      if (page.cell(i)) {
        take(page, i);
      } else {
        lost += loose(page, i) ? 0 : 1;
      }
    }
    if (lost > 0) {
      taker.lost(page.number(), lost);
    }
  }

  // ---- pages without a head --------------------------------------------------------------------

  /**
   * Looks for rows in a page whose head is gone. What was deleted before cannot be told from what
   * was not, so these rows are doubtful.
   */
  void carve(PageView page, long above, long upTo) throws SQLException {
    if (shape == null) {
      return;
    }
    for (int at = page.base(); at + 4 <= page.there(); ) {
      boolean found =
          page.cellAt(at, TABLE_LEAF)
              && page.rowid() > above
              && page.rowid() <= upTo
              && isRecord(page)
              && isLikely();
      at = found && doubtful(page) ? page.end() : at + 1;
    }
  }

  /** As above, of a table without rowids. */
  void carveIndex(PageView page) throws SQLException {
    if (shape == null) {
      return;
    }
    for (int at = page.base(); at + 4 <= page.there(); ) {
      boolean found = page.cellAt(at, INDEX_LEAF) && isRecord(page) && isLikely();
      at = found && doubtful(page) ? page.end() : at + 1;
    }
  }

  private boolean isLikely() {
    return shape != null
        && record.count == shape.fields().size()
        && shape.likeness(record) >= 700
        && record.starts[record.count] - record.starts[0] >= 2;
  }
}
