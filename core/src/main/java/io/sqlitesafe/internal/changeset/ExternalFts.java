package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.internal.db.SqlErrors;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * FTS5 and FTS4 indexes over the rows of another table
 * (sqlite.org/fts5.html#external_content_tables). No changeset holds them; triggers of that table
 * keep them in step, if they are there and fire.
 *
 * @param name of the index
 * @param content the table or view that it is over
 * @param five it is of FTS5
 */
record ExternalFts(String name, String content, boolean five) {
  private static final Pattern FTS =
      Pattern.compile("\\busing\\s+[\"'`\\[]?fts[45]\\b", Pattern.CASE_INSENSITIVE);
  private static final Pattern CONTENT =
      Pattern.compile(
          "[(,]\\s*content\\s*=\\s*('(?:[^']|'')+'|\"(?:[^\"]|\"\")+\"|`[^`]+`|\\[[^]]+]|[^\\s,)'\"]+)",
          Pattern.CASE_INSENSITIVE);

  /** Those of the main database. */
  static List<ExternalFts> of(Connection connection) throws SQLException {
    List<ExternalFts> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name, CAST(sql AS TEXT) FROM main.sqlite_schema"
                    + " WHERE type='table' AND sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name")) {
      while (rows.next()) {
        String sql = rows.getString(2);
        Matcher content = CONTENT.matcher(sql);
        Matcher module = FTS.matcher(sql);
        if (module.find() && content.find()) {
          boolean five = module.group().endsWith("5");
          found.add(new ExternalFts(rows.getString(1), unquoted(content.group(1)), five));
        }
      }
    }
    return found;
  }

  private static String unquoted(String word) {
    char quote = word.charAt(0);
    if (quote == '[') {
      return word.substring(1, word.length() - 1);
    }
    if (quote != '\'' && quote != '"' && quote != '`') {
      return word;
    }
    String q = String.valueOf(quote);
    return word.substring(1, word.length() - 1).replace(q + q, q);
  }

  /** Whether changes of these tables may concern it; of a view nobody knows what it is over. */
  boolean concerns(Set<String> tables, SchemaShape shapes) {
    Set<String> folded = new TreeSet<>();
    tables.forEach(table -> folded.add(table.toLowerCase(Locale.ROOT)));
    return shapes.table(content) == null || folded.contains(content.toLowerCase(Locale.ROOT));
  }

  /** Whether it tells other than its content; reads both whole. */
  boolean hasDrifted(Connection connection) throws SQLException {
    try {
      run(
          connection,
          command(
              five
                  ? "INSERT INTO %s(%s, rank) VALUES('integrity-check', 1)"
                  : "INSERT INTO %s(%s) VALUES('integrity-check')"));
      return false;
    } catch (SQLException e) {
      if (SqlErrors.isCorrupt(e)) {
        return true;
      }
      throw e;
    }
  }

  void rebuild(Connection connection) throws SQLException {
    run(connection, rebuildSql());
  }

  /** What {@link #rebuild} runs. */
  String rebuildSql() {
    return command("INSERT INTO %s(%s) VALUES('rebuild')");
  }

  private String command(String sql) {
    String quoted = TableShape.quote(name);
    return String.format(Locale.ROOT, sql, "main." + quoted, quoted);
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }
}
