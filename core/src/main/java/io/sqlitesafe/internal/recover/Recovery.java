package io.sqlitesafe.internal.recover;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.pages.PageFormat;
import io.sqlitesafe.recover.RecoverRequest;
import io.sqlitesafe.recover.RecoverResult;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The path of a recovery: find out the layout and what each page is, read the schema, make its
 * tables in a new file and fill them by walking their trees, give pages that nothing points to to
 * where they fit, and make indexes, views and triggers. Reads the damaged file by itself: SQLite
 * only writes the new one. Used once, by one thread, which may not be interrupted.
 */
public final class Recovery {
  private static final String LOST_AND_FOUND = "lost_and_found";
  private static final String DELETED = "deleted_rows";
  private static final List<String> WHERE_FOUND =
      List.of("rootpgno INTEGER", "pgno INTEGER", "nfield INTEGER", "id INTEGER");

  private final PageImage image;
  private final Path target;
  private final RecoverRequest request;
  private final Cancellation cancellation;
  private final Progress work;
  private final Map<String, TableSalvage> tables = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  private Recovery(
      PageImage image,
      Path target,
      RecoverRequest request,
      long size,
      Cancellation cancellation,
      SnapshotListener listener) {
    this.image = image;
    this.target = target;
    this.request = request;
    this.cancellation = cancellation;
    this.work = new Progress(cancellation, listener, SnapshotListener.Phase.RECOVERING, size);
  }

  /**
   * What was brought into the new file.
   *
   * @param salvaged by table
   */
  public record Outcome(
      Layout layout,
      List<TableSalvage> salvaged,
      RecoverResult.@Nullable Extra lostAndFound,
      RecoverResult.@Nullable Extra deleted,
      List<String> rebuilt,
      List<RecoverResult.NotMade> notMade,
      List<String> notes,
      boolean schemaComplete) {}

