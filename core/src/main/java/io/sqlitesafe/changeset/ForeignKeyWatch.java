package io.sqlitesafe.changeset;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * Looks after foreign keys on a connection that does not enforce them, so that their actions (ON
 * DELETE CASCADE, RESTRICT, SET NULL...) do not run while changes are applied: a changeset holds
 * what they did where it was made, and in the order of its tables they would delete rows that are
 * yet to be updated. SQLite's own apply has a flag for it, SQLITE_CHANGESETAPPLY_FKNOACTION
 * (sqlite.org/session/c_changesetapply_fknoaction.html), which cannot be reached by SQL.
 *
 * <p>Temporary triggers collect, for each foreign key, the values of it that changes have touched:
 * those a child row got, and those a child row still has whose parent went. In the end only these
 * are looked up. So orphans from before do not count, as they do not for SQLite. For one thread.
 */
final class ForeignKeyWatch {
  private final SQLiteConnection connection;
  private final List<Watched> keys;

  /**
   * One foreign key of one table; names are quoted.
   *
   * @param to null elements where there is no such table or column: then no row has a parent
   */
  private record Watched(
      String collected, String child, String parent, List<String> from, List<@Nullable String> to) {
    boolean hasParent() {
      return !to.contains(null);
    }

    String label() {
      return unquoted(child) + " -> " + unquoted(parent);
    }

    private static String unquoted(String name) {
      return name.substring(1, name.length() - 1).replace("\"\"", "\"");
    }
  }

  private ForeignKeyWatch(SQLiteConnection connection, List<Watched> keys) {
    this.connection = connection;
    this.keys = keys;
  }

  /** Begins, within a transaction. */
  static ForeignKeyWatch begin(SQLiteConnection connection) throws SQLException {
    ForeignKeyWatch watch = new ForeignKeyWatch(connection, foreignKeys(connection));
    for (Watched key : watch.keys) {
      watch.collect(key);
    }
    return watch;
  }

  private static List<Watched> foreignKeys(SQLiteConnection connection) throws SQLException {
    List<Watched> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT t.name, f.seq, f.\"table\", f.\"from\","
                    + " (SELECT p.name FROM pragma_table_xinfo(f.\"table\", 'main') p WHERE"
                    + " CASE WHEN f.\"to\" IS NULL THEN p.pk = f.seq + 1"
                    + " ELSE p.name = f.\"to\" COLLATE NOCASE END)"
                    + " FROM pragma_table_list t, pragma_foreign_key_list(t.name, 'main') f"
                    + " WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, f.id, f.seq")) {
      while (rows.next()) {
        if (rows.getInt(2) == 0) {
          found.add(
              new Watched(
                  "temp.safe_foreign_key_" + found.size(),
                  TableShape.quote(rows.getString(1)),
                  TableShape.quote(rows.getString(3)),
                  new ArrayList<>(),
                  new ArrayList<>()));
        }
        Watched key = found.get(found.size() - 1);
        key.from().add(TableShape.quote(rows.getString(4)));
        String to = rows.getString(5);
        key.to().add(to == null ? null : TableShape.quote(to));
      }
    }
    return found;
  }

  private void collect(Watched key) throws SQLException {
    String values = join(",", key, (from, to, k) -> k);
    execute(
        "CREATE TABLE "
            + key.collected()
            + "("
            + values
            + ", PRIMARY KEY("
            + values
            + ")) WITHOUT ROWID");
    String child =
        "SELECT "
            + join(",", key, (from, to, k) -> "NEW." + from + " AS " + k)
            + " WHERE "
            + join(" AND ", key, (from, to, k) -> "NEW." + from + " IS NOT NULL");
    trigger(key, "a", "INSERT ON main." + key.child(), child);
    trigger(
        key,
        "b",
        "UPDATE ON main."
            + key.child()
            + " WHEN "
            + join(" OR ", key, (from, to, k) -> "OLD." + from + " IS NOT NEW." + from),
        child);
    if (!key.hasParent()) {
      return;
    }
    String parent =
        "SELECT DISTINCT "
            + join(",", key, (from, to, k) -> "c." + from + " AS " + k)
            + " FROM main."
            + key.child()
            + " c WHERE "
            // The parent's column first: its collation and affinity are those that count.
            + join(" AND ", key, (from, to, k) -> "OLD." + to + " = c." + from);
    trigger(key, "c", "DELETE ON main." + key.parent(), parent);
    trigger(
        key,
        "d",
        "UPDATE ON main."
            + key.parent()
            + " WHEN "
            + join(" OR ", key, (from, to, k) -> "OLD." + to + " IS NOT NEW." + to),
        parent);
  }

  private void trigger(Watched key, String suffix, String event, String values)
      throws SQLException {
    String table = key.collected().substring("temp.".length());
    execute(
        "CREATE TRIGGER "
            + (key.collected() + "_" + suffix)
            + (" AFTER " + event + " BEGIN INSERT INTO " + table)
            + (" SELECT * FROM ("
                + values
                + ") v WHERE NOT EXISTS(SELECT 1 FROM "
                + table
                + " k WHERE ")
            + join(" AND ", key, (from, to, k) -> "k." + k + " IS v." + k)
            + "); END");
  }

  /** How many rows lack a parent that changes have touched, by "child table -> parent table". */
  Map<String, Long> violations() throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Watched key : keys) {
      long orphans = orphans(key);
      if (orphans > 0) {
        counts.merge(key.label(), orphans, Long::sum);
      }
    }
    return counts;
  }

  private long orphans(Watched key) throws SQLException {
    String withoutParent =
        "NOT EXISTS(SELECT 1 FROM main."
            + key.parent()
            + " p WHERE "
            // The parent's affinity is to count (sqlite.org/foreignkeys.html, section 3). It does
            // beside an expression without any; beside a column of none, a TEXT would not.
            + join(" AND ", key, (from, to, k) -> "p." + to + " = +k." + k)
            + ") AND ";
    String sql =
        "SELECT count(*) FROM "
            + key.collected()
            + " k CROSS JOIN main."
            + key.child()
            + " c WHERE "
            + (key.hasParent() ? withoutParent : "")
            + join(" AND ", key, (from, to, k) -> "c." + from + " COLLATE BINARY IS k." + k);
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  /** Removes what was set up, which otherwise goes with the transaction's ROLLBACK. */
  void end() throws SQLException {
    for (Watched key : keys) {
      for (String suffix : new String[] {"a", "b", "c", "d"}) {
        execute("DROP TRIGGER IF EXISTS " + key.collected() + "_" + suffix);
      }
      execute("DROP TABLE " + key.collected());
    }
  }

  /** Something for each column of a key: of the child, of the parent, and where it is collected. */
  private interface Term {
    String of(String from, @Nullable String to, String collected);
  }

  private static String join(String between, Watched key, Term term) {
    StringJoiner text = new StringJoiner(between);
    for (int i = 0; i < key.from().size(); i++) {
      text.add(term.of(key.from().get(i), key.to().get(i), "k" + i));
    }
    return text.toString();
  }

  private void execute(String sql) throws SQLException {
    connection.getDatabase()._exec(sql);
  }
}
