package io.sqlitesafe.internal.diff;

import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import java.util.Arrays;
import java.util.BitSet;

/** The pages of one b-tree. Immutable, once made. */
final class PageTree {
  private static final int DEEPEST = 40;

  private final PageFile file;
  private final PageFile.Header header;
  private final BitSet interiors = new BitSet();
  private final BitSet leaves = new BitSet();
  private boolean table;

  // In the order of the keys.
  private int[] inOrder = new int[16];
  private long[] greatest = new long[16];
  private int count;

  private PageTree(PageFile file, PageFile.Header header) {
    this.file = file;
    this.header = header;
  }

  /** Reads its interior pages, which name the others. */
  static PageTree walk(PageFile file, PageFile.Header header, int root) throws Unexpected {
    PageTree tree = new PageTree(file, header);
    BTreePage top = tree.newPage();
    top.load(root);
    switch (top.type()) {
      case BTreePage.TABLE_INTERIOR, BTreePage.TABLE_LEAF -> tree.table = true;
      case BTreePage.INDEX_INTERIOR, BTreePage.INDEX_LEAF -> tree.table = false;
      default -> throw new Unexpected("page " + root + " is no root of a b-tree");
    }
    tree.visit(root, tree.height(root), Long.MAX_VALUE);
    return tree;
  }

  /** All leaves are equally deep, so the others need not be read to know that they are leaves. */
  private int height(int root) throws Unexpected {
    BTreePage page = newPage();
    page.load(root);
    for (int height = 0; height < DEEPEST; height++) {
      if (!page.interior()) {
        return height;
      }
      page.load(page.child(0));
    }
    throw new Unexpected("a b-tree is too deep");
  }

  private void visit(int number, int height, long most) throws Unexpected {
    if (number < 2 || number > header.pages() || interiors.get(number) || leaves.get(number)) {
      throw new Unexpected("a b-tree has the page " + number + " twice, or it does not exist");
    }
    if (height == 0) {
      addLeaf(number, most);
      return;
    }
    BTreePage page = newPage();
    page.load(number, table ? BTreePage.TABLE_INTERIOR : BTreePage.INDEX_INTERIOR);
    interiors.set(number);
    for (int i = 0; i <= page.cells(); i++) {
      visit(page.child(i), height - 1, table && i < page.cells() ? page.greatest(i) : most);
    }
  }

  private void addLeaf(int number, long most) {
    if (count == inOrder.length) {
      inOrder = Arrays.copyOf(inOrder, count * 2);
      greatest = Arrays.copyOf(greatest, count * 2);
    }
    leaves.set(number);
    inOrder[count] = number;
    greatest[count++] = most;
  }

  BTreePage newPage() {
    return new BTreePage(file, header);
  }

  /** Of rows by their rowids; else of an index, or a table WITHOUT ROWID. */
  boolean table() {
    return table;
  }

  int leafCount() {
    return count;
  }

  /** The number of a leaf, by its place in the order of the keys. */
  int leaf(int place) {
    return inOrder[place];
  }

  /** In a table: no rowid in this leaf, or in one before it, is greater. */
  long greatest(int place) {
    return greatest[place];
  }

  /** In a table: no rowid in this leaf, or in one after it, is less or equal; but for the first. */
  long above(int place) {
    return place == 0 ? Long.MIN_VALUE : greatest[place - 1];
  }

  /** The place of the first leaf of a table that may have a rowid above this one. */
  int firstAbove(long rowid) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (greatest[middle] > rowid) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  BitSet leaves() {
    return leaves;
  }

  BitSet interiors() {
    return interiors;
  }
}
