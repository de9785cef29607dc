package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.db.IndexTerms;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.recover.RecoverResult;
import io.sqlitesafe.sql.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/**
 * Makes the parts of a schema in the new database. Its statements come from a file that may be
 * damaged or hostile: one that says more than CREATE is refused. For one thread.
 */
final class NewSchema {
  private static final int LONGEST = 1_000_000;

  private final Connection connection;
  private final List<RecoverResult.NotMade> notMade = new ArrayList<>();
  private final List<String> rebuilt = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  NewSchema(Connection connection, List<SchemaEntry> entries) {
    this.connection = connection;
    entries.forEach(entry -> names.add(entry.name().toLowerCase(Locale.ROOT)));
  }

  List<RecoverResult.NotMade> notMade() {
    return notMade;
  }

  List<String> rebuilt() {
    return rebuilt;
  }

  /** A name that nothing else has, beginning with this. */
  String freeName(String wanted) {
    String name = wanted;
    for (int i = 0; !names.add(name.toLowerCase(Locale.ROOT)); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /** Makes a table, index, view or trigger; false where that is impossible, which is noted. */
  boolean make(SchemaEntry entry) {
    String why = refusal(entry);
    if (why == null) {
      try {
        run(String.valueOf(entry.sql()));
        why = exists(entry) ? null : "its statement makes something else";
      } catch (SQLException e) {
        why = SqlErrors.text(e);
      }
    }
    if (why != null) {
      notMade(entry, why);
    }
    return why == null;
  }

  void notMade(SchemaEntry entry, String why) {
    notMade.add(new RecoverResult.NotMade(entry.type() + " " + entry.name(), why, entry.sql()));
  }

  private static @Nullable String refusal(SchemaEntry entry) {
    String sql = entry.sql();
    if (sql == null || sql.length() > LONGEST) {
      return "its statement is lost";
    }
    List<SqlText.Token> tokens = SqlText.meaningful(sql);
    if (tokens.size() < 3 || !tokens.get(0).keyword().equals("CREATE")) {
      return "its statement is damaged";
    }
    for (SqlText.Token token : tokens) {
      if (token.kind() == SqlText.Kind.SEMICOLON && !entry.type().equals("trigger")) {
        return "its statement is damaged";
      }
    }
    // CREATE TABLE t AS SELECT would run something; what SQLite stores never has it.
    boolean as = entry.isTable() && tokens.size() > 3 && tokens.get(3).keyword().equals("AS");
    return as ? "its statement is damaged" : null;
  }

  private boolean exists(SchemaEntry entry) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ? COLLATE NOCASE")) {
      query.setString(1, entry.type());
      query.setString(2, entry.name());
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Runs one statement; the driver does not look at what follows it. */
  void run(String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.executeUpdate();
    }
  }

  /**
   * Makes an index over the rows that are there. Rows that a UNIQUE index cannot hold are moved
   * away, all but the first of each kind.
   *
   * @return how many were moved
   */
  long index(SchemaEntry entry, String conflicts) {
    try {
      if (refusal(entry) == null) {
        run(String.valueOf(entry.sql()));
        rebuilt.add("index " + entry.name());
        return 0;
      }
    } catch (SQLException e) {
      if ((SqlErrors.code(e).code & 0xff) == SQLiteErrorCode.SQLITE_CONSTRAINT.code) {
        return uniqueIndex(entry, conflicts);
      }
    }
    make(entry); // fails again, and says why
    return 0;
  }

  private long uniqueIndex(SchemaEntry entry, String conflicts) {
    String table = Names.quoted(entry.table());
    List<String> terms = IndexTerms.of(String.valueOf(entry.sql()));
    String notNull = "(" + String.join(") IS NOT NULL AND (", terms) + ") IS NOT NULL";
    String where = where(String.valueOf(entry.sql()));
    String doubles =
        "SELECT r FROM (SELECT rowid r, row_number() OVER (PARTITION BY "
            + String.join(", ", terms)
            + " ORDER BY rowid) n FROM "
            + table
            + " WHERE "
            + notNull
            + (where.isEmpty() ? "" : " AND (" + where + ")")
            + ") WHERE n > 1";
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TEMP TABLE doubles AS " + doubles);
      statement.execute(
          "CREATE TABLE "
              + Names.quoted(conflicts)
              + " AS SELECT rowid AS \"rowid of the row\", * FROM "
              + table
              + " WHERE rowid IN (SELECT r FROM doubles)");
      long moved =
          statement.executeUpdate(
              "DELETE FROM " + table + " WHERE rowid IN (SELECT r FROM doubles)");
      statement.execute("DROP TABLE temp.doubles");
      run(String.valueOf(entry.sql()));
      rebuilt.add("index " + entry.name());
      return moved;
    } catch (SQLException e) {
      notMade(entry, SqlErrors.text(e));
      return 0;
    }
  }

  /** The condition of a partial index. */
  private static String where(String sql) {
    List<SqlText.Token> tokens = SqlText.meaningful(sql);
    int depth = 0;
    for (SqlText.Token token : tokens) {
      depth += token.text().equals("(") ? 1 : token.text().equals(")") ? -1 : 0;
      if (depth == 0 && token.keyword().equals("WHERE")) {
        return sql.substring(token.end());
      }
    }
    return "";
  }

  /**
   * The columns that the entries of an index have; one without a name is "". Empty where that
   * cannot be told. To be asked before its table has rows.
   */
  List<String> columnsOf(SchemaEntry index) {
    List<String> columns = new ArrayList<>();
    try {
      boolean own = index.sql() != null;
      if (own && refusal(index) != null) {
        return columns;
      }
      if (own) {
        run(String.valueOf(index.sql()));
      }
      try (PreparedStatement query =
          connection.prepareStatement("SELECT name FROM pragma_index_xinfo(?) ORDER BY seqno")) {
        query.setString(1, index.name());
        try (ResultSet row = query.executeQuery()) {
          while (row.next()) {
            String name = row.getString(1);
            columns.add(name == null ? "" : name);
          }
        }
      }
      if (own) {
        run("DROP INDEX " + Names.quoted(index.name()));
      }
    } catch (SQLException cannotBeMade) {
      columns.clear();
    }
    return columns;
  }

  /** Whether not all rows of its table are in an index. */
  static boolean isPartial(SchemaEntry index) {
    String sql = index.sql();
    return sql != null && !where(sql).isEmpty();
  }

  private void pragma(String value) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA writable_schema=" + value);
    }
  }

  /** A virtual table's own statement would make its shadow tables, which are there already. */
  void virtualTables(List<SchemaEntry> entries) throws SQLException {
    if (entries.isEmpty()) {
      return;
    }
    pragma("ON"); // before the statement is prepared
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql)"
                + " VALUES('table', ?1, ?1, 0, ?2)")) {
      for (SchemaEntry entry : entries) {
        if (refusal(entry) != null) {
          notMade(entry, "its statement is damaged");
          continue;
        }
        insert.setString(1, entry.name());
        insert.setString(2, entry.sql());
        insert.executeUpdate();
      }
    }
    pragma("RESET"); // reads the schema again
  }
}
