package io.sqlitesafe.internal.diff;

import io.sqlitesafe.internal.diff.PageFile.Unexpected;

/**
 * The rows of a table in a file whose rowids are in a range, in their order, but for leaves that
 * are settled. A leaf is read when it is needed, so that it can be skipped before. Not thread-safe.
 */
final class RowidCursor {
  private final PageTree tree;
  private final SamePages same;
  private final BTreePage page;
  private final long above;
  private final long upTo;
  private int place;
  private int cell;
  private boolean loaded;
  private boolean started;
  private long last;

  /**
   * A cursor.
   *
   * @param above greater rowids only; but for {@link Long#MIN_VALUE}, which means all
   * @param upTo the greatest rowid
   */
  RowidCursor(PageTree tree, SamePages same, long above, long upTo) {
    this.tree = tree;
    this.same = same;
    this.page = tree.newPage();
    this.above = above;
    this.upTo = upTo;
    this.place = above == Long.MIN_VALUE ? 0 : tree.firstAbove(above);
    skipSettled();
  }

  /** Whether no row of the current leaf was passed, and this is a leaf. */
  boolean atLeaf() {
    return cell == 0 && place < tree.leafCount();
  }

  /** The number of the current leaf. */
  int leaf() {
    return tree.leaf(place);
  }

  /** Passes over the rows of a leaf. */
  void skipLeaf() {
    place++;
    cell = 0;
    loaded = false;
    skipSettled();
  }

  /** They are settled in both files. */
  private void skipSettled() {
    while (place < tree.leafCount() && same.settled(tree.leaf(place))) {
      place++;
    }
  }

  /** Goes to the next row, unless it is at one; returns false at the end. */
  boolean settle() throws Unexpected {
    while (place < tree.leafCount()) {
      if (!loaded) {
        page.load(tree.leaf(place), BTreePage.TABLE_LEAF);
        loaded = true;
        look();
      }
      if (cell == page.cells()) {
        skipLeaf();
      } else if (above != Long.MIN_VALUE && page.rowid() <= above) {
        next();
      } else if (page.rowid() > upTo) {
        place = tree.leafCount();
      } else {
        return true;
      }
    }
    return false;
  }

  /** Passes over one row. */
  void next() throws Unexpected {
    cell++;
    look();
  }

  private void look() throws Unexpected {
    if (cell < page.cells()) {
      page.cell(cell);
      if (started && page.rowid() <= last) {
        throw new Unexpected("rows are not in their order");
      }
      started = true;
      last = page.rowid();
    }
  }

  /** The current row, where {@link #settle} has said that there is one. */
  BTreePage row() {
    return page;
  }
}
