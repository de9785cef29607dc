package io.sqlitesafe.internal.diff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Leaves that a table has in both files at the same place, for the same rowids: a row that is on
 * such a leaf in one file is on no other leaf in the other file, so that the two pages can be
 * compared by themselves. Once filled, safe for several threads.
 */
final class SharedLeaves {
  /** By the number of the page, one above all places of the tables before, or 0. */
  private final int[] slots;

  private final List<TablePages> tables = new ArrayList<>();

  /** By table, the places of all tables before. */
  private int[] starts = new int[4];

  private int used;

  SharedLeaves(int pages) {
    slots = new int[pages + 1];
  }

  /** Adds the leaves of a table with rowids. */
  void add(TablePages table) {
    if (tables.size() == starts.length) {
      starts = Arrays.copyOf(starts, starts.length * 2);
    }
    starts[tables.size()] = used;
    tables.add(table);
    PageTree base = table.base();
    PageTree now = table.now();
    int inBase = 0;
    for (int place = 0; place < now.leafCount(); place++) {
      while (inBase < base.leafCount() && base.greatest(inBase) < now.greatest(place)) {
        inBase++;
      }
      if (inBase < base.leafCount()
          && base.leaf(inBase) == now.leaf(place)
          && base.greatest(inBase) == now.greatest(place)
          && base.above(inBase) == now.above(place)
          && now.leaf(place) < slots.length) {
        slots[now.leaf(place)] = used + place + 1;
      }
    }
    used += now.leafCount();
  }

  boolean has(int page) {
    return slots[page] != 0;
  }

  /** The table that such a leaf belongs to, or null. */
  @Nullable TablePages table(int page) {
    return slots[page] == 0 ? null : tables.get(index(page));
  }

  /** Which rowids such a leaf may have. */
  TablePages.Range range(int page) {
    int index = index(page);
    PageTree tree = tables.get(index).now();
    int place = slots[page] - 1 - starts[index];
    return new TablePages.Range(tree.above(place), tree.greatest(place));
  }

  private int index(int page) {
    int found = Arrays.binarySearch(starts, 0, tables.size(), slots[page] - 1);
    return found >= 0 ? found : -found - 2;
  }
}
