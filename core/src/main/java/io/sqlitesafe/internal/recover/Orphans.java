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
import org.jspecify.annotations.Nullable;

/**
 * Pages of b-trees that no page points to any more. Those that fit into what is missing of exactly
 * one table are given to it; the others go to the lost and found. Used once.
 */
final class Orphans {
  private static final int SAMPLE = 24;
  private static final int DEEPEST = 40;
  private static final int LEAST_LIKENESS = 400;

  private final PageImage image;
  private final PageKinds kinds;
  private final BitSet unused;
  private final List<TableSalvage> tables;
  private final List<IndexForm> holedIndexes;
  private final RawTable lostAndFound;
  private final boolean allTablesKnown;
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
   * @param unused pages of the list of unused pages
   * @param holedIndexes indexes of which parts were not found
   * @param allTablesKnown no part of the schema is lost
   */
  Orphans(
      PageImage image,
      PageKinds kinds,
      BitSet unused,
      List<TableSalvage> tables,
      List<IndexForm> holedIndexes,
      RawTable lostAndFound,
      boolean allTablesKnown) {
    this.image = image;
    this.kinds = kinds;
    this.unused = unused;
    this.tables = tables;
    this.holedIndexes = holedIndexes;
    this.lostAndFound = lostAndFound;
    this.allTablesKnown = allTablesKnown;
    this.pointers = new PointerMap(image);
    this.page = new PageView(image);
  }

