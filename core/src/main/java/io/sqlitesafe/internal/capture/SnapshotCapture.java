package io.sqlitesafe.internal.capture;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.diff.InternalTables;
import io.sqlitesafe.internal.diff.KeyIndex;
import io.sqlitesafe.internal.diff.RowChange;
import io.sqlitesafe.internal.diff.RowCursor;
import io.sqlitesafe.internal.diff.SchemaChanges;
import io.sqlitesafe.internal.diff.TableMerge;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Capture by difference: a second connection keeps seeing the tables as they were, and in the end
 * both states are merged by key. Exact whatever the transaction did, and it cannot interfere with
 * it.
 *
 * <p>With a rollback journal its read lock has to be taken before the writer spills its cache, for
 * then the writer holds the file's EXCLUSIVE lock; and while it is held, the writer can neither
 * spill nor commit. So all changed pages stay in memory meanwhile, and the second connection is
 * closed before the commit. A write-ahead log takes spilled pages without disturbing any reader.
 */
final class SnapshotCapture implements Capturer {
  private final Cancellation cancellation;
  private final boolean rowids;
  private @Nullable Database writer;
  private @Nullable Database reader;

  SnapshotCapture(Cancellation cancellation, boolean rowids) {
    this.cancellation = cancellation;
    this.rowids = rowids;
  }

  @Override
  public void begin(Database database) throws SQLException {
    writer = database;
    if (!hasWriteAheadLog(database.connection())) {
      // Not OFF: inside a transaction that is heeded only after it. A number of pages is at once.
      database.execute("PRAGMA main.cache_spill=" + Integer.MAX_VALUE);
    }
    Database opened = database.openBefore(Duration.ofSeconds(5), cancellation);
    reader = opened;
    opened.execute("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1");
  }

  private static boolean hasWriteAheadLog(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet mode = statement.executeQuery("PRAGMA main.journal_mode")) {
      return mode.getString(1).equals("wal");
    }
  }

  @Override
  public void prepared(String sql) {}

  @Override
  public void done(String sql) {}

  @Override
  public void bypassed() {}

  @Override
  public List<NotCaptured> harvest(ChangeSink sink) throws SQLException {
    if (reader == null || writer == null) {
      throw new IllegalStateException("harvest without begin");
    }
    List<NotCaptured> missing =
        new Comparison(reader.connection(), writer.connection()).run(rowids, sink);
    close();
    return missing;
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  /** Of both states. */
  private static final class Comparison {
    private final Connection old;
    private final Connection now;
    private final SqlValues oldValues;
    private final SqlValues nowValues;
    private final List<NotCaptured> missing = new ArrayList<>();

    Comparison(Connection old, Connection now) throws SQLException {
      this.old = old;
      this.now = now;
      this.oldValues = SqlValues.of(old);
      this.nowValues = SqlValues.of(now);
    }

    List<NotCaptured> run(boolean rowids, ChangeSink sink) throws SQLException {
      SchemaShape before = SchemaShape.of(old, "main", rowids);
      SchemaShape after = SchemaShape.of(now, "main", rowids);
      SchemaChanges schema = new SchemaChanges(before, after);
      missing.addAll(schema.notCaptured());
      for (TableShape table : schema.kept()) {
        compare(table, after, sink);
      }
      for (TableShape table : schema.created()) {
        allNew(now, nowValues, table, sink);
      }
      InternalTables internal = InternalTables.read(now, "main", after, nowValues);
      InternalTables internalBefore = InternalTables.read(old, "main", before, oldValues);
      internal.statisticsSince(internalBefore, sink);
      missing.addAll(internal.sequencesSince(internalBefore, after));
      return missing;
    }

    private void compare(TableShape table, SchemaShape after, ChangeSink sink) throws SQLException {
      switch (table.kind()) {
        case KEYED -> {
          new TableMerge(now, table).run(old, oldValues, now, nowValues, sink);
          if (TableMerge.mayHaveNulls(table) && differ(table, nullKeys(table))) {
            missing.add(new NotCaptured(table.name(), NotCaptured.NULL_KEYS));
          }
        }
        case WITHOUT_KEY, FOREIGN -> {
          if (mayDiffer(table)) {
            missing.add(new NotCaptured(table.name(), table.kind().reason()));
          }
        }
        case SHADOW -> {
          if (differ(table, "")) {
            VirtualTables.noteChanged(after.ownerOf(table), missing);
          }
        }
        case STATISTICS, VIRTUAL, INTERNAL -> {}
      }
    }

    /** What lacks the collation to be read, this connection cannot have written either. */
    private boolean mayDiffer(TableShape table) throws SQLException {
      try {
        return differ(table, "");
      } catch (SQLException e) {
        if (table.kind() == TableShape.Kind.FOREIGN && SqlErrors.isForeignCollation(e)) {
          return false;
        }
        throw e;
      }
    }

    private String nullKeys(TableShape table) throws SQLException {
      return " WHERE NOT (" + KeyIndex.of(now, "main", table).complete("") + ")";
    }

    /** Row by row in the order in which they are stored, which nothing else could be relied on. */
    private boolean differ(TableShape table, String where) throws SQLException {
      String sql = "SELECT * FROM " + table.sql("main") + " NOT INDEXED" + where;
      try (RowCursor a = new RowCursor(old, oldValues, sql);
          RowCursor b = new RowCursor(now, nowValues, sql)) {
        while (true) {
          Value @Nullable [] before = a.next();
          Value @Nullable [] after = b.next();
          if (before == null || after == null) {
            return before != after;
          }
          if (!Arrays.equals(before, after)) {
            return true;
          }
        }
      }
    }
  }

  /** Hands on all rows of a table as inserted. */
  static void allNew(Connection connection, SqlValues values, TableShape table, ChangeSink sink)
      throws SQLException {
    TableHeader header = new TableHeader(table.name(), table.keyBytes());
    sink.table(header);
    String sql = TableMerge.query(table, KeyIndex.of(connection, "main", table));
    try (RowCursor rows = new RowCursor(connection, values, sql)) {
      for (Value[] row = rows.next(); row != null; row = rows.next()) {
        RowChange.emit(header, null, row, sink);
      }
    }
  }
}
