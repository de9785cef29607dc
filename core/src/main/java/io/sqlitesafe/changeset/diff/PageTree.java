package io.sqlitesafe.changeset.diff;

import io.sqlitesafe.changeset.diff.PageFile.Unexpected;
import java.io.IOException;
import java.util.BitSet;

/** The pages of one b-tree. */
final class PageTree {
  private static final int DEEPEST = 40;

  private final PageFile file;
  private final PageFile.Header header;
  private final BitSet interiors = new BitSet();
  private final BitSet leaves = new BitSet();

  private PageTree(PageFile file, PageFile.Header header) {
    this.file = file;
    this.header = header;
  }

  /** Reads its interior pages, which name the others. */
  static PageTree walk(PageFile file, PageFile.Header header, int root)
      throws IOException, Unexpected {
    PageTree tree = new PageTree(file, header);
    BTreePage top = tree.page(root);
    int leaf =
        switch (top.type()) {
          case BTreePage.TABLE_INTERIOR, BTreePage.TABLE_LEAF -> BTreePage.TABLE_LEAF;
          case BTreePage.INDEX_INTERIOR, BTreePage.INDEX_LEAF -> BTreePage.INDEX_LEAF;
          default -> throw new Unexpected("page " + root + " is no root of a b-tree");
        };
    tree.visit(root, leaf, tree.height(root));
    return tree;
  }

  /** All leaves are equally deep, so the others need not be read to know that they are leaves. */
  private int height(int root) throws IOException, Unexpected {
    int page = root;
    for (int height = 0; height < DEEPEST; height++) {
      BTreePage read = page(page);
      if (!read.interior()) {
        return height;
      }
      page = read.child(0);
    }
    throw new Unexpected("a b-tree is too deep");
  }

  private void visit(int number, int leaf, int height) throws IOException, Unexpected {
    if (number < 2 || number > header.pages() || interiors.get(number) || leaves.get(number)) {
      throw new Unexpected("a b-tree has the page " + number + " twice, or it does not exist");
    }
    if (height == 0) {
      leaves.set(number);
      return;
    }
    BTreePage page = page(number);
    if (!page.interior()
        || (page.type() == BTreePage.TABLE_INTERIOR) != (leaf == BTreePage.TABLE_LEAF)) {
      throw new Unexpected("page " + number + " is not of its b-tree's kind");
    }
    interiors.set(number);
    int cells = page.cells();
    for (int i = 0; i <= cells; i++) {
      visit(page.child(i), leaf, height - 1);
    }
  }

  /** A leaf, checked for being one of a table. */
  BTreePage leaf(int number) throws IOException, Unexpected {
    BTreePage page = page(number);
    if (page.type() != BTreePage.TABLE_LEAF) {
      throw new Unexpected("page " + number + " is no leaf of a table");
    }
    return page;
  }

  BTreePage page(int number) throws IOException, Unexpected {
    if (number < 2 || number > header.pages()) {
      throw new Unexpected("there is no page " + number);
    }
    return new BTreePage(file.pages(number, 1), header.usable());
  }

  BitSet leaves() {
    return leaves;
  }

  BitSet interiors() {
    return interiors;
  }
}
