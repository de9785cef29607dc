package io.sqlitesafe.changeset.diff;

import io.sqlitesafe.changeset.diff.BTreePage.Cell;
import io.sqlitesafe.changeset.diff.PageFile.Unexpected;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;

/** Finds the rows of one table that may differ: see {@link PageComparison}. */
final class TableSuspects {
  private final PageTree now;
  private final PageTree base;
  private final BitSet different;
  private final BitSet overflowing;
  private final Rowids ofNow = new Rowids();
  private final Rowids ofBase = new Rowids();

  TableSuspects(PageTree now, PageTree base, BitSet different, BitSet overflowing) {
    this.now = now;
    this.base = base;
    this.different = different;
    this.overflowing = overflowing;
  }

  PageComparison.Suspects find() throws IOException, Unexpected {
    for (int page = now.leaves().nextSetBit(0);
        page >= 0;
        page = now.leaves().nextSetBit(page + 1)) {
      if (!base.leaves().get(page)) {
        addAll(now.leaf(page), ofNow);
      } else if (different.get(page)) {
        addUnequal(now.leaf(page), base.leaf(page));
      } else if (overflowing.get(page)) {
        addWithOtherOverflow(now.leaf(page));
      }
    }
    for (int page = base.leaves().nextSetBit(0);
        page >= 0;
        page = base.leaves().nextSetBit(page + 1)) {
      if (!now.leaves().get(page)) {
        addAll(base.leaf(page), ofBase);
      }
    }
    return new PageComparison.Suspects(ofBase.sorted(), ofNow.sorted());
  }

  private static void addAll(BTreePage leaf, Rowids to) throws Unexpected {
    int cells = leaf.cells();
    for (int i = 0; i < cells; i++) {
      to.add(leaf.cell(i).rowid());
    }
  }

  /** Both pages have their cells in the order of the rowids. */
  private void addUnequal(BTreePage a, BTreePage b) throws Unexpected {
    int cellsA = a.cells();
    int cellsB = b.cells();
    int i = 0;
    int j = 0;
    while (i < cellsA || j < cellsB) {
      Cell cellA = i < cellsA ? a.cell(i) : null;
      Cell cellB = j < cellsB ? b.cell(j) : null;
      int side =
          cellA == null ? 1 : cellB == null ? -1 : Long.compare(cellA.rowid(), cellB.rowid());
      boolean same =
          side == 0
              && cellA != null
              && cellB != null
              && cellA.overflow() == 0
              && a.sameBytes(cellA, b, cellB);
      if (side <= 0 && cellA != null) {
        i++;
        ofNow.addUnless(same, cellA.rowid());
      }
      if (side >= 0 && cellB != null) {
        j++;
        ofBase.addUnless(same, cellB.rowid());
      }
    }
  }

  /** The page is the same, but what its cells refer to may not be. */
  private void addWithOtherOverflow(BTreePage leaf) throws IOException, Unexpected {
    int cells = leaf.cells();
    for (int i = 0; i < cells; i++) {
      Cell cell = leaf.cell(i);
      int page = cell.overflow();
      for (long left = cell.overflowPages(); left > 0; left--) {
        if (page < 2) {
          throw new Unexpected("a chain of overflow pages ends early");
        }
        if (different.get(page)) {
          ofNow.add(cell.rowid());
          ofBase.add(cell.rowid());
          break;
        }
        page = left == 1 ? 0 : now.page(page).nextOverflow();
      }
    }
  }

  /** A growing list. */
  private static final class Rowids {
    private long[] rowids = new long[64];
    private int size;

    void add(long rowid) {
      if (size == rowids.length) {
        rowids = Arrays.copyOf(rowids, size * 2);
      }
      rowids[size++] = rowid;
    }

    void addUnless(boolean same, long rowid) {
      if (!same) {
        add(rowid);
      }
    }

    long[] sorted() {
      long[] sorted = Arrays.copyOf(rowids, size);
      Arrays.sort(sorted);
      return sorted;
    }
  }
}
