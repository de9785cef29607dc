package io.sqlitesafe.internal.capture;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.diff.InternalTables;
import io.sqlitesafe.internal.diff.KeyIndex;
import io.sqlitesafe.internal.diff.RowChange;
import io.sqlitesafe.internal.diff.RowCursor;
import io.sqlitesafe.internal.diff.SchemaChanges;
import io.sqlitesafe.sql.SqlStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Capture by temporary triggers, which log each row as it was before its first change; in the end
 * the logged keys are looked up again. Everything of it is in the temp schema of the writing
 * connection and goes with it; ROLLBACK TO takes log and rows back together.
 *
 * <p>REPLACE deletes rows without firing triggers, unless recursive_triggers is on
 * (sqlite.org/lang_conflict.html). It is switched on for the transaction where the schema has no
 * triggers of its own; else it would change what those do, and the rows that a new one may push out
 * are looked up instead, by every unique index.
 *
 * <p>Known interference, in about 0.5 % of random adversarial transactions: where a table refers to
 * itself with ON DELETE SET NULL or the like and has a UNIQUE column that is subject to REPLACE,
 * SQLite overlooks an orphan unless there are triggers (measured with 3.40, 3.53 and 3.54; {@code
 * CaptureTest} notices when it no longer does), and with ours the statement fails; an UPDATE OR
 * FAIL that fails may have met its rows in another order; nested triggers reach their limit one
 * level earlier. {@link SnapshotCapture} has none of that. What would be captured wrongly is not
 * begun: see {@link TriggerFit}.
 */
public final class TriggerCapture implements Capturer {
  private final boolean rowids;
  private @Nullable Run run;

  /**
   * @param rowids capture tables without PRIMARY KEY too
   */
  TriggerCapture(boolean rowids) {
    this.rowids = rowids;
  }

  @Override
  public void begin(Database database) throws SQLException {
    run = new Run(database, rowids);
  }

  private Run run() {
    if (run == null) {
      throw new IllegalStateException("used without begin");
    }
    return run;
  }

  @Override
  public void prepared(String sql) throws SQLException {
    run().prepared(sql);
  }

  @Override
  public void done(String sql) throws SQLException {
    run().done(sql);
  }

  @Override
  public void bypassed() {
    run().bypassed();
  }

  @Override
  public List<NotCaptured> harvest(ChangeSink sink) throws SQLException {
    return run().harvest(sink);
  }

  @Override
  public void close() {
    // The connection ends with the transaction, and with it its temp schema.
  }

  /** One transaction. */
  private static final class Run {
    private final Database database;
    private final Connection connection;
    private final boolean rowids;
    private final SqlValues values;
    private final SchemaShape before;
    private final InternalTables internalBefore;
    private final VirtualTables virtual;
    private final List<TableShape> watched;
    private final List<@Nullable TableTriggers> triggers = new ArrayList<>();
    private int installed;
    private boolean schemaChanged;
    private boolean bypassed;
    private boolean recursionIsTheirs;
    private boolean recursionIsOurs;

    Run(Database database, boolean rowids) throws SQLException {
      this.database = database;
      this.rowids = rowids;
      this.connection = database.connection();
      this.values = SqlValues.of(connection);
      this.before = SchemaShape.of(connection, "main", rowids);
      this.internalBefore = InternalTables.read(connection, "main", before, values);
      this.virtual = new VirtualTables(connection, before);
      this.watched =
          before.tables().stream()
              .filter(
                  table ->
                      table.kind() == TableShape.Kind.KEYED
                          || table.kind() == TableShape.Kind.WITHOUT_KEY
                          || table.kind() == TableShape.Kind.FOREIGN)
              .toList();
      StringBuilder sql = new StringBuilder(TableTriggers.CREATE_MARKS);
      for (int i = 0; i < watched.size(); i++) {
        TableShape table = watched.get(i);
        TableTriggers own = null;
        if (table.kind() == TableShape.Kind.KEYED) {
          KeyIndex key = KeyIndex.of(connection, "main", table);
          own = TableTriggers.of(i, table, key, names(table));
          sql.append(own.createLog());
        }
        triggers.add(own);
      }
      database.execute(sql.toString());
      install();
    }

