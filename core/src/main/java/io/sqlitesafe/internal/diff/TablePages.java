package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One table, compared as it lies in both files. Leaves that both have with the same bytes are
 * passed over; of the others, records with the same bytes are. Immutable, and so safe for several
 * threads.
 *
 * @param layout of the records on both sides
 */
record TablePages(
    TableShape table,
    TableHeader header,
    RowLayout layout,
    PageTree base,
    PageTree now,
    SamePages same,
    Cancellation cancellation) {
  private static final int LEAVES_WORTH_CUTTING = 256;
  private static final int PIECES = 16;

  /** Rowids above one, up to another. */
  record Range(long above, long upTo) {}

  /** Ranges to be compared one by one; of a table WITHOUT ROWID it is one, and means nothing. */
  List<Range> ranges() {
    List<Range> ranges = new ArrayList<>();
    long above = Long.MIN_VALUE;
    int leaves = now.leafCount();
    if (now.table() && leaves >= LEAVES_WORTH_CUTTING) {
      for (int i = 1; i < PIECES; i++) {
        long upTo = now.greatest((int) ((long) leaves * i / PIECES));
        ranges.add(new Range(above, upTo));
        above = upTo;
      }
    }
    ranges.add(new Range(above, Long.MAX_VALUE));
    return ranges;
  }

  void compare(Range range, ChangeSink sink, MovedRows moved) throws Unexpected {
    if (now.table()) {
      compareRows(range, sink, moved);
    } else {
      compareCells(moved);
    }
  }

  // ---- in the order of the rowids --------------------------------------------------------------

  private void compareRows(Range range, ChangeSink sink, MovedRows moved) throws Unexpected {
    RowidCursor a = new RowidCursor(base, same, range.above(), range.upTo());
    RowidCursor b = new RowidCursor(now, same, range.above(), range.upTo());
    while (true) {
      if (a.atLeaf() && b.atLeaf() && a.leaf() == b.leaf()) {
        cancellation.throwIfRequested();
        if (same.hasRows(a.leaf())) {
          a.skipLeaf();
          b.skipLeaf();
          continue;
        }
      }
      boolean isA = a.settle();
      boolean isB = b.settle();
      if (!isA && !isB) {
        return;
      }
      int side = !isA ? 1 : !isB ? -1 : Long.compare(a.row().rowid(), b.row().rowid());
      if (side != 0 || !a.row().hasPayloadOf(b.row(), same)) {
        differs(side <= 0 ? a.row() : null, side >= 0 ? b.row() : null, sink, moved);
      }
      if (side <= 0) {
        a.next();
      }
      if (side >= 0) {
        b.next();
      }
    }
  }

  /**
   * Compares the rows of one leaf, which are in no other leaf. Safe before it is known which pages
   * are the same.
   *
   * @param was not overflowing, nor {@code is}
   */
  void compareLeaf(BTreePage was, BTreePage is, Range range, ChangeSink sink, MovedRows moved)
      throws Unexpected {
    LeafRows a = new LeafRows(was, range);
    LeafRows b = new LeafRows(is, range);
    while (a.isRow() || b.isRow()) {
      int side = !a.isRow() ? 1 : !b.isRow() ? -1 : Long.compare(was.rowid(), is.rowid());
      if (side != 0 || !was.hasPayloadOf(is, null)) {
        differs(side <= 0 ? was : null, side >= 0 ? is : null, sink, moved);
      }
      if (side <= 0) {
        a.next();
      }
      if (side >= 0) {
        b.next();
      }
    }
  }

  /** The rows of one leaf, all of which have to be in a range. */
  private static final class LeafRows {
    private final BTreePage leaf;
    private final Range range;
    private long last;
    private int cell = -1;

    LeafRows(BTreePage leaf, Range range) throws Unexpected {
      this.leaf = leaf;
      this.range = range;
      this.last = range.above();
      next();
    }

    boolean isRow() {
      return cell < leaf.cells();
    }

    void next() throws Unexpected {
      cell++;
      if (isRow()) {
        leaf.cell(cell);
        boolean first = cell == 0 && last == Long.MIN_VALUE;
        if ((leaf.rowid() <= last && !first) || leaf.rowid() > range.upTo()) {
          throw new Unexpected("rows are not in their order");
        }
        last = leaf.rowid();
      }
    }
  }

  /** What is under one rowid. Where that is no key, the same row may be elsewhere. */
  private void differs(
      @Nullable BTreePage was, @Nullable BTreePage is, ChangeSink sink, MovedRows moved)
      throws Unexpected {
    Value @Nullable [] before = was == null ? null : row(was);
    Value @Nullable [] after = is == null ? null : row(is);
    if (table.rowidAlias()
        || (before != null && after != null && RowChange.sameKey(header, before, after))) {
      RowChange.emitShared(header, before, after, sink);
      return;
    }
    if (before != null) {
      moved.was(header, before);
    }
    if (after != null) {
      moved.is(header, after);
    }
  }

  /** Null where its key is not complete. */
  private Value @Nullable [] row(BTreePage at) throws Unexpected {
    Value[] row = layout.row(at.record(), at.rowid());
    for (int column : header.keyColumns()) {
      if (row[column].kind() == Value.Kind.NULL) {
        return null;
      }
    }
    return row;
  }

  // ---- WITHOUT ROWID: a b-tree whose order only SQLite knows, with rows in interior pages
  // --------

  /** How many pages {@link #compare} has to look at. */
  int suspects() {
    int suspects = 0;
    for (PageTree tree : List.of(base, now)) {
      BitSet pages = all(tree);
      for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
        suspects += isSame(page) ? 0 : 1;
      }
    }
    return suspects;
  }

  /** How many there are, in both files. */
  int all() {
    return all(base).cardinality() + all(now).cardinality();
  }

  private static BitSet all(PageTree tree) {
    BitSet all = (BitSet) tree.leaves().clone();
    all.or(tree.interiors());
    return all;
  }

  private boolean isSame(int page) {
    return isInBoth(page) && same.hasRows(page);
  }

  private boolean isInBoth(int page) {
    return base.leaves().get(page) && now.leaves().get(page)
        || base.interiors().get(page) && now.interiors().get(page);
  }

  private void compareCells(MovedRows moved) throws Unexpected {
    BTreePage a = base.newPage();
    BTreePage b = now.newPage();
    BitSet pages = all(base);
    pages.or(all(now));
    for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
      cancellation.throwIfRequested();
      if (!isSame(page)) {
        compareCells(
            load(a, base, page) ? a.cells() : 0, a, load(b, now, page) ? b.cells() : 0, b, moved);
      }
    }
  }

  private static boolean load(BTreePage to, PageTree tree, int page) throws Unexpected {
    if (tree.leaves().get(page)) {
      to.load(page, BTreePage.INDEX_LEAF);
      return true;
    }
    if (tree.interiors().get(page)) {
      to.load(page, BTreePage.INDEX_INTERIOR);
      return true;
    }
    return false;
  }

  private void compareCells(int cellsA, BTreePage a, int cellsB, BTreePage b, MovedRows moved)
      throws Unexpected {
    Map<ByteBuffer, Integer> unmatched = new HashMap<>();
    for (int i = 0; i < cellsA; i++) {
      a.cell(i);
      if (a.overflows()) {
        moved.was(header, layout.row(a.record(), 0));
      } else {
        unmatched.put(a.localCopy(), i);
      }
    }
    for (int i = 0; i < cellsB; i++) {
      b.cell(i);
      if (b.overflows() || unmatched.remove(b.localCopy()) == null) {
        moved.is(header, layout.row(b.record(), 0));
      }
    }
    for (int i : unmatched.values()) {
      a.cell(i);
      moved.was(header, layout.row(a.record(), 0));
    }
  }
}