  /** A leaf and the rowids in it. */
  private record Leaf(int page, long least, long greatest) {}

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
      attachAll(group(leaves, from, to), homeless);
      from = to;
    }
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

  private List<Leaf> group(long[] leaves, int from, int to) {
    List<Leaf> group = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      Leaf leaf = leaf((int) leaves[i]);
      if (leaf != null) {
        group.add(leaf);
      }
    }
    group.sort(Comparator.comparingLong(Leaf::least).thenComparingInt(Leaf::page));
    return group;
  }

  /**
   * Unused pages may hold what is missing, and may hold rows that were deleted: where they fit,
   * their rows are worth a look.
   */
  private void loseUnused() throws SQLException {
    for (int number = unused.nextSetBit(2); number >= 0; number = unused.nextSetBit(number + 1)) {
      if (kinds.of(number) == TABLE_LEAF && !kinds.isTaken(number)) {
        Leaf leaf = leaf(number);
        if (leaf != null && fitsAnywhere(leaf)) {
          lose(number);
        }
      }
    }
  }

  private boolean fitsAnywhere(Leaf leaf) {
    for (TableSalvage table : tables) {
      if (!table.withoutRowid() && overlaps(leaf, table)) {
        page.load(leaf.page());
        if (likeness(table) > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean overlaps(Leaf leaf, TableSalvage table) {
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
        && !unused.get(number)
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

  private @Nullable Leaf leaf(int number) {
    page.load(number);
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    for (int i = 0; i < page.cells(); i++) {
      if (page.cell(i) && page.isRecord(record)) {
        least = Math.min(least, page.rowid());
        greatest = Math.max(greatest, page.rowid());
      }
    }
    return least > greatest ? null : new Leaf(number, least, greatest);
  }

  // ---- tables with rowids ----------------------------------------------------------------------

  private void attachAll(List<Leaf> leaves, BitSet homeless) throws SQLException {
    List<Leaf> rest = leaves;
    TableSalvage table = leaves.isEmpty() ? null : tableOf(leaves);
    if (table != null) {
      rest = new ArrayList<>();
      for (Leaf leaf : leaves) {
        if (!attach(leaf, table)) {
          rest.add(leaf);
        }
      }
    } else if (leaves.size() > 1) {
      rest = new ArrayList<>();
      for (Leaf leaf : leaves) {
        TableSalvage own = tableOf(List.of(leaf));
        if (own == null || !attach(leaf, own)) {
          rest.add(leaf);
        }
      }
    }
    rest.forEach(leaf -> homeless.set(leaf.page()));
  }

  private boolean attach(Leaf leaf, TableSalvage table) throws SQLException {
    if (table.writer().hasBetween(leaf.least(), leaf.greatest())) {
      return false;
    }
    page.load(leaf.page());
    LeafReader reader = new LeafReader(image, kinds, table.shape(), table);
    if (!reader.table(page, Long.MIN_VALUE, Long.MAX_VALUE, false)) {
      return false;
    }
    kinds.take(leaf.page());
    table.attached(new TableSalvage.Attached(leaf.page(), leaf.least(), leaf.greatest()));
    return true;
  }

  /** The one table that these pages can be of; null where that cannot be told. */
  private @Nullable TableSalvage tableOf(List<Leaf> leaves) throws SQLException {
    TableSalvage best = null;
    int bestScore = 0;
    boolean tie = false;
    for (TableSalvage table : tables) {
      if (table.withoutRowid() || table.holes().isEmpty()) {
        continue;
      }
      int score = score(leaves, table);
      if (score > bestScore) {
        tie = score < bestScore * 103 / 100;
        best = table;
        bestScore = score;
      } else if (score > 0 && score * 103 / 100 >= bestScore) {
        tie = true;
      }
    }
    return tie ? null : best;
  }

  private int score(List<Leaf> leaves, TableSalvage table) throws SQLException {
    int step = Math.max(1, leaves.size() / SAMPLE);
    int looked = 0;
    int fitting = 0;
    long sum = 0;
    for (int i = 0; i < leaves.size(); i += step) {
      int score = score(leaves.get(i), table);
      looked++;
      fitting += score > 0 ? 1 : 0;
      sum += score;
    }
    return fitting * 5 >= looked * 4 ? (int) (sum / looked) : 0;
  }

  private int score(Leaf leaf, TableSalvage table) throws SQLException {
    int place = place(leaf, table);
    if (place == 0 || table.writer().hasBetween(leaf.least(), leaf.greatest())) {
      return 0;
    }
    int known = pointers.rootOf(leaf.page());
    boolean own = known != 0 && known == table.entry().root();
    boolean others = known != 0 && tables.stream().anyMatch(each -> each.entry().root() == known);
    if (!own && others) {
      return 0;
    }
    page.load(leaf.page());
    int likeness = likeness(table);
    return likeness == 0 ? 0 : likeness * (10 + place) * (own ? 100 : 1);
  }

  /** How well a leaf fits into what is missing: 0 = not, 3 = into a place known on both sides. */
  private static int place(Leaf leaf, TableSalvage table) {
    int best = 0;
    for (Hole hole : table.holes()) {
      if (hole.holds(leaf.least()) && hole.holds(leaf.greatest()) && !table.isFilled(hole)) {
        boolean from = hole.above() != Long.MIN_VALUE;
        boolean to = hole.upTo() != Long.MAX_VALUE;
        best = Math.max(best, from && to ? 3 : from || to ? 2 : 1);
      }
    }
    return best;
  }

  private int likeness(TableSalvage table) {
    int readable = 0;
    int fitting = 0;
    long sum = 0;
    int step = Math.max(1, page.cells() / SAMPLE);
    for (int i = 0; i < page.cells(); i += step) {
      if (page.cell(i) && page.isRecord(record)) {
        boolean usual = table.hasRecordsOf(record.count, allTablesKnown);
        int likeness = usual ? table.shape().likeness(record) : 0;
        readable++;
        fitting += likeness >= LEAST_LIKENESS ? 1 : 0;
        sum += likeness;
      }
    }
    return readable > 0 && fitting * 4 >= readable * 3 ? (int) (sum / readable) : 0;
  }

  // ---- tables without rowids, and indexes ------------------------------------------------------

  /** True where it was given to a table, or is of an index, which is made anew. */
  private boolean attachIndexPage(int number) throws SQLException {
    page.load(number);
    boolean index = holedIndexes.stream().anyMatch(this::fits);
    TableSalvage best = null;
    int bestScore = 0;
    boolean tie = false;
    for (TableSalvage table : tables) {
      if (table.withoutRowid() && !table.holes().isEmpty()) {
        int score = likeness(table);
        tie = (score > 0 && score == bestScore) || (tie && score <= bestScore);
        if (score > bestScore) {
          best = table;
          bestScore = score;
        }
      }
    }
    int root = pointers.rootOf(number);
    if (best != null && !tie && (!index || root == best.entry().root())) {
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
