package io.sqlitesafe.recover;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.snapshot.copy.SnapshotListener;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
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
final class Recovery {
  private static final String LOST_AND_FOUND = "lost_and_found";
  private static final String DELETED = "deleted_rows";
  private static final List<String> WHERE_FOUND =
      List.of("rootpgno INTEGER", "pgno INTEGER", "nfield INTEGER", "id INTEGER");

  private final PageImage image;
  private final Path target;
  private final RecoverRequest request;
  private final Cancellation cancellation;
  private final Work work;
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
    this.work = new Work(cancellation, listener, SnapshotListener.Phase.RECOVERING, size);
  }

  /**
   * What was brought into the new file.
   *
   * @param salvaged by table
   */
  record Outcome(
      Layout layout,
      List<TableSalvage> salvaged,
      RecoverReport.@Nullable Extra lostAndFound,
      RecoverReport.@Nullable Extra deleted,
      List<String> rebuilt,
      List<RecoverReport.NotMade> notMade,
      List<String> notes,
      boolean schemaComplete) {}

  /**
   * Recovers.
   *
   * @param target an empty file, or none
   * @param name what it is to be called in messages
   */
  static Outcome run(
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
    Work scan =
        new Work(cancellation, SnapshotListener.SILENT, SnapshotListener.Phase.RECOVERING, 0);
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
    List<Orphans.IndexForm> holed = new ArrayList<>();
    Map<String, Long> sequences = new HashMap<>();
    for (TableSalvage table : tables.values()) {
      table.walk(image, kinds);
    }
    internalTables(connection, entries, kinds, sequences);
    indexes(entries, kinds, made, holed);
    BitSet unused = new BitSet();
    boolean whole = FreeList.read(image, kinds, unused);
    List<TableSalvage> salvaged = List.copyOf(tables.values());
    boolean missing =
        !schema.complete()
            || !made.notMade().isEmpty()
            || salvaged.stream().anyMatch(TableSalvage::isIncomplete);
    boolean known = schema.complete() && made.notMade().isEmpty();
    Orphans orphans = new Orphans(image, kinds, unused, salvaged, holed, lostAndFound, known);
    // Where nothing is missing, pages that nothing points to are of rows that were deleted.
    orphans.distribute(missing);
    if (!whole && image.layout().firstFree() != 0) {
      notes.add("the list of unused pages is damaged; the new database has none");
    }
    RecoverReport.Extra deleted = deleted(connection, kinds, unused, made);
    for (TableSalvage table : salvaged) {
      table.close();
    }
    lostAndFound.close();
    sequences(connection, sequences);
    List<SchemaEntry> virtual = entries.stream().filter(SchemaEntry::isVirtual).toList();
    makeRest(entries, made);
    made.virtualTables(virtual);
    database.execute(
        "PRAGMA application_id="
            + image.layout().applicationId()
            + ";PRAGMA user_version="
            + image.layout().userVersion());
    connection.commit();
    VirtualContent content = new VirtualContent(connection, tables, made.rebuilt(), notes);
    for (SchemaEntry entry : virtual) {
      cancellation.throwIfRequested();
      content.check(entry);
    }
    connection.commit();
    connection.setAutoCommit(true);
    return new Outcome(
        image.layout(),
        salvaged,
        lostAndFound.rows() == 0
            ? null
            : new RecoverReport.Extra(lostAndFound.name(), lostAndFound.rows()),
        deleted,
        made.rebuilt(),
        made.notMade(),
        notes,
        schema.complete());
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

  // ---- tables of SQLite itself -----------------------------------------------------------------

  private void internalTables(
      Connection connection,
      List<SchemaEntry> entries,
      PageKinds kinds,
      Map<String, Long> sequences)
      throws SQLException {
    for (SchemaEntry entry : entries) {
      if (!entry.isTable() || !entry.isInternal()) {
        continue;
      }
      RowTaker taker = new Ignored();
      Shape shape = null;
      if (entry.name().equals("sqlite_sequence")) {
        taker = new Sequences(sequences);
      } else if (entry.name().equals("sqlite_stat1")) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("ANALYZE sqlite_schema");
          statement.execute("DELETE FROM sqlite_stat1");
        }
        ShapeReader.TableForm form = ShapeReader.of(connection, entry.name());
        shape = form.shape();
        taker =
            new Statistics(
                new TableWriter(
                    connection, entry.name(), form, (page, rowid, record, outcome) -> {}));
      }
      new TreeWalk(image, kinds, shape, taker).table(entry.root());
      if (taker instanceof Statistics statistics) {
        statistics.writer.close();
      }
    }
  }

  private static class Ignored implements RowTaker {
    @Override
    public void row(int page, long rowid, RecordView record) throws SQLException {}

    @Override
    public void doubtful(int page, long rowid, RecordView record) {}

    @Override
    public void lost(int page, int cells) {}
  }

  /** Statistics are rows like others, but losing some loses nothing. */
  private static final class Statistics extends Ignored {
    private final TableWriter writer;

    Statistics(TableWriter writer) {
      this.writer = writer;
    }

    @Override
    public void row(int page, long rowid, RecordView record) throws SQLException {
      if (record.count == 3) {
        writer.insert(page, rowid, record);
      }
    }
  }

  /** The greatest rowids that AUTOINCREMENT has given. */
  private final class Sequences extends Ignored {
    private final Map<String, Long> sequences;

    Sequences(Map<String, Long> sequences) {
      this.sequences = sequences;
    }

    @Override
    public void row(int page, long rowid, RecordView record) {
      if (record.count == 2 && record.isText(0) && record.isInteger(1)) {
        sequences.put(new String(record.content(0), image.layout().charset()), record.bits(1));
      }
    }
  }

  private static void sequences(Connection connection, Map<String, Long> sequences)
      throws SQLException {
    try (Statement exists = connection.createStatement();
        ResultSet row =
            exists.executeQuery("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'")) {
      if (!row.next()) {
        return;
      }
    }
    for (Map.Entry<String, Long> each : sequences.entrySet()) {
      for (String sql :
          new String[] {
            "INSERT INTO sqlite_sequence(name, seq) SELECT ?1, ?2"
                + " WHERE ?1 NOT IN (SELECT name FROM sqlite_sequence)",
            "UPDATE sqlite_sequence SET seq = ?2 WHERE name = ?1 AND seq < ?2"
          }) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          statement.setString(1, each.getKey());
          statement.setLong(2, each.getValue());
          statement.executeUpdate();
        }
      }
    }
  }

  // ---- indexes, views, triggers ----------------------------------------------------------------

  /** Their pages are used, but what is in them is made anew. */
  private void indexes(
      List<SchemaEntry> entries, PageKinds kinds, NewSchema made, List<Orphans.IndexForm> holed)
      throws SQLException {
    for (SchemaEntry entry : entries) {
      if (!entry.type().equals("index") || entry.root() == 0) {
        continue;
      }
      TableSalvage table = tables.get(entry.table().toLowerCase(Locale.ROOT));
      TreeWalk walk = new TreeWalk(image, kinds, null, new Ignored());
      walk.index(entry.root());
      if (!walk.holes().isEmpty() && table != null) {
        int fields = made.fieldsOf(entry);
        if (fields > 0) {
          holed.add(new Orphans.IndexForm(fields, !table.withoutRowid()));
        }
      }
    }
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

  private RecoverReport.@Nullable Extra deleted(
      Connection connection, PageKinds kinds, BitSet unused, NewSchema made) throws SQLException {
    if (!request.deleted()) {
      return null;
    }
    try (RawTable table =
        new RawTable(connection, made.freeName(DELETED), WHERE_FOUND, i -> "c" + i)) {
      PageView page = new PageView(image);
      for (int number = 2; number <= kinds.pages(); number++) {
        int kind = kinds.of(number);
        if (kind != io.sqlitesafe.pages.PageFormat.TABLE_LEAF || kinds.isTaken(number)) {
          continue;
        }
        cancellation.throwIfRequested();
        page.load(number);
        new LeafReader(image, kinds, null, new Orphans.LostRows(table, 0, true))
            .table(page, Long.MIN_VALUE, Long.MAX_VALUE, true);
      }
      return table.rows() == 0 ? null : new RecoverReport.Extra(table.name(), table.rows());
    }
  }
}
