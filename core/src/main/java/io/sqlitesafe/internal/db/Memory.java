package io.sqlitesafe.internal.db;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.sqlite.Function;

/**
 * What a connection tells of the statements that were run on it: last_insert_rowid(), changes(),
 * total_changes() (sqlite.org/lang_corefunc.html). The first two are set back by writing to a
 * temporary table; the third cannot be, so the function of that name is replaced.
 */
final class Memory {
  private static final String FORGET =
      "INSERT OR REPLACE INTO temp."
          + GroupPolicy.ROWID_RESET
          + " VALUES(0); DELETE FROM temp."
          + GroupPolicy.ROWID_RESET
          + " WHERE x < 0";

  private static final String TAKEN =
      "SELECT 1 FROM sqlite_schema WHERE name = '" + GroupPolicy.ROWID_RESET + "' COLLATE NOCASE";

  private final Database database;
  private long base;

  Memory(Database database) throws SQLException {
    this.database = database;
    database.execute(GroupPolicy.MAKE_ROWID_RESET);
    Function.create(database.connection(), "total_changes", new TotalChanges(), 0, 0);
  }

  /** Not where the schema has the name, which would then mean the temporary table. */
  static boolean isPossible(Database database) throws SQLException {
    try (PreparedStatement look = database.connection().prepareStatement(TAKEN);
        ResultSet found = look.executeQuery()) {
      return !found.next();
    }
  }

  /** Outside of a transaction. */
  void forget() throws SQLException {
    database.execute(FORGET);
    base = database.driver().total_changes();
  }

  private final class TotalChanges extends Function {
    @Override
    protected void xFunc() throws SQLException {
      result(database.driver().total_changes() - base);
    }
  }
}
