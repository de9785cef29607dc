package io.sqlitesafe.changeset.diff;

import io.sqlitesafe.changeset.diff.PageFile.Unexpected;
import io.sqlitesafe.error.Cancellation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares a part of the pages of two files, byte by byte, in their own order. */
final class PageScan extends Thread {
  private final PageFile now;
  private final PageFile base;
  private final int from;
  private final int to;
  private final int usable;
  private final Cancellation cancellation;
  private final SamePages same = new SamePages();
  private @Nullable Unexpected trouble;

  /** From the page number {@code from} to before {@code to}. */
  private PageScan(
      PageFile now, PageFile base, int from, int to, int usable, Cancellation cancellation) {
    super("page comparison");
    this.now = now;
    this.base = base;
    this.from = from;
    this.to = to;
    this.usable = usable;
    this.cancellation = cancellation;
  }

  /** The pages that are the same, among those up to this number, which both files have. */
  static SamePages run(
      PageFile now, PageFile base, int pages, int usable, int threads, Cancellation cancellation)
      throws Unexpected {
    List<PageScan> scans = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int from = (int) ((long) pages * i / threads) + 1;
      int to = (int) ((long) pages * (i + 1) / threads) + 1;
      PageScan scan = new PageScan(now, base, from, to, usable, cancellation);
      scans.add(scan);
      scan.start();
    }
    for (PageScan scan : scans) {
      scan.finish();
    }
    cancellation.throwIfRequested();
    SamePages all = new SamePages();
    for (PageScan scan : scans) {
      if (scan.trouble != null) {
        throw scan.trouble;
      }
      all.addAll(scan.same);
    }
    return all;
  }

  @Override
  public void run() {
    try {
      for (int page = from; page < to && cancellation.requested() == null; page++) {
        ByteBuffer a = now.page(page);
        if (a.mismatch(base.page(page)) < 0) {
          same.add(page, page == 1 || mayOverflow(a));
        }
      }
    } catch (Unexpected e) {
      trouble = e;
    } catch (InternalError e) {
      trouble = new Unexpected("a file was cut off while it was read"); // a page that was mapped
    }
  }

  /**
   * Whether a cell of the page has more payload than fits; of pages that are not of a b-tree,
   * whatever it says, for they are not asked about.
   */
  private boolean mayOverflow(ByteBuffer page) {
    int type = page.get(0);
    if (type != BTreePage.TABLE_LEAF
        && type != BTreePage.INDEX_LEAF
        && type != BTreePage.INDEX_INTERIOR) {
      return false;
    }
    int most = BTreePage.mostLocal(type == BTreePage.TABLE_LEAF, usable);
    int pointers = type == BTreePage.INDEX_INTERIOR ? 12 : 8;
    int before = type == BTreePage.INDEX_INTERIOR ? 4 : 0;
    int end = pointers + 2 * (page.getShort(3) & 0xffff);
    if (end > usable) {
      return true;
    }
    for (int at = pointers; at < end; at += 2) {
      int cell = (page.getShort(at) & 0xffff) + before;
      if (cell + 2 > usable || payloadAbove(most, page.get(cell), page.get(cell + 1))) {
        return true;
      }
    }
    return false;
  }

  /** By the first two bytes of its length, a number of variable length. */
  private static boolean payloadAbove(int most, byte first, byte second) {
    if (first >= 0) {
      return first > most;
    }
    return second < 0 || ((first & 0x7f) << 7 | second) > most;
  }

  private void finish() {
    boolean interrupted = false;
    while (isAlive()) {
      try {
        join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
