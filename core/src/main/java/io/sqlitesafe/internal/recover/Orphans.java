package io.sqlitesafe.internal.recover;

import static io.sqlitesafe.internal.pages.PageFormat.INDEX_INTERIOR;
import static io.sqlitesafe.internal.pages.PageFormat.INDEX_LEAF;
import static io.sqlitesafe.internal.pages.PageFormat.TABLE_INTERIOR;
import static io.sqlitesafe.internal.pages.PageFormat.TABLE_LEAF;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Pages of b-trees that no page points to any more. Those of which can be told of which table they
 * are, are given to it; the others go to the lost and found. Used once.
 */
final class Orphans {
  private static final int DEEPEST = 40;

  private final PageImage image;
  private final PageKinds kinds;
  private final Known known;
  private final List<TableSalvage> tables;
  private final RawTable lostAndFound;
  private final LeafHomes homes;
  private final PointerMap pointers;
  private final PageView page;
  private final RecordView record = new RecordView();
  private int[] parents = {}; // by page; of millions, numbers alone

  /**
   * What the entries of an index look like.
   *
   * @param fields of each entry
   * @param rowid the last of them is a rowid
   */
  record IndexForm(int fields, boolean rowid) {
    boolean fits(RecordView record) {
      return record.count == fields && (!rowid || record.isInteger(fields - 1));
    }
  }

  /**
   * What is known of the file.
   *
   * @param unused pages of the list of unused pages
   * @param allUnused there are no other unused pages
   * @param allTables no part of the schema is lost
   * @param holedIndexes indexes of which parts were not found
   */
  record Known(BitSet unused, boolean allUnused, boolean allTables, List<IndexForm> holedIndexes) {}

  Orphans(
      PageImage image,
      PageKinds kinds,
      Known known,
      List<TableSalvage> tables,
      RawTable lostAndFound) {
    this.image = image;
    this.kinds = kinds;
    this.known = known;
    this.tables = tables;
    this.lostAndFound = lostAndFound;
    this.homes = new LeafHomes(image, kinds, known, tables);
    this.pointers = new PointerMap(image);
    this.page = new PageView(image);
  }

  /**
   * Distributes them.
   *
   * @param keep whether those that fit nowhere are wanted
   */
  void distribute(boolean keep) throws SQLException {
    findParents();
    BitSet indexPages = new BitSet();
    long[] leaves = new long[64]; // topmost page, then page
    int count = 0;
    for (int number = 2; number <= kinds.pages(); number++) {
      int kind = kinds.of(number);
      if (kind == PageView.OTHER || !isOrphan(number)) {
        continue;
      }
      if (kind == TABLE_LEAF) {
        leaves = count == leaves.length ? Arrays.copyOf(leaves, count * 2) : leaves;
        leaves[count++] = (long) topmost(number) << 32 | number;
      } else if (kind == INDEX_LEAF || kind == INDEX_INTERIOR) {
        indexPages.set(number);
      }
    }
    Arrays.sort(leaves, 0, count);
    BitSet homeless = new BitSet();
    for (int from = 0; from < count; ) {
      int to = from + 1;
      while (to < count && leaves[to] >> 32 == leaves[from] >> 32) {
        to++;
      }
      homes.consider(group(leaves, from, to), homeless);
      from = to;
    }
    homes.settle(homeless);
    for (int number = indexPages.nextSetBit(0);
        number >= 0;
        number = indexPages.nextSetBit(number + 1)) {
      homeless.set(number, !attachIndexPage(number));
    }
    if (keep) {
      for (int number = homeless.nextSetBit(0);
          number >= 0;
          number = homeless.nextSetBit(number + 1)) {
        lose(number);
      }
      loseUnused();
    }
  }

