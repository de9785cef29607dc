package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Compares rows by several threads, each with a connection: as they lie in pages, or inside SQLite.
 * The work is cut into pieces, of a table or of a range of its rowids, which the threads take one
 * after the other.
 */
public final class RowComparison {
  private static final int PIECES = 32;
  private static final long WORTH_CUTTING = 20_000;

  private final Snapshots snapshots;
  private final @Nullable PageComparison pages;
  private final Cancellation cancellation;

  /**
   * @param pages the tables that need not be read by SQLite, or null
   */
  public RowComparison(
      Snapshots snapshots, @Nullable PageComparison pages, Cancellation cancellation) {
    this.snapshots = snapshots;
    this.pages = pages;
    this.cancellation = cancellation;
  }

  /** What one thread has. */
  private record Reader(Connection connection, SqlValues values) {}

  /** A piece of work for one connection. */
  private interface Piece {
    void run(Connection connection, SqlValues values, ChangeSink sink)
        throws SQLException, Unexpected;
  }

  /**
   * Hands on how the tables differ.
   *
   * @throws Unexpected where pages are not as they should be: what was handed on is then worthless
   */
  public void run(List<TableShape> tables, ChangeSink sink) throws SQLException, Unexpected {
    List<Piece> pieces = new ArrayList<>();
    for (TableShape table : tables) {
      cut(table, pieces);
    }
    Queue<Workers.Piece<Reader>> queue = new ArrayDeque<>();
    pieces.forEach(piece -> queue.add(on -> piece.run(on.connection(), on.values(), sink)));
    List<Reader> readers = new ArrayList<>();
    for (Database database : snapshots.all()) {
      readers.add(new Reader(database.connection(), SqlValues.of(database.connection())));
    }
    Workers.run(readers, queue, cancellation);
    if (pages != null) {
      pages.moved().transferTo(sink);
    }
  }

  // ---- cutting ---------------------------------------------------------------------------------

  private void cut(TableShape table, List<Piece> pieces) throws SQLException {
    TablePages byPages = pages == null ? null : pages.table(table);
    if (pages != null && byPages != null) {
      MovedRows moved = pages.moved();
      for (TablePages.Range range : byPages.ranges()) {
        pieces.add((connection, values, sink) -> byPages.compare(range, sink, moved));
      }
      return;
    }
    TableDifference difference = TableDifference.of(snapshots.first(), table);
    boolean foreign = difference.needsForeignCollation(snapshots.first());
    if (foreign || table.columns().size() > TableDifference.MOST_COLUMNS) {
      pieces.add(
          (connection, values, sink) -> {
            synchronized (sink) {
              new TableMerge(connection, table).run(connection, values, foreign, sink);
            }
          });
    } else {
      ranges(difference, pieces);
    }
  }

  private void ranges(TableDifference difference, List<Piece> pieces) throws SQLException {
    if (difference.rowid() == null) {
      pieces.add(whole(difference, true));
      pieces.add(whole(difference, false));
    } else if (difference.table().rowidAlias()) {
      for (long[] range : cut(difference, difference.rowid())) {
        pieces.add(sameRange(difference, range));
      }
    } else {
      for (long[] range : cut(difference, difference.rowid())) {
        pieces.add(range(difference, true, range));
        pieces.add(range(difference, false, range));
      }
    }
  }

  private static Piece whole(TableDifference difference, boolean ofBase) {
    return (connection, values, sink) ->
        query(connection, values, difference, ofBase, TableDifference.Part.ALL, sink);
  }

  private static Piece range(TableDifference difference, boolean ofBase, long[] range) {
    return (connection, values, sink) ->
        query(
            connection,
            values,
            difference,
            ofBase,
            TableDifference.Part.RANGE,
            sink,
            range[0],
            range[1]);
  }

  /**
   * Where the rowid is the key, a row stays in its range. So counting, which is quick, tells
   * whether any was added, and mostly spares looking for it.
   */
  private static Piece sameRange(TableDifference difference, long[] range) {
    return (connection, values, sink) -> {
      long gone =
          query(
              connection,
              values,
              difference,
              true,
              TableDifference.Part.RANGE,
              sink,
              range[0],
              range[1]);
      long before = count(connection, difference.count("base"), range);
      if (count(connection, difference.count("main"), range) != before - gone) {
        query(
            connection,
            values,
            difference,
            false,
            TableDifference.Part.RANGE,
            sink,
            range[0],
            range[1]);
      }
    };
  }

  private static long count(Connection connection, String sql, long[] range) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setLong(1, range[0]);
      query.setLong(2, range[1]);
      try (ResultSet row = query.executeQuery()) {
        return row.getLong(1);
      }
    }
  }

  /** Ranges of rowids that cover all there are, in both files. */
  private List<long[]> cut(TableDifference difference, String rowid) throws SQLException {
    long[] ends = ends(difference.table(), rowid);
    List<long[]> ranges = new ArrayList<>();
    long from = Long.MIN_VALUE;
    if (ends.length == 2 && isWide(ends[0], ends[1])) {
      long step = ends[1] / PIECES - ends[0] / PIECES;
      for (int i = 1; i < PIECES; i++) {
        long to = ends[0] + i * step;
        ranges.add(new long[] {from, to});
        from = to + 1;
      }
    }
    ranges.add(new long[] {from, Long.MAX_VALUE});
    return ranges;
  }

  private static boolean isWide(long least, long greatest) {
    long width = greatest - least;
    return width >= WORTH_CUTTING || width < 0; // below zero: more than a long can say
  }

  /** The least and the greatest rowid of the database; nothing of an empty table. */
  private long[] ends(TableShape shape, String rowid) throws SQLException {
    String table = shape.sql("main");
    try (Statement statement = snapshots.first().createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT min(%s) FROM %s), (SELECT max(%s) FROM %s)"
                    .formatted(rowid, table, rowid, table))) {
      long least = row.getLong(1);
      return row.wasNull() ? new long[0] : new long[] {least, row.getLong(2)};
    }
  }

  /** Returns how many rows of the base are gone. */
  private static long query(
      Connection connection,
      SqlValues values,
      TableDifference difference,
      boolean ofBase,
      TableDifference.Part part,
      ChangeSink sink,
      Object... parameters)
      throws SQLException {
    String sql = ofBase ? difference.goneOrChanged(part) : difference.added(part);
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        query.setObject(i + 1, parameters[i]);
      }
      try (ResultSet rows = query.executeQuery()) {
        if (ofBase) {
          return difference.emitGoneOrChanged(rows, values, sink);
        }
        difference.emitAdded(rows, values, sink);
        return 0;
      }
    }
  }
}
