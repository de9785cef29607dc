package io.sqlitesafe.internal.capture;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.diff.KeyIndex;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether the changes of a file are in a database: see {@link ChangesetFile}. Only a thousand of
 * them are looked at: as the transaction was atomic, each row that nobody else has touched is a
 * proof.
 */
final class CommitEvidence {
  /** What the rows say. */
  enum Verdict {
    COMMITTED,
    NOT_COMMITTED,
    CONTRADICTORY
  }

  private static final int ENOUGH = 1000;

  private final Connection connection;
  private final SchemaShape shape;
  private final SqlValues values;
  private final boolean complete;

  private CommitEvidence(Connection connection, boolean complete) throws SQLException {
    this.connection = connection;
    this.shape = SchemaShape.of(connection, "main", true); // only what was asked for is in it
    this.values = SqlValues.of(connection);
    this.complete = complete;
  }

  static Verdict of(InputStream changes, String name, Connection connection) throws SQLException {
    int after = 0;
    int before = 0;
    try (ChangesetReader reader = ChangesetReader.of(changes, name)) {
      CommitEvidence evidence = null;
      for (Change change = reader.next(); change != null; change = reader.next()) {
        if (evidence == null) {
          evidence = new CommitEvidence(connection, reader.format() == Format.CHANGESET);
        }
        Value @Nullable [] row = evidence.row(reader.table(), change);
        if (isAfter(change, row)) {
          after++;
        } else if (evidence.isBefore(change, row)) {
          before++;
        }
        if (after + before >= ENOUGH) {
          break;
        }
      }
    }
    if ((after == 0) == (before == 0)) {
      return Verdict.CONTRADICTORY;
    }
    return after > 0 ? Verdict.COMMITTED : Verdict.NOT_COMMITTED;
  }

  private static boolean isAfter(Change change, Value @Nullable [] row) {
    return switch (change.operation()) {
      case DELETE -> row == null;
      case INSERT, UPDATE -> row != null && agrees(row, i -> change.after(i));
    };
  }

  /** A patchset tells less of what was before. */
  private boolean isBefore(Change change, Value @Nullable [] row) {
    return switch (change.operation()) {
      case INSERT -> row == null;
      case DELETE, UPDATE -> row != null && (!complete || agrees(row, i -> change.before(i)));
    };
  }

  private static boolean agrees(Value[] row, java.util.function.IntFunction<Value> of) {
    for (int i = 0; i < row.length; i++) {
      Value wanted = of.apply(i);
      if (wanted.isDefined() && !wanted.isUnchanged(row[i])) {
        return false;
      }
    }
    return true;
  }

  /** The row of this key as it is now; null also where the table is missing or another one. */
  private Value @Nullable [] row(TableHeader header, Change change) throws SQLException {
    TableShape table = shape.table(header.name());
    if (table == null || table.columns().size() != header.columns() || !table.kind().capturable()) {
      return null;
    }
    String columns =
        table.columns().stream().map(TableShape.Column::sql).collect(Collectors.joining(", "));
    boolean statistics = table.kind() == TableShape.Kind.STATISTICS;
    KeyIndex key = KeyIndex.of(connection, "main", table);
    String sql =
        statistics
            ? "SELECT tbl, coalesce(idx, x''), stat FROM main.sqlite_stat1"
                + " WHERE tbl = ? AND coalesce(idx, x'') = ?"
            : "SELECT "
                + columns
                + " FROM "
                + table.sql("main")
                + " WHERE "
                + key.columns().stream()
                    .map(
                        column ->
                            TableShape.quote(column.name())
                                + " COLLATE "
                                + TableShape.quote(column.collation())
                                + " = "
                                + (values.needsCast(change.key(column.place()))
                                    ? SqlValues.CAST
                                    : "?"))
                    .collect(Collectors.joining(" AND "));
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      int index = 1;
      for (KeyIndex.KeyColumn column : key.columns()) {
        values.bind(query, index++, change.key(column.place()));
      }
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          Value[] row = values.row(rows, header.columns());
          if (sameKey(header, row, change)) {
            return row;
          }
        }
        return null;
      }
    }
  }

  private static boolean sameKey(TableHeader header, Value[] row, Change change) {
    for (int column : header.keyColumns()) {
      if (!row[column].isUnchanged(change.key(column))) {
        return false;
      }
    }
    return true;
  }
}