  private List<LeafHomes.Leaf> group(long[] leaves, int from, int to) {
    List<LeafHomes.Leaf> group = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      LeafHomes.Leaf leaf = homes.leaf((int) leaves[i]);
      if (leaf != null) {
        group.add(leaf);
      }
    }
    group.sort(
        Comparator.comparingLong(LeafHomes.Leaf::least).thenComparingInt(LeafHomes.Leaf::page));
    return group;
  }

  /**
   * Unused pages may hold what is missing, and may hold rows that were deleted: where they fit,
   * their rows are worth a look.
   */
  private void loseUnused() throws SQLException {
    for (int number = known.unused().nextSetBit(2);
        number >= 0;
        number = known.unused().nextSetBit(number + 1)) {
      if (kinds.of(number) == TABLE_LEAF && !kinds.isTaken(number)) {
        LeafHomes.Leaf leaf = homes.leaf(number);
        if (leaf != null && fitsAnywhere(leaf)) {
          lose(number);
        }
      }
    }
  }

  private boolean fitsAnywhere(LeafHomes.Leaf leaf) {
    for (TableSalvage table : tables) {
      if (!table.withoutRowid() && overlaps(leaf, table)) {
        page.load(leaf.page());
        if (homes.likeness(page, table, known.allTables()) > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean overlaps(LeafHomes.Leaf leaf, TableSalvage table) {
    return table.holes().stream()
        .anyMatch(
            hole ->
                leaf.least() <= hole.upTo()
                    && leaf.greatest() > hole.above()
                    && !table.isFilled(hole));
  }

  private boolean isOrphan(int number) {
    return kinds.of(number) != PageView.OTHER
        && !kinds.isTaken(number)
        && !known.unused().get(number)
        && !pointers.isFree(number);
  }

  private void findParents() {
    parents = new int[kinds.pages() + 1];
    for (int number = 2; number <= kinds.pages(); number++) {
      int kind = kinds.of(number);
      if ((kind == TABLE_INTERIOR || kind == INDEX_INTERIOR) && isOrphan(number)) {
        page.load(number);
        for (int i = 0; i <= page.cells(); i++) {
          int child = page.child(i);
          if (child > 1 && child <= kinds.pages() && isOrphan(child)) {
            parents[child] = parents[child] == 0 ? number : parents[child];
          }
        }
      }
    }
  }

  private int topmost(int number) {
    int top = number;
    for (int depth = 0; depth < DEEPEST; depth++) {
      int parent = parents[top];
      if (parent == 0 || parent == number) {
        return top;
      }
      top = parent;
    }
    return top;
  }

  // ---- tables without rowids, and indexes ------------------------------------------------------

  /** True where it was given to a table, or is of an index, which is made anew. */
  private boolean attachIndexPage(int number) throws SQLException {
    page.load(number);
    boolean index = known.holedIndexes().stream().anyMatch(this::fits);
    TableSalvage best = null;
    int bestScore = 0;
    int secondScore = 0;
    for (TableSalvage table : tables) {
      if (table.withoutRowid() && !table.holes().isEmpty()) {
        int score = homes.likeness(page, table, known.allTables());
        if (score > bestScore) {
          best = table;
          secondScore = bestScore;
          bestScore = score;
        } else {
          secondScore = Math.max(secondScore, score);
        }
      }
    }
    int root = pointers.rootOf(number);
    boolean clear = secondScore * 5 <= bestScore * 4 && known.allUnused() && !index;
    if (best != null && (clear || root == best.entry().root())) {
      kinds.take(number);
      new LeafReader(image, kinds, best.shape(), best).index(page);
      best.attached(new TableSalvage.Attached(number, 0, 0));
      return true;
    }
    return best == null && index;
  }

  private boolean fits(IndexForm form) {
    int readable = 0;
    int fitting = 0;
    for (int i = 0; i < page.cells(); i++) {
      if (page.cell(i) && page.isRecord(record)) {
        readable++;
        fitting += form.fits(record) ? 1 : 0;
      }
    }
    return readable > 0 && fitting == readable;
  }

  // ---- what fits nowhere -----------------------------------------------------------------------

  private void lose(int number) throws SQLException {
    int kind = page.load(number);
    LostRows taker = new LostRows(lostAndFound, topmost(number), kind == TABLE_LEAF);
    LeafReader reader = new LeafReader(image, kinds, null, taker);
    kinds.take(number);
    if (kind == TABLE_LEAF) {
      reader.table(page, Long.MIN_VALUE, Long.MAX_VALUE, true);
    } else {
      reader.index(page);
    }
  }

  /** Takes the rows of pages that belong to no table. */
  record LostRows(RawTable to, int root, boolean rowids) implements RowTaker {
    @Override
    public void row(int page, long rowid, RecordView record) throws SQLException {
      to.add(record, root, page, record.count, rowids ? rowid : null);
    }

    @Override
    public void doubtful(int page, long rowid, RecordView record) throws SQLException {
      row(page, rowid, record);
    }

    @Override
    public void lost(int page, int cells) {}
  }
}