    private Set<String> names(TableShape table) throws SQLException {
      Set<String> names = new HashSet<>();
      try (PreparedStatement query =
          connection.prepareStatement("SELECT name FROM pragma_table_xinfo(?, 'main')")) {
        query.setString(1, table.name());
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            names.add(rows.getString(1));
          }
        }
      }
      return names;
    }

    /** Makes the triggers anew, for the schema as it is now. */
    private void install() throws SQLException {
      StringBuilder sql = new StringBuilder();
      for (String name : ownTriggers()) {
        sql.append("DROP TRIGGER temp.").append(TableShape.quote(name)).append(";\n");
      }
      boolean probe = chooseRecursion();
      SchemaShape now = schemaChanged ? SchemaShape.of(connection, "main", rowids) : before;
      for (int i = 0; i < watched.size(); i++) {
        TableShape table = now.table(watched.get(i).name());
        TableTriggers own = triggers.get(i);
        if (table == null || !SchemaChanges.same(watched.get(i), table)) {
          continue; // dropped or altered: its rows were all logged before
        }
        if (own == null) {
          sql.append(TableTriggers.watchKeyless(i, table));
        } else {
          sql.append(own.createTriggers(probe ? UniqueIndexes.of(connection, table) : null));
        }
      }
      database.execute(sql.toString());
      installed = ownTriggers().size();
    }

    private List<String> ownTriggers() throws SQLException {
      List<String> names = new ArrayList<>();
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT name FROM sqlite_temp_schema WHERE type = 'trigger' AND name GLOB '"
                      + TableTriggers.PREFIX
                      + "*'")) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      return names;
    }

    /** Returns whether REPLACE deletes silently, so that its victims have to be looked up. */
    private boolean chooseRecursion() throws SQLException {
      boolean probe = recursionIsTheirs || hasTriggersOfOthers();
      if (!recursionIsTheirs && probe == recursionIsOurs) {
        database.execute("PRAGMA recursive_triggers=" + (probe ? "OFF" : "ON"));
        recursionIsOurs = !probe;
      }
      return probe;
    }

    private boolean hasTriggersOfOthers() throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger') OR"
                      + " EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE type = 'trigger' AND name"
                      + " NOT GLOB '"
                      + TableTriggers.PREFIX
                      + "*')")) {
        return rows.getBoolean(1);
      }
    }

    // ---- while the work runs -----------------------------------------------------------------

    void prepared(String sql) throws SQLException {
      virtual.prepared(sql);
      SqlStatement statement = new SqlStatement(sql, 1, 1);
      String keyword = statement.keyword();
      if ((keyword.equals("DROP") || keyword.equals("ALTER"))
          && statement.secondKeyword().equals("TABLE")) {
        logWhole(statement.tokens(7));
      }
    }

    /** {@code DROP TABLE [IF EXISTS] [schema.]name} or {@code ALTER TABLE [schema.]name}. */
    private void logWhole(List<String> tokens) throws SQLException {
      int at = tokens.size() > 3 && tokens.get(2).equalsIgnoreCase("IF") ? 4 : 2;
      if (tokens.size() > at + 2 && tokens.get(at + 1).equals(".")) {
        at += 2;
      }
      if (at >= tokens.size()) {
        return;
      }
      TableShape named = before.table(SqlStatement.name(tokens.get(at)));
      int number = named == null ? -1 : watched.indexOf(named);
      TableTriggers own = number < 0 ? null : triggers.get(number);
      SchemaShape now = SchemaShape.of(connection, "main", rowids);
      if (own != null && named != null && SchemaChanges.same(named, now.table(named.name()))) {
        database.execute(own.logWhole());
      }
    }

    void done(String sql) throws SQLException {
      switch (new SqlStatement(sql, 1, 1).keyword()) {
        case "CREATE", "DROP", "ALTER" -> {
          schemaChanged = true;
          install();
        }
        case "ROLLBACK" -> {
          if (schemaChanged) {
            install();
          }
        }
        case "PRAGMA" -> {
          if (sql.toLowerCase(Locale.ROOT).contains("recursive_triggers")) {
            recursionIsTheirs = true;
            install();
          }
        }
        default -> {}
      }
    }

    void bypassed() {
      bypassed = true;
      virtual.bypassed();
    }

    // ---- in the end --------------------------------------------------------------------------

    List<NotCaptured> harvest(ChangeSink sink) throws SQLException {
      SchemaShape after = SchemaShape.of(connection, "main", rowids);
      SchemaChanges schema = new SchemaChanges(before, after);
      requireSeen(schema);
      List<NotCaptured> missing = new ArrayList<>(schema.notCaptured());
      Set<String> marks = marks();
      for (int i = 0; i < watched.size(); i++) {
        TableShape table = watched.get(i);
        TableTriggers own = triggers.get(i);
        if (!SchemaChanges.same(table, after.table(table.name()))) {
          continue;
        }
        if (own != null) {
          harvest(table, own, marks.contains(i + TableTriggers.WHOLE), sink);
        }
        if (marks.contains(i + TableTriggers.KEYLESS)) {
          missing.add(
              new NotCaptured(
                  table.name(), own == null ? table.kind().reason() : NotCaptured.NULL_KEYS));
        }
      }
      for (TableShape table : schema.created()) {
        SnapshotCapture.allNew(connection, values, table, sink);
      }
      InternalTables internal = InternalTables.read(connection, "main", after, values);
      internal.statisticsSince(internalBefore, sink);
      missing.addAll(internal.sequencesSince(internalBefore, after));
      virtual.addTo(missing);
      return missing;
    }

    /** What the listener does not see may have dropped tables together with their triggers. */
    private void requireSeen(SchemaChanges schema) throws SQLException {
      if (!bypassed || schemaChanged) {
        return;
      }
      if (ownTriggers().size() != installed || !schema.notCaptured().isEmpty()) {
        throw new SqliteSafeException(
            ErrorKind.FAILED,
            database.file()
                + ": the schema was changed through the JDBC connection, which triggers cannot"
                + " capture",
            "nothing was changed; use the method DIFF, or run such statements by the session");
      }
    }

    private Set<String> marks() throws SQLException {
      Set<String> marks = new HashSet<>();
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT n || mark FROM " + TableTriggers.MARKS)) {
        while (rows.next()) {
          marks.add(rows.getString(1));
        }
      }
      return marks;
    }

    private void harvest(TableShape table, TableTriggers own, boolean whole, ChangeSink sink)
        throws SQLException {
      TableHeader header = new TableHeader(table.name(), table.keyBytes());
      sink.table(header);
      int columns = table.columns().size();
      try (RowCursor rows = new RowCursor(connection, values, own.harvest())) {
        for (Value[] row = rows.next(); row != null; row = rows.next()) {
          boolean was = row[0].integer() == 1;
          boolean is = row[columns + 1].integer() == 1;
          RowChange.emit(
              header,
              was ? Arrays.copyOfRange(row, 1, columns + 1) : null,
              is ? Arrays.copyOfRange(row, columns + 2, row.length) : null,
              sink);
        }
      }
      if (whole) {
        try (RowCursor rows = new RowCursor(connection, values, own.notInLog())) {
          for (Value[] row = rows.next(); row != null; row = rows.next()) {
            RowChange.emit(header, null, row, sink);
          }
        }
      }
    }
  }
}
