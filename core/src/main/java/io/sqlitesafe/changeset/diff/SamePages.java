package io.sqlitesafe.changeset.diff;

import java.util.BitSet;

/**
 * Which pages have the same bytes in both files. Filled by several threads, each its own and then
 * united; then only read.
 */
final class SamePages {
  private final BitSet same = new BitSet();

  /** Those of them that look like part of a b-tree, and have rows that overflow. */
  private final BitSet overflowing = new BitSet();

  void add(int page, boolean overflows) {
    same.set(page);
    overflowing.set(page, overflows);
  }

  void addAll(SamePages others) {
    same.or(others.same);
    overflowing.or(others.overflowing);
  }

  boolean has(int page) {
    return same.get(page);
  }

  /** Whether the rows on this page of a b-tree are the same too, whatever other pages hold. */
  boolean hasRows(int page) {
    return same.get(page) && !overflowing.get(page);
  }

  int count() {
    return same.cardinality();
  }
}
