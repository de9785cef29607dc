package io.sqlitesafe.internal.recover;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tables of leaves with rowids that no page points to. One is given to a table where
 * something is missing that it fits into, if it can be of no other: two tables that look alike, or
 * a list of unused pages that is damaged, need more than that, which is an index that has the same
 * rows or a place that it fits into exactly. Used once, by one thread.
 */
final class LeafHomes {
  private static final int SAMPLE = 24;
  private static final int LEAST_LIKENESS = 400;
  private static final int LEAST_BITS = 1 << 16;
  private static final int MOST_BITS = 1 << 27;
  private static final int ENTRIES_OF_PAGE = 400;

  private final PageImage image;
  private final PageKinds kinds;
  private final Orphans.Known known;
  private final List<TableSalvage> tables;
  private final PointerMap pointers;
  private final PageView page;
  private final RecordView record = new RecordView();
  private final Map<TableSalvage, List<Leaf>> claims = new LinkedHashMap<>();
  private final Map<TableSalvage, IndexWitness> witnesses = new IdentityHashMap<>();

  /** A leaf and the rowids in it. */
  record Leaf(int page, long least, long greatest) {
    boolean overlaps(Leaf other) {
      return least <= other.greatest && other.least <= greatest;
    }
  }

  /** A table that pages may be of. */
  private record Candidate(TableSalvage table, int likeness) {}

  LeafHomes(PageImage image, PageKinds kinds, Orphans.Known known, List<TableSalvage> tables) {
    this.image = image;
    this.kinds = kinds;
    this.known = known;
    this.tables =
        tables.stream().filter(each -> !each.withoutRowid() && !each.holes().isEmpty()).toList();
    this.pointers = new PointerMap(image);
    this.page = new PageView(image);
  }

