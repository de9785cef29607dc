package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.changeset.SqlValues;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The rows of one query, one after the other. Not thread-safe. */
public final class RowCursor implements AutoCloseable {
  private final SqlValues values;
  private final PreparedStatement statement;
  private final ResultSet rows;
  private final int columns;

  public RowCursor(Connection connection, SqlValues values, String sql) throws SQLException {
    this.values = values;
    this.statement = connection.prepareStatement(sql);
    try {
      this.rows = statement.executeQuery();
      this.columns = rows.getMetaData().getColumnCount();
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }

  /** The next row, or null at the end. */
  public Value @Nullable [] next() throws SQLException {
    return rows.next() ? values.row(rows, columns) : null;
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
