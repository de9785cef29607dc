package io.sqlitesafe.internal.recover;

import io.sqlitesafe.recover.RecoverResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One table of the new database, and what became of its rows. For one thread. */
public final class TableSalvage implements RowTaker, AutoCloseable {
  private final SchemaEntry entry;
  private final ShapeReader.TableForm form;
  private final TableWriter writer;
  private final RawTable conflicts;
  private final RawTable lostAndFound;
  private final Progress work;
  private final List<Hole> holes = new ArrayList<>();
  private final TreeMap<Long, Attached> attached = new TreeMap<>(); // by their least rowids
  private int attachedPages;
  private final BitSet leaves = new BitSet();
  private long taken;
  private long rows;
  private long twice;
  private long doubtful;
  private long lostCells;
  private int pages;
  private long moved;
  private int shortest = Integer.MAX_VALUE;
  private @Nullable Indexed indexed;

  /**
   * An index that has all its rows.
   *
   * @param field the place of the index's first column in the table's records
   */
  record Indexed(int root, int field) {}

  /** A page that no page of the tree pointed to. */
  record Attached(int page, long least, long greatest) {}

  TableSalvage(
      Connection connection,
      SchemaEntry entry,
      ShapeReader.TableForm form,
      String conflictsName,
      RawTable lostAndFound,
      Progress work) {
    this.entry = entry;
    this.form = form;
    this.lostAndFound = lostAndFound;
    this.work = work;
    this.writer = new TableWriter(connection, entry.name(), form, this::done);
    this.conflicts =
        new RawTable(
            connection,
            conflictsName,
            List.of("\"rowid of the row\" INTEGER", "\"found on page\" INTEGER"),
            i -> i < form.shape().fields().size() ? form.shape().fields().get(i).name() : "c" + i);
  }

  SchemaEntry entry() {
    return entry;
  }

  Shape shape() {
    return form.shape();
  }

  boolean withoutRowid() {
    return form.withoutRowid();
  }

  TableWriter writer() {
    return writer;
  }