  /** Null where it has no row. */
  @Nullable Leaf leaf(int number) {
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

  /**
   * Looks for the table of leaves that have one parent.
   *
   * @param leaves by their rowids
   * @param homeless is given those that have none
   */
  void consider(List<Leaf> leaves, BitSet homeless) throws SQLException {
    TableSalvage table = leaves.isEmpty() ? null : tableOf(leaves);
    if (table != null) {
      claims.computeIfAbsent(table, each -> new ArrayList<>()).addAll(leaves);
    } else if (leaves.size() > 1) {
      for (Leaf leaf : leaves) {
        consider(List.of(leaf), homeless);
      }
    } else {
      leaves.forEach(leaf -> homeless.set(leaf.page()));
    }
  }

  /** Gives tables what only one of their leaves claims. */
  void settle(BitSet homeless) throws SQLException {
    for (Map.Entry<TableSalvage, List<Leaf>> claim : claims.entrySet()) {
      TableSalvage table = claim.getKey();
      List<Leaf> leaves = claim.getValue();
      leaves.sort(Comparator.comparingLong(Leaf::least).thenComparingInt(Leaf::page));
      for (Leaf leaf : undisputed(leaves, table, homeless)) {
        if (!attach(leaf, table)) {
          homeless.set(leaf.page());
        }
      }
    }
  }

  /** Of those that are in each other's way, one that the index knows, if it is the only such. */
  private List<Leaf> undisputed(List<Leaf> leaves, TableSalvage table, BitSet homeless) {
    BitSet disputed = disputed(leaves, table);
    List<Leaf> left = new ArrayList<>();
    for (int i = 0; i < leaves.size(); i++) {
      if (!disputed.get(i) || witness(leaves.get(i), table) == IndexWitness.Verdict.YES) {
        left.add(leaves.get(i));
      } else {
        homeless.set(leaves.get(i).page());
      }
    }
    BitSet still = disputed(left, table);
    List<Leaf> sure = new ArrayList<>();
    for (int i = 0; i < left.size(); i++) {
      if (still.get(i)) {
        homeless.set(left.get(i).page());
      } else {
        sure.add(left.get(i));
      }
    }
    return sure;
  }

  private static BitSet disputed(List<Leaf> leaves, TableSalvage table) {
    BitSet disputed = new BitSet(leaves.size());
    int last = 0; // the one that reaches farthest
    for (int i = 1; i < leaves.size(); i++) {
      Leaf before = leaves.get(last);
      Leaf leaf = leaves.get(i);
      Hole hole = table.hole(leaf.least(), leaf.greatest());
      boolean one = hole != null && hole.leaf() && hole.holds(before.least());
      if (one || leaf.overlaps(before)) {
        disputed.set(last);
        disputed.set(i);
      }
      last = leaf.greatest() >= before.greatest() ? i : last;
    }
    return disputed;
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

  // ---- which table -----------------------------------------------------------------------------

  private static List<Leaf> sample(List<Leaf> leaves) {
    if (leaves.size() <= SAMPLE) {
      return leaves;
    }
    List<Leaf> sample = new ArrayList<>();
    for (int i = 0; i < SAMPLE; i++) {
      sample.add(leaves.get((int) ((long) i * leaves.size() / SAMPLE)));
    }
    return sample;
  }

  /** The one table that these pages can be of; null where that cannot be told. */
  private @Nullable TableSalvage tableOf(List<Leaf> leaves) throws SQLException {
    List<Leaf> sample = sample(leaves);
    List<Candidate> candidates = new ArrayList<>();
    for (TableSalvage table : tables) {
      int likeness = likeness(sample, table);
      if (likeness > 0) {
        candidates.add(new Candidate(table, likeness));
      }
    }
    if (candidates.isEmpty()) {
      return null;
    }
    if (candidates.size() == 1 && known.allUnused()) {
      return candidates.get(0).table();
    }
    return amongSeveral(candidates, leaves, sample);
  }

  private @Nullable TableSalvage amongSeveral(
      List<Candidate> candidates, List<Leaf> leaves, List<Leaf> sample) {
    Map<TableSalvage, IndexWitness.Verdict> verdicts = new HashMap<>();
    candidates.forEach(each -> verdicts.put(each.table(), verdict(sample, each.table())));
    List<TableSalvage> certain =
        candidates.stream()
            .map(Candidate::table)
            .filter(table -> verdicts.get(table) == IndexWitness.Verdict.YES)
            .toList();
    if (!certain.isEmpty()) {
      return certain.size() == 1 ? certain.get(0) : null;
    }
    List<Candidate> left =
        candidates.stream()
            .filter(each -> verdicts.get(each.table()) != IndexWitness.Verdict.NO)
            .sorted(Comparator.comparingInt(Candidate::likeness).reversed())
            .toList();
    boolean clear =
        left.size() == 1
            || (left.size() > 1 && left.get(1).likeness() * 5 <= left.get(0).likeness() * 4);
    if (!clear || !(known.allUnused() || fitsExactly(leaves, left.get(0).table()))) {
      return null;
    }
    return left.get(0).table();
  }

  /** Up to the last rowid that is missing there, which rows that were deleted hardly do. */
  private static boolean fitsExactly(List<Leaf> leaves, TableSalvage table) {
    long greatest = leaves.stream().mapToLong(Leaf::greatest).max().orElse(0);
    Hole hole = table.hole(leaves.get(0).least(), greatest);
    return hole != null && hole.upTo() == greatest;
  }

  private int likeness(List<Leaf> sample, TableSalvage table) throws SQLException {
    int fitting = 0;
    long sum = 0;
    for (Leaf leaf : sample) {
      int likeness = likeness(leaf, table);
      fitting += likeness > 0 ? 1 : 0;
      sum += likeness;
    }
    return fitting * 5 >= sample.size() * 4 ? (int) (sum / sample.size()) : 0;
  }

  private int likeness(Leaf leaf, TableSalvage table) throws SQLException {
    Hole hole = table.hole(leaf.least(), leaf.greatest());
    if (hole == null || table.writer().hasBetween(leaf.least(), leaf.greatest())) {
      return 0;
    }
    int root = pointers.rootOf(leaf.page());
    if (root != 0
        && root != table.entry().root()
        && tables.stream().anyMatch(each -> each.entry().root() == root)) {
      return 0;
    }
    page.load(leaf.page());
    return likeness(page, table, known.allTables());
  }

  /** From 0 to 1000. */
  int likeness(PageView of, TableSalvage table, boolean allTables) {
    int readable = 0;
    int fitting = 0;
    long sum = 0;
    int step = Math.max(1, of.cells() / SAMPLE);
    for (int i = 0; i < of.cells(); i += step) {
      if (of.cell(i) && of.isRecord(record)) {
        boolean usual = table.hasRecordsOf(record.count, allTables);
        int likeness = usual ? table.shape().likeness(record) : 0;
        readable++;
        fitting += likeness >= LEAST_LIKENESS ? 1 : 0;
        sum += likeness;
      }
    }
    return readable > 0 && fitting * 4 >= readable * 3 ? (int) (sum / readable) : 0;
  }

  // ---- what else is known ----------------------------------------------------------------------

  private IndexWitness.Verdict verdict(List<Leaf> sample, TableSalvage table) {
    int yes = 0;
    int no = 0;
    for (Leaf leaf : sample) {
      boolean own = pointers.rootOf(leaf.page()) == table.entry().root();
      IndexWitness.Verdict verdict = own ? IndexWitness.Verdict.YES : witness(leaf, table);
      yes += verdict == IndexWitness.Verdict.YES ? 1 : 0;
      no += verdict == IndexWitness.Verdict.NO ? 1 : 0;
    }
    return yes == no
        ? IndexWitness.Verdict.UNKNOWN
        : yes > no ? IndexWitness.Verdict.YES : IndexWitness.Verdict.NO;
  }

  private IndexWitness.Verdict witness(Leaf leaf, TableSalvage table) {
    TableSalvage.Indexed indexed = table.indexed();
    if (indexed == null) {
      return IndexWitness.Verdict.UNKNOWN;
    }
    IndexWitness witness =
        witnesses.computeIfAbsent(
            table, each -> new IndexWitness(image, kinds, indexed.root(), indexed.field(), bits()));
    page.load(leaf.page());
    return witness.of(page);
  }

  /** All of them together are to take little memory. */
  private int bits() {
    long wanted = (long) kinds.pages() * ENTRIES_OF_PAGE / tables.size();
    return Integer.highestOneBit((int) Math.max(LEAST_BITS, Math.min(MOST_BITS, wanted)));
  }
}
