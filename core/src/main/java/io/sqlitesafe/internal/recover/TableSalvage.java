package io.sqlitesafe.internal.recover;

import io.sqlitesafe.recover.RecoverResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
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
  private final List<Attached> attached = new ArrayList<>();
  private long taken;
  private long rows;
  private long twice;
  private long doubtful;
  private long lostCells;
  private int pages;
  private long moved;
  private int shortest = Integer.MAX_VALUE;

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
    attached.add(page);
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
    return hole.leaf() && !form.withoutRowid() && in(hole) == 1;
  }

  private long in(Hole hole) {
    return attached.stream()
        .filter(page -> hole.holds(page.least()) && hole.holds(page.greatest()))
        .count();
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
        attached.size(),
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
