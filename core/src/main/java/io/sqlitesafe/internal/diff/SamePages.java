package io.sqlitesafe.internal.diff;

import java.util.BitSet;

/**
 * What comparing pages has found. Filled by several threads, each its own and then united; then
 * only read.
 */
final class SamePages {
  /** Which have the same bytes in both files. */
  private final BitSet same = new BitSet();

  /** Those of them that look like part of a b-tree, and have rows that overflow. */
  private final BitSet overflowing = new BitSet();

  private final BitSet settled = new BitSet();

  void add(int page, boolean overflows) {
    same.set(page);
    overflowing.set(page, overflows);
  }

  /** What there is to say about the rows of this leaf has been said. */
  void settle(int page) {
    settled.set(page);
  }

  void addAll(SamePages others) {
    same.or(others.same);
    overflowing.or(others.overflowing);
    settled.or(others.settled);
  }

  boolean has(int page) {
    return same.get(page);
  }

  /** Whether the rows on this page of a b-tree are the same too, whatever other pages hold. */
  boolean hasRows(int page) {
    return same.get(page) && !overflowing.get(page);
  }

  /** Whether nobody needs to look at the rows of this leaf any more. */
  boolean settled(int page) {
    return settled.get(page);
  }

  int count() {
    return same.cardinality();
  }
}
