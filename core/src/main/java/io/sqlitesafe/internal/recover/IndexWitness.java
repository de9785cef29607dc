package io.sqlitesafe.internal.recover;

import static io.sqlitesafe.internal.pages.PageFormat.INDEX_INTERIOR;
import static io.sqlitesafe.internal.pages.PageFormat.INDEX_LEAF;

import java.util.BitSet;

/**
 * What an index knows of its table: which value each of its rows has in one column. By it pages are
 * told apart that look alike, and rows that were deleted from those that are there. Keeps a few
 * bits for each entry. For one thread.
 */
final class IndexWitness {
  private static final int DEEPEST = 40;
  private static final int COMPARED = 16;

  /** So many rows are not all in the part of an index that is lost. */
  private static final int MANY = 12;

  private final PageImage image;
  private final PageKinds kinds;
  private final int field;
  private final BitSet entries = new BitSet();
  private final BitSet visited = new BitSet();
  private final Payload payload;
  private final RecordView record = new RecordView();
  private final int mask;
  private int read;
  private int missing;

  /** What an index says of a page of rows. */
  enum Verdict {
    YES,
    NO,
    UNKNOWN
  }

  /**
   * Reads an index.
   *
   * @param field the place of its first column in the records of the table
   * @param bits the most that may be kept, a power of two
   */
  IndexWitness(PageImage image, PageKinds kinds, int root, int field, int bits) {
    this.image = image;
    this.kinds = kinds;
    this.field = field;
    this.mask = bits - 1;
    this.payload = new Payload(image, kinds);
    walk(root, 0);
  }

  private void walk(int number, int depth) {
    int kind = kinds.of(number);
    boolean right = kind == INDEX_LEAF || kind == INDEX_INTERIOR;
    if (!right || depth > DEEPEST || visited.get(number)) {
      missing++;
      return;
    }
    visited.set(number);
    read++;
    PageView page = new PageView(image);
    page.load(number);
    for (int i = 0; i < page.cells(); i++) {
      if (page.cell(i)
          && payload.gather(page)
          && record.parse(payload.bytes(), payload.start(), payload.end())
          && record.count > 1
          && record.isInteger(record.count - 1)) {
        entries.set(hash(record, 0, record.bits(record.count - 1)));
      }
    }
    if (kind == INDEX_INTERIOR) {
      for (int i = 0; i <= page.cells(); i++) {
        walk(page.child(i), depth + 1);
      }
    }
  }

  /** Whether the rows of a leaf are in the index. */
  Verdict of(PageView leaf) {
    int asked = 0;
    int found = 0;
    for (int i = 0; i < leaf.cells(); i++) {
      if (leaf.cell(i) && leaf.isRecord(record) && isThere(leaf)) {
        asked++;
        found += entries.get(hash(record, field, leaf.rowid())) ? 1 : 0;
      }
    }
    if (asked == 0 || read == 0) {
      return Verdict.UNKNOWN;
    }
    if (found * 2 > asked) {
      return Verdict.YES;
    }
    boolean telling = asked >= MANY && found == 0 && missing * 4 < read;
    return missing == 0 || telling ? Verdict.NO : Verdict.UNKNOWN;
  }

  /** A value that is longer than is compared may end on another page. */
  private boolean isThere(PageView leaf) {
    return field < record.count
        && record.starts[field] + Math.min(COMPARED, record.length(field)) <= leaf.localEnd();
  }

  /** An integer and a REAL of the same value are the same: which one is stored may differ. */
  private int hash(RecordView of, int at, long rowid) {
    long hash = rowid * 0x9e3779b97f4a7c15L;
    if (of.isInteger(at)) {
      hash ^= of.bits(at);
    } else if (of.isReal(at)) {
      double value = Double.longBitsToDouble(of.bits(at));
      hash ^= value == (long) value ? (long) value : of.bits(at);
    } else if (!of.isNull(at)) {
      hash ^= of.length(at) + 1;
      int end = of.starts[at] + Math.min(COMPARED, of.length(at));
      for (int i = of.starts[at]; i < end; i++) {
        hash = (hash ^ of.bytes[i]) * 0x100000001b3L;
      }
    }
    hash ^= hash >>> 32;
    hash *= 0x9e3779b97f4a7c15L;
    return (int) (hash >>> 37) & mask;
  }
}
