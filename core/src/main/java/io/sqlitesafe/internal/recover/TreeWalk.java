package io.sqlitesafe.internal.recover;

import static io.sqlitesafe.internal.pages.PageFormat.INDEX_INTERIOR;
import static io.sqlitesafe.internal.pages.PageFormat.INDEX_LEAF;
import static io.sqlitesafe.internal.pages.PageFormat.TABLE_INTERIOR;
import static io.sqlitesafe.internal.pages.PageFormat.TABLE_LEAF;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks the b-tree of one table from its root, in the order of the keys, and takes the rows of all
 * pages that can belong to it: of the right kind, used nowhere else, with rowids between those of
 * their neighbours and records that fit. What else its pages point to are {@link #holes}. For one
 * table and one thread.
 */
final class TreeWalk {
  private static final int DEEPEST = 40;

  private final PageImage image;
  private final PageKinds kinds;
  private final @Nullable Shape shape;
  private final LeafReader leaves;
  private final List<Hole> holes = new ArrayList<>();
  private final List<PageView> levels = new ArrayList<>();
  private int pages;

  /**
   * @param shape null for an index, whose rows are not wanted
   */
  TreeWalk(PageImage image, PageKinds kinds, @Nullable Shape shape, RowTaker taker) {
    this.image = image;
    this.kinds = kinds;
    this.shape = shape;
    this.leaves = new LeafReader(image, kinds, shape, taker);
  }

  /** What could not be read. */
  List<Hole> holes() {
    return holes;
  }

  /** How many pages were read. */
  int pages() {
    return pages;
  }

  /** Walks a table that has rowids. */
  void table(int root) throws SQLException {
    table(root, Long.MIN_VALUE, Long.MAX_VALUE, 0, false);
  }

  private PageView level(int depth) {
    while (levels.size() <= depth) {
      levels.add(new PageView(image));
    }
    return levels.get(depth);
  }

  private boolean canBe(int number, int depth) {
    return depth <= DEEPEST
        && image.has(number)
        && !kinds.isTaken(number)
        && !image.layout().isPointerMap(number);
  }

  private void table(int number, long above, long upTo, int depth, boolean leaf)
      throws SQLException {
    if (!canBe(number, depth)) {
      boolean twice = kinds.isTaken(number);
      hole(number, above, upTo, leaf, twice ? "belongs to something else" : "does not exist");
      return;
    }
    PageView page = level(depth);
    int kind = page.load(number);
    boolean accepted =
        switch (kind) {
          case TABLE_LEAF -> leaves.table(page, above, upTo, depth == 0);
          case TABLE_INTERIOR -> interior(page, above, upTo, depth);
          default -> false;
        };
    if (accepted) {
      kinds.take(number);
      pages++;
      return;
    }
    if (kind == PageView.OTHER && !page.isBlank()) {
      kinds.take(number);
      leaves.carve(page, above, upTo);
    }
    hole(number, above, upTo, leaf, why(page, kind));
  }

  private static String why(PageView page, int kind) {
    if (page.there() == 0) {
      return "cannot be read";
    }
    return page.isBlank()
        ? "is blank"
        : kind == PageView.OTHER ? "is damaged" : "is of something else";
  }

  private void hole(int number, long above, long upTo, boolean leaf, String why) {
    holes.add(new Hole(number, above, upTo, leaf, why));
  }

  /** False where it is not of this table. */
  private boolean interior(PageView page, long above, long upTo, int depth) throws SQLException {
    int cells = page.cells();
    int[] children = new int[cells + 1];
    long[] keys = new long[cells];
    BitSet inside = new BitSet();
    for (int i = 0; i < cells; i++) {
      children[i] = page.child(i);
      if (page.key(i) && page.rowid() > above && page.rowid() <= upTo) {
        keys[i] = page.rowid();
        inside.set(i);
      }
    }
    children[cells] = page.child(cells);
    BitSet good = Ascending.longest(keys, cells, inside);
    if (good.cardinality() * 2 < cells || !isOneOf(children)) {
      return false;
    }
    kinds.take(page.number());
    boolean overLeaves = areLeaves(children, TABLE_LEAF);
    long from = above;
    for (int i = 0; i <= cells; i++) {
      int next = good.nextSetBit(i);
      table(children[i], from, next < 0 ? upTo : keys[next], depth + 1, overLeaves);
      if (i < cells && good.get(i)) {
        from = keys[i];
      }
    }
    return true;
  }

  /** Whether any of the children can be a page of a tree. */
  private boolean isOneOf(int[] children) {
    for (int child : children) {
      if (image.has(child)) {
        return true;
      }
    }
    return false;
  }

  private boolean areLeaves(int[] children, int kind) {
    int alike = 0;
    for (int child : children) {
      alike += kinds.of(child) == kind ? 1 : 0;
    }
    return alike * 2 > children.length;
  }

  // ---- WITHOUT ROWID, and indexes --------------------------------------------------------------

  /** Walks a table without rowids, or an index. */
  void index(int root) throws SQLException {
    index(root, 0, false);
  }

  private void index(int number, int depth, boolean leaf) throws SQLException {
    int kind = canBe(number, depth) ? kinds.of(number) : PageView.OTHER;
    if (shape == null && kind == INDEX_LEAF) {
      kinds.take(number);
      pages++;
      return;
    }
    PageView page = level(depth);
    if (kind != PageView.OTHER) {
      kind = page.load(number);
    }
    boolean right = kind == INDEX_LEAF || kind == INDEX_INTERIOR;
    if (!right || !leaves.isOfTable(page)) {
      if (!right && canBe(number, depth) && shape != null) {
        kind = page.load(number);
        if (kind == PageView.OTHER && !page.isBlank()) {
          kinds.take(number);
          leaves.carveIndex(page);
        }
      }
      String why = canBe(number, depth) ? "is not of this tree" : "cannot be of this tree";
      hole(number, Long.MIN_VALUE, Long.MAX_VALUE, leaf, why);
      return;
    }
    kinds.take(number);
    pages++;
    if (shape != null) {
      leaves.index(page);
    }
    if (kind == INDEX_INTERIOR) {
      int[] children = new int[page.cells() + 1];
      for (int i = 0; i < children.length; i++) {
        children[i] = page.child(i);
      }
      boolean overLeaves = areLeaves(children, INDEX_LEAF);
      for (int child : children) {
        index(child, depth + 1, overLeaves);
      }
    }
  }
}
