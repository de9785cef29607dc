package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import io.sqlitesafe.internal.pages.PageFormat;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Reads the pages of two files in their own order, and compares them byte by byte; where a leaf is
 * shared, its rows are compared while it is at hand. One thread's part of it.
 *
 * <p>The pages are read into small buffers, which the processor's cache holds: to map the files
 * into memory takes three times the processor time, for the faults.
 */
final class PageScan {
  private static final int BLOCK = 1 << 18;
  private static final int BLOCKS_OF_A_PIECE = 64;

  private final Pair pair;
  private final ByteBuffer nowBlock = ByteBuffer.allocateDirect(BLOCK);
  private final ByteBuffer baseBlock = ByteBuffer.allocateDirect(BLOCK);
  private final BTreePage nowPage;
  private final BTreePage basePage;
  private final SamePages same = new SamePages();

  /** The compiler that starts sooner gets at the bytes of an array far quicker than a buffer's. */
  private final byte[] cells;

  private PageScan(Pair pair) {
    this.pair = pair;
    this.cells = new byte[pair.nowHeader().pageSize()];
    this.nowPage = new BTreePage(pair.now(), pair.nowHeader());
    this.basePage = new BTreePage(pair.base(), pair.baseHeader());
  }

  /**
   * Two files with pages of one size.
   *
   * @param sink takes what differs in shared leaves
   * @param moved takes what may have been on another leaf
   */
  record Pair(
      PageFile now,
      PageFile.Header nowHeader,
      PageFile base,
      PageFile.Header baseHeader,
      SharedLeaves shared,
      ChangeSink sink,
      MovedRows moved) {
    /** How many pages both have. */
    int pages() {
      return Math.min(nowHeader.pages(), baseHeader.pages());
    }
  }

  /** Compares all pages that both have, by several threads. */
  static SamePages run(Pair pair, int threads, Cancellation cancellation)
      throws SQLException, Unexpected {
    int pages = pair.pages();
    int piece = BLOCK / pair.nowHeader().pageSize() * BLOCKS_OF_A_PIECE;
    Queue<Workers.Piece<PageScan>> pieces = new ArrayDeque<>();
    for (long first = 1; first <= pages; first += piece) {
      int from = (int) first;
      int end = (int) Math.min(first + piece, pages + 1L);
      pieces.add(scan -> scan.compare(from, end));
    }
    List<PageScan> scans = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      scans.add(new PageScan(pair));
    }
    Workers.run(scans, pieces, cancellation);
    SamePages all = new SamePages();
    scans.forEach(scan -> all.addAll(scan.same));
    return all;
  }

  /** The pages {@code from} to before {@code end}. */
  private void compare(int from, int end) throws Unexpected {
    int size = pair.nowHeader().pageSize();
    int most = BLOCK / size;
    for (int first = from; first < end; first += most) {
      int length = Math.min(most, end - first) * size;
      pair.now().read(first, nowBlock.clear().limit(length));
      pair.base().read(first, baseBlock.clear().limit(length));
      compareBlocks(first, size);
    }
  }

  private void compareBlocks(int first, int size) throws Unexpected {
    int end = nowBlock.limit();
    for (int at = 0; at < end; ) {
      int same = nowBlock.position(at).mismatch(baseBlock.position(at));
      int differs = same < 0 ? end : at + same - same % size;
      for (; at < differs; at += size) {
        same(first + at / size, at);
      }
      if (at < end) {
        differs(first + at / size, at);
        at += size;
      }
    }
  }

  private void same(int page, int at) {
    boolean overflows = page == 1 || mayOverflow(nowBlock, at);
    same.add(page, overflows);
    if (!overflows && pair.shared().has(page)) {
      same.settle(page);
    }
  }

  private void differs(int page, int at) throws Unexpected {
    TablePages table = pair.shared().table(page);
    if (table != null && !mayOverflow(nowBlock, at) && !mayOverflow(baseBlock, at)) {
      nowPage.load(page, BTreePage.TABLE_LEAF, nowBlock, at);
      basePage.load(page, BTreePage.TABLE_LEAF, baseBlock, at);
      table.compareLeaf(basePage, nowPage, pair.shared().range(page), pair.sink(), pair.moved());
      same.settle(page);
    }
  }

  /**
   * Whether a cell of the page has more payload than fits; of pages that are not of a b-tree,
   * whatever it says, for they are not asked about.
   */
  private boolean mayOverflow(ByteBuffer block, int page) {
    int type = block.get(page);
    if (type != BTreePage.TABLE_LEAF
        && type != BTreePage.INDEX_LEAF
        && type != BTreePage.INDEX_INTERIOR) {
      return false;
    }
    int usable = pair.nowHeader().usable();
    int most = PageFormat.mostLocal(type == BTreePage.TABLE_LEAF, usable);
    int pointers = type == BTreePage.INDEX_INTERIOR ? 12 : 8;
    int before = type == BTreePage.INDEX_INTERIOR ? 4 : 0;
    block.get(page, cells);
    int end = pointers + 2 * uint16(cells, 3);
    if (end > usable) {
      return true;
    }
    for (int at = pointers; at < end; at += 2) {
      int cell = uint16(cells, at) + before;
      if (cell + 2 > usable || payloadAbove(most, cells[cell], cells[cell + 1])) {
        return true;
      }
    }
    return false;
  }

  private static int uint16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  /** By the first two bytes of its length, a number of variable length. */
  private static boolean payloadAbove(int most, byte first, byte second) {
    if (first >= 0) {
      return first > most;
    }
    return second < 0 || ((first & 0x7f) << 7 | second) > most;
  }
}
