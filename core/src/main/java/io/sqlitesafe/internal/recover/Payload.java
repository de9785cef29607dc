package io.sqlitesafe.internal.recover;

import java.util.Arrays;

/**
 * The payload of a cell with what lies on overflow pages (sqlite.org/fileformat2.html, section
 * 1.6), as far as the chain of these is whole. Used again for one cell after the other. For one
 * thread.
 */
final class Payload {
  private final PageImage image;
  private final PageKinds kinds;
  private final byte[] rest;
  private final int usable;
  private final long most;

  private byte[] buffer = new byte[1 << 12];
  private int[] chain = new int[16];
  private int links;
  private byte[] bytes = {};
  private int start;
  private int end;

  Payload(PageImage image, PageKinds kinds) {
    this.image = image;
    this.kinds = kinds;
    this.usable = image.layout().usable();
    this.rest = new byte[image.layout().pageSize()];
    this.most = Runtime.getRuntime().maxMemory() / 4; // it is copied once, into the statement
  }

  /**
   * Collects the payload of the cell that a page was asked for last.
   *
   * @return whether it is whole; if not, {@link #end} is where it breaks off
   */
  boolean gather(PageView page) {
    bytes = page.bytes;
    start = page.start();
    end = page.localEnd();
    links = 0;
    if (page.overflow() == 0) {
      return page.payload() == end - start;
    }
    int used = end - start;
    ensure(used);
    System.arraycopy(page.bytes, start, buffer, 0, used);
    int next = page.overflow();
    while (used < page.payload()) {
      if (used + usable > most) {
        kinds.tooLarge(page.payload());
        return give(used, false);
      }
      boolean usual = next > 1 && image.has(next) && kinds.maySpill(next);
      int there = usual ? image.read(next, rest) : 0;
      int length = (int) Math.min(page.payload() - used, usable - 4);
      if (there < 4 + length) {
        return give(used, false);
      }
      ensure(used + length);
      System.arraycopy(rest, 4, buffer, used, length);
      used += length;
      if (links == chain.length) {
        chain = Arrays.copyOf(chain, links * 2);
      }
      chain[links++] = next;
      int current = next;
      next = FreeList.int32(rest, 0);
      if (used < page.payload() && next == current) {
        return give(used, false);
      }
      if (used == page.payload() && (!isEnd(next, current) || isDoubtful(used, length))) {
        return give(used - length, false);
      }
    }
    return give(used, true);
  }

  /** No other payload can be on the pages that the last one was collected from. */
  void keep() {
    for (int i = 0; i < links; i++) {
      kinds.spill(chain[i]);
    }
  }

  /**
   * The last page points to none. One that points to itself, or has one bit flipped in that, is the
   * same page; any other number is that of another page in its place.
   */
  private boolean isEnd(int next, int current) {
    return next == 0 || next == current || (Integer.bitCount(next) == 1 && !image.has(next));
  }

  /** The last page is blank, but what comes before its bytes is not. */
  private boolean isDoubtful(int used, int length) {
    for (int i = 0; i < usable; i++) {
      if (rest[i] != 0) {
        return false;
      }
    }
    return buffer[used - length - 1] != 0;
  }

  private boolean give(int used, boolean whole) {
    bytes = buffer;
    start = 0;
    end = used;
    return whole;
  }

  private void ensure(int length) {
    if (buffer.length < length) {
      buffer = Arrays.copyOf(buffer, (int) Math.max(length, Math.min(buffer.length * 2L, most)));
    }
  }

  /** Not to be kept beyond the next cell. */
  byte[] bytes() {
    return bytes;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }
}