  /** Tells it of an index of all its rows. */
  void indexedBy(int root, String column) {
    List<Shape.Field> fields = form.shape().fields();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).name().equalsIgnoreCase(column) && !fields.get(i).alias()) {
        indexed = new Indexed(root, i);
      }
    }
  }

  /** Null where there is none, or none whose first column is stored in the table. */
  @Nullable Indexed indexed() {
    return form.withoutRowid() ? null : indexed;
  }

  List<Hole> holes() {
    return holes;
  }

  /** Takes what the tree that begins on its root has. */
  void walk(PageImage image, PageKinds kinds) throws SQLException {
    TreeWalk walk = new TreeWalk(image, kinds, form.shape(), this);
    if (form.withoutRowid()) {
      walk.index(entry.root());
    } else {
      walk.table(entry.root());
    }
    writer.flush();
    holes.addAll(walk.holes());
    pages += walk.pages();
  }

  /** Takes what is left of rows that were deleted from its pages. */
  void deleted(PageImage image, RawTable to) throws SQLException {
    if (form.withoutRowid()) {
      return; // their cells have no rowid, and keys in order say no more
    }
    PageView page = new PageView(image);
    FreeSpace free = new FreeSpace(page, form.shape(), (n, id, r) -> addDeleted(to, n, id, r));
    for (int n = leaves.nextSetBit(0); n >= 0; n = leaves.nextSetBit(n + 1)) {
      work.step(0);
      page.load(n);
      free.search();
    }
  }

  private void addDeleted(RawTable to, int page, @Nullable Long rowid, RecordView record)
      throws SQLException {
    if (rowid == null || !writer.has(rowid, record)) { // else it only moved
      to.add(record, entry.root(), page, record.count, rowid);
    }
  }

  /** What its rows that are in each other's way are put into. */
  String conflictsName() {
    return conflicts.name();
  }

  /** Whether the table of that name is there. */
  boolean hasConflicts() {
    return conflicts.rows() + moved > 0;
  }

  /** So many rows were moved there because of a UNIQUE index. */
  void moved(long count) {
    moved += count;
  }

  /**
   * Whether records of so many fields are usual in it: shorter ones only where rows are known to be
   * older than a column.
   */
  boolean hasRecordsOf(int fields, boolean allTablesKnown) {
    int all = form.shape().fields().size();
    return fields == all || fields >= shortest || (taken == 0 && allTablesKnown);
  }

  void attached(Attached page) {
    attached.put(page.least(), page);
    attachedPages++;
    pages++;
  }

  @Override
  public void row(int page, long rowid, RecordView record) throws SQLException {
    work.step(record.starts[record.count] - record.starts[0]);
    shortest = Math.min(shortest, record.count);
    if (record.count > form.shape().fields().size()) {
      doubtful(page, rowid, record);
      return;
    }
    taken++;
    leaves.set(page);
    writer.insert(page, rowid, record);
  }

  private void done(int page, long rowid, RecordView record, TableWriter.Outcome outcome)
      throws SQLException {
    switch (outcome) {
      case INSERTED -> rows++;
      case TWICE -> twice++;
      case CONFLICT -> conflicts.add(record, form.withoutRowid() ? null : rowid, page);
    }
  }

  @Override
  public void doubtful(int page, long rowid, RecordView record) throws SQLException {
    doubtful++;
    lostAndFound.add(record, entry.root(), page, record.count, form.withoutRowid() ? null : rowid);
  }

  @Override
  public void lost(int page, int cells) {
    lostCells += cells;
  }

  /** Whether something of it may be missing. */
  boolean isIncomplete() {
    return doubtful > 0
        || lostCells > 0
        || conflicts.rows() + moved > 0
        || holes.stream().anyMatch(hole -> !isFilled(hole));
  }

  /** One page was missing here, and exactly one was found that belongs here. */
  boolean isFilled(Hole hole) {
    if (!hole.leaf() || form.withoutRowid()) {
      return false;
    }
    int inside = 0;
    for (Attached page : attached.subMap(hole.above(), false, hole.upTo(), true).values()) {
      inside += hole.holds(page.greatest()) ? 1 : 0;
      if (inside > 1) {
        return false;
      }
    }
    return inside == 1;
  }

  /**
   * What is missing there, and was not found yet; null where nothing is. Holes are in the order of
   * their rowids, and none overlap but those that are alike.
   */
  @Nullable Hole hole(long least, long greatest) {
    int low = 0;
    int high = holes.size();
    while (low < high) { // the first that begins after it
      int middle = (low + high) >>> 1;
      if (holes.get(middle).above() < least) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (int i = low - 1; i >= 0 && holes.get(i).holds(least); i--) {
      if (holes.get(i).holds(greatest) && !isFilled(holes.get(i))) {
        return holes.get(i);
      }
    }
    return null;
  }

  public RecoverResult.Table report() {
    List<RecoverResult.Missing> missing = new ArrayList<>();
    for (Hole hole : holes) {
      if (!isFilled(hole)) {
        missing.add(
            new RecoverResult.Missing(
                hole.page(),
                bound(hole.above(), Long.MIN_VALUE),
                bound(hole.upTo(), Long.MAX_VALUE),
                hole.why()));
      }
    }
    return new RecoverResult.Table(
        entry.name(),
        rows - moved,
        pages,
        attachedPages,
        missing,
        doubtful,
        lostCells,
        twice,
        conflicts.rows() + moved,
        conflicts.rows() + moved == 0 ? null : conflicts.name());
  }

  private @Nullable Long bound(long value, long unknown) {
    return value == unknown || form.withoutRowid() ? null : Long.valueOf(value);
  }

  @Override
  public void close() throws SQLException {
    writer.close();
    conflicts.close();
  }
}
