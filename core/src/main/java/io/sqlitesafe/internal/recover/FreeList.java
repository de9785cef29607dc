package io.sqlitesafe.internal.recover;

import java.util.BitSet;

/** The list of unused pages (sqlite.org/fileformat2.html, section 1.5), as far as it is right. */
final class FreeList {
  private FreeList() {}

  /**
   * Reads it.
   *
   * @param pages is told of what is in the list
   * @return whether it is whole
   */
  static boolean read(PageImage image, PageKinds kinds, BitSet pages) {
    Layout layout = image.layout();
    long trunk = layout.firstFree();
    long count = 0;
    byte[] page = new byte[layout.pageSize()];
    while (trunk != 0) {
      int number = (int) trunk;
      if (trunk > kinds.pages()
          || !image.has(number)
          || kinds.isTaken(number)
          || pages.get(number)) {
        return false;
      }
      if (image.read(number, page) < layout.usable()) {
        return false;
      }
      long leaves = int32(page, 4) & 0xffffffffL;
      if (leaves > layout.usable() / 4 - 2) {
        return false;
      }
      pages.set(number);
      count += 1 + leaves;
      for (int i = 0; i < leaves; i++) {
        int leaf = int32(page, 8 + 4 * i);
        if (!image.has(leaf) || kinds.isTaken(leaf) || pages.get(leaf)) {
          return false;
        }
        pages.set(leaf);
      }
      trunk = int32(page, 0) & 0xffffffffL;
    }
    return layout.header() && count == layout.freeCount();
  }

  static int int32(byte[] page, int at) {
    return (page[at] & 0xff) << 24
        | (page[at + 1] & 0xff) << 16
        | (page[at + 2] & 0xff) << 8
        | (page[at + 3] & 0xff);
  }
}
