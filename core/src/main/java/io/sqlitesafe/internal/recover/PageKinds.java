package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.pages.PageFormat;
import java.util.BitSet;

/**
 * What each page of the file seems to be, and what it has been found to be used for: a page is used
 * once. For one thread.
 */
final class PageKinds {
  /** From this page on the number of the next overflow page may look like the type of a page. */
  private static final long AMBIGUOUS = 1L << 25;

  private final byte[] kinds;
  private final BitSet taken = new BitSet();
  private final BitSet spilled = new BitSet();
  private final boolean ambiguous;
  private long largest;

  private PageKinds(int pages) {
    this.kinds = new byte[pages + 1];
    this.ambiguous = pages >= AMBIGUOUS;
  }

  /** Looks at all pages, in the order of the file. */
  static PageKinds scan(PageImage image, Progress work) {
    int pages = (int) Math.min(image.layout().pages(), Integer.MAX_VALUE - 64);
    PageKinds kinds = new PageKinds(pages);
    PageView page = new PageView(image);
    for (int number = 1; number <= pages; number++) {
      work.step(image.layout().pageSize());
      if (image.has(number) && !image.layout().isPointerMap(number)) {
        int kind = page.load(number);
        boolean empty = page.cells() == 0;
        if (kind != PageView.OTHER && (empty || hasCell(page))) {
          kinds.kinds[number] = (byte) kind;
        }
      }
    }
    return kinds;
  }

  private static boolean hasCell(PageView page) {
    for (int cell = 0; cell < page.cells(); cell++) {
      if (page.kind() == PageFormat.TABLE_INTERIOR ? page.key(cell) : page.cell(cell)) {
        return true;
      }
    }
    return false;
  }

  int pages() {
    return kinds.length - 1;
  }

  /** What it seems to be; {@link PageView#OTHER} also where there is no such page. */
  int of(int page) {
    return page < 1 || page >= kinds.length ? PageView.OTHER : kinds[page];
  }

  /** Whether it was found in a b-tree, or is of the list of unused pages. */
  boolean isTaken(int page) {
    return page > 0 && taken.get(page);
  }

  void take(int page) {
    taken.set(page);
  }

  /** Whether the rest of a payload may be in it. */
  boolean maySpill(int page) {
    return page > 0
        && !spilled.get(page)
        && !taken.get(page)
        && (ambiguous || of(page) == PageView.OTHER);
  }

  /** A payload of so many bytes, on pages that seem to be whole, does not fit into the memory. */
  void tooLarge(long bytes) {
    largest = Math.max(largest, bytes);
  }

  /** The largest such payload; 0 = there was none. */
  long largestLeftOut() {
    return largest;
  }

  /** It has the rest of a payload. */
  void spill(int page) {
    spilled.set(page);
  }
}
