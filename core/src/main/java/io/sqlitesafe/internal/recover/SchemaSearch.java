package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.pages.PageFormat;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the tables are: by the tree of {@code sqlite_schema}, which begins on page 1, and
 * where parts of that are lost, on any page with such rows. Used once.
 */
final class SchemaSearch implements RowTaker {
  private static final Set<String> TYPES = Set.of("table", "index", "view", "trigger");

  private final PageImage image;
  private final PageKinds kinds;
  private final Map<String, SchemaEntry> found = new LinkedHashMap<>();
  private boolean damaged;

  SchemaSearch(PageImage image, PageKinds kinds) {
    this.image = image;
    this.kinds = kinds;
  }

  /**
   * What was found.
   *
   * @param complete nothing of it is lost
   */
  record Schema(List<SchemaEntry> entries, boolean complete) {}

  Schema search() throws SQLException {
    TreeWalk walk = new TreeWalk(image, kinds, Shape.SCHEMA, this);
    walk.table(1);
    kinds.take(1);
    damaged |= !walk.holes().isEmpty();
    if (damaged) {
      PageView page = new PageView(image);
      LeafReader leaves = new LeafReader(image, kinds, Shape.SCHEMA, this);
      for (int number = 2; number <= kinds.pages(); number++) {
        if (kinds.of(number) == PageFormat.TABLE_LEAF
            && !kinds.isTaken(number)
            && isSchema(page, number)
            && leaves.table(page, Long.MIN_VALUE, Long.MAX_VALUE, false)) {
          kinds.take(number);
        }
      }
    }
    return new Schema(List.copyOf(found.values()), !damaged);
  }

  private boolean isSchema(PageView page, int number) {
    page.load(number);
    RecordView record = new RecordView();
    return page.cell(0) && page.isRecord(record) && record.count == 5 && isTyped(record);
  }

  private boolean isTyped(RecordView record) {
    return record.isText(0)
        && record.starts[1] <= record.bytes.length
        && TYPES.contains(text(record, 0));
  }

  private String text(RecordView record, int field) {
    return new String(record.content(field), image.layout().charset());
  }

  @Override
  public void row(int page, long rowid, RecordView record) {
    SchemaEntry entry = entry(record);
    if (entry == null) {
      damaged = true;
    } else {
      found.putIfAbsent(
          entry.type() + " " + entry.name().toLowerCase(java.util.Locale.ROOT), entry);
    }
  }

  private @Nullable SchemaEntry entry(RecordView record) {
    if (record.count != 5
        || !isTyped(record)
        || !record.isText(1)
        || !record.isText(2)
        || !(record.isText(4) || record.isNull(4))) {
      return null;
    }
    long root = record.isInteger(3) ? record.bits(3) : 0;
    String sql = record.isNull(4) ? null : text(record, 4);
    int nul = sql == null ? -1 : sql.indexOf(0);
    return new SchemaEntry(
        text(record, 0),
        text(record, 1),
        text(record, 2),
        root < 0 || root > kinds.pages() ? 0 : (int) root,
        nul < 0 || sql == null ? sql : sql.substring(0, nul)); // SQLite reads no further either
  }

  @Override
  public void doubtful(int page, long rowid, RecordView record) {
    damaged = true;
    row(page, rowid, record);
  }

  @Override
  public void lost(int page, int cells) {
    damaged = true;
  }
}