  /**
   * Recovers.
   *
   * @param target an empty file, or none
   * @param name what it is to be called in messages
   */
  public static Outcome run(
      PageImage image,
      long size,
      Path target,
      Path name,
      RecoverRequest request,
      Cancellation cancellation,
      SnapshotListener listener)
      throws IOException {
    Recovery recovery = new Recovery(image, target, request, size, cancellation, listener);
    try {
      return recovery.recover(name);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, name, "");
    }
  }

  private Outcome recover(Path name) throws SQLException {
    Progress scan =
        new Progress(cancellation, SnapshotListener.SILENT, SnapshotListener.Phase.RECOVERING, 0);
    PageKinds kinds = PageKinds.scan(image, scan);
    SchemaSearch.Schema schema = new SchemaSearch(image, kinds).search();
    try (Database database = Database.openImage(target, name, cancellation, pragmas())) {
      return fill(database, database.connection(), kinds, schema);
    }
  }

  private String pragmas() {
    Layout layout = image.layout();
    return "PRAGMA page_size="
        + layout.pageSize()
        + ";PRAGMA encoding='"
        + layout.encodingName()
        + "';PRAGMA auto_vacuum="
        + layout.autoVacuum()
        + ";PRAGMA journal_mode=MEMORY;PRAGMA cache_size=-16384;PRAGMA trusted_schema=OFF;"
        + "PRAGMA ignore_check_constraints=ON;PRAGMA temp_store=FILE;";
  }

  private Outcome fill(
      Database database, Connection connection, PageKinds kinds, SchemaSearch.Schema schema)
      throws SQLException {
    List<SchemaEntry> entries = schema.entries();
    NewSchema made = new NewSchema(connection, entries);
    database.execute("PRAGMA foreign_keys=OFF");
    connection.setAutoCommit(false); // else the driver tries to begin before each statement
    RawTable lostAndFound =
        new RawTable(connection, made.freeName(LOST_AND_FOUND), WHERE_FOUND, i -> "c" + i);
    makeTables(connection, entries, made, lostAndFound);
    Map<SchemaEntry, List<String>> indexes = indexColumns(entries, made);
    for (TableSalvage table : tables.values()) {
      table.walk(image, kinds);
    }
    InternalRows internal = new InternalRows(connection, image, kinds);
    internal.read(entries);
    List<TableSalvage> salvaged = List.copyOf(tables.values());
    List<Orphans.IndexForm> holed = holedIndexes(indexes, kinds);
    Unused unused = unused(kinds); // once all trees have taken their pages
    boolean known = schema.complete() && made.notMade().isEmpty();
    // Where nothing is missing, pages that nothing points to are of rows that were deleted.
    boolean missing = !known || salvaged.stream().anyMatch(TableSalvage::isIncomplete);
    Orphans.Known facts = new Orphans.Known(unused.pages, unused.all, known, holed);
    new Orphans(image, kinds, facts, salvaged, lostAndFound).distribute(missing);
    RecoverResult.Extra deleted = deleted(connection, kinds, made);
    if (kinds.largestLeftOut() > 0) {
      notes.add(
          "a row of "
              + (kinds.largestLeftOut() >> 20)
              + " MB does not fit into the memory: run it again with a greater -Xmx in"
              + " SQLITE_SAFE_JAVA_OPTS");
    }
    for (TableSalvage table : salvaged) {
      table.close();
    }
    lostAndFound.close();
    internal.restoreSequences();
    makeRest(entries, made);
    makeVirtual(connection, entries, made);
    setHeader(database);
    connection.setAutoCommit(true); // which commits
    return new Outcome(
        image.layout(),
        salvaged,
        lostAndFound.rows() == 0
            ? null
            : new RecoverResult.Extra(lostAndFound.name(), lostAndFound.rows()),
        deleted,
        made.rebuilt(),
        made.notMade(),
        notes,
        schema.complete());
  }

  /** Pages of the list of unused ones; all = there are no others. */
  private record Unused(BitSet pages, boolean all) {}

  private Unused unused(PageKinds kinds) {
    BitSet unused = new BitSet();
    boolean whole = FreeList.read(image, kinds, unused);
    if (!whole && image.layout().firstFree() != 0) {
      notes.add("the list of unused pages is damaged; the new database has none");
    }
    return new Unused(unused, whole);
  }

  private void makeVirtual(Connection connection, List<SchemaEntry> entries, NewSchema made)
      throws SQLException {
    List<SchemaEntry> virtual = entries.stream().filter(SchemaEntry::isVirtual).toList();
    made.virtualTables(virtual);
    connection.commit();
    VirtualContent content = new VirtualContent(connection, tables, made, notes);
    for (SchemaEntry entry : virtual) {
      cancellation.throwIfRequested();
      content.check(entry);
    }
  }

  private void setHeader(Database database) throws SQLException {
    database.execute(
        "PRAGMA application_id="
            + image.layout().applicationId()
            + ";PRAGMA user_version="
            + image.layout().userVersion());
  }

  private void makeTables(
      Connection connection, List<SchemaEntry> entries, NewSchema made, RawTable lostAndFound)
      throws SQLException {
    for (SchemaEntry entry : entries) {
      if (!entry.isTable() || entry.isVirtual() || entry.isInternal() || !made.make(entry)) {
        continue;
      }
      ShapeReader.TableForm form = ShapeReader.of(connection, entry.name());
      tables.put(
          entry.name().toLowerCase(Locale.ROOT),
          new TableSalvage(
              connection,
              entry,
              form,
              made.freeName(entry.name() + "_conflicts"),
              lostAndFound,
              work));
    }
  }

  // ---- indexes, views, triggers ----------------------------------------------------------------

  private @Nullable TableSalvage tableOf(SchemaEntry index) {
    return tables.get(index.table().toLowerCase(Locale.ROOT));
  }

  /** Of indexes that have a tree; those of which nothing can be told have no columns. */
  private Map<SchemaEntry, List<String>> indexColumns(List<SchemaEntry> entries, NewSchema made) {
    Map<SchemaEntry, List<String>> columns = new LinkedHashMap<>();
    for (SchemaEntry entry : entries) {
      if (entry.type().equals("index") && entry.root() != 0) {
        TableSalvage table = tableOf(entry);
        List<String> names = table == null ? List.of() : made.columnsOf(entry);
        columns.put(entry, names);
        if (table != null && !names.isEmpty() && !NewSchema.isPartial(entry)) {
          table.indexedBy(entry.root(), names.get(0));
        }
      }
    }
    return columns;
  }

  /** Takes the pages of indexes, whose content is made anew; finds those that lack some. */
  private List<Orphans.IndexForm> holedIndexes(
      Map<SchemaEntry, List<String>> indexes, PageKinds kinds) throws SQLException {
    List<Orphans.IndexForm> holed = new ArrayList<>();
    for (Map.Entry<SchemaEntry, List<String>> index : indexes.entrySet()) {
      TableSalvage table = tableOf(index.getKey());
      TreeWalk walk = new TreeWalk(image, kinds, null, RowTaker.NOBODY);
      walk.index(index.getKey().root());
      if (!walk.holes().isEmpty() && table != null && !index.getValue().isEmpty()) {
        holed.add(new Orphans.IndexForm(index.getValue().size(), !table.withoutRowid()));
      }
    }
    return holed;
  }

  private void makeRest(List<SchemaEntry> entries, NewSchema made) {
    for (String type : List.of("index", "view", "trigger")) {
      for (SchemaEntry entry : entries) {
        if (!entry.type().equals(type) || (type.equals("index") && entry.sql() == null)) {
          continue;
        }
        cancellation.throwIfRequested();
        TableSalvage table = tables.get(entry.table().toLowerCase(Locale.ROOT));
        if (!type.equals("index")) {
          made.make(entry);
        } else if (table == null) {
          made.notMade(entry, "its table could not be made");
        } else {
          String conflicts =
              table.hasConflicts()
                  ? made.freeName(entry.table() + "_conflicts")
                  : table.conflictsName();
          table.moved(made.index(entry, conflicts));
        }
      }
    }
  }

  // ---- deleted rows ----------------------------------------------------------------------------

  private RecoverResult.@Nullable Extra deleted(
      Connection connection, PageKinds kinds, NewSchema made) throws SQLException {
    if (!request.deleted()) {
      return null;
    }
    try (RawTable table =
        new RawTable(connection, made.freeName(DELETED), WHERE_FOUND, i -> "c" + i)) {
      for (TableSalvage each : tables.values()) {
        each.deleted(image, table);
      }
      PageView page = new PageView(image);
      for (int number = 2; number <= kinds.pages(); number++) {
        int kind = kinds.of(number);
        if (kind != PageFormat.TABLE_LEAF || kinds.isTaken(number)) {
          continue;
        }
        cancellation.throwIfRequested();
        page.load(number);
        new LeafReader(image, kinds, null, new Orphans.LostRows(table, 0, true))
            .table(page, Long.MIN_VALUE, Long.MAX_VALUE, true);
      }
      return table.rows() == 0 ? null : new RecoverResult.Extra(table.name(), table.rows());
    }
  }
}
