package io.sqlitesafe.internal.recover;

/**
 * Who points to a page, which databases with auto_vacuum know (sqlite.org/fileformat2.html, section
 * 1.8).
 */
final class PointerMap {
  private static final int ENTRY = 5;
  private static final int ROOT = 1;
  private static final int FREE = 2;
  private static final int CHILD = 5;
  private static final int DEEPEST = 40;

  private final PageImage image;
  private final byte[] page;
  private long loaded;

  PointerMap(PageImage image) {
    this.image = image;
    this.page = new byte[image.layout().pageSize()];
  }

  private int offset(long number) {
    long map = image.layout().pointerMapOf(number);
    if (map != loaded) {
      image.read((int) map, page);
      loaded = map;
    }
    return (int) (number - map - 1) * ENTRY;
  }

  /** Whether it says that the page is unused. */
  boolean isFree(int number) {
    return image.layout().autoVacuum() != 0 && page[at(number)] == FREE;
  }

  private int at(long number) {
    int offset = offset(number);
    return offset < 0 || offset + ENTRY > page.length ? page.length - ENTRY : offset;
  }

  /** The root of the tree that a page belongs to; 0 where that cannot be told. */
  int rootOf(int number) {
    if (image.layout().autoVacuum() == 0) {
      return 0;
    }
    long current = number;
    for (int depth = 0; depth < DEEPEST && image.has(current); depth++) {
      int at = at(current);
      if (page[at] == ROOT) {
        return (int) current;
      }
      if (page[at] != CHILD) {
        return 0;
      }
      current = FreeList.int32(page, at + 1) & 0xffffffffL;
    }
    return 0;
  }
}
