package io.sqlitesafe.internal.changeset;

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
public final class ForeignKeyWatch {
  private final SQLiteConnection connection;
  private final List<Watched> keys;

  /**
   * One foreign key of one table; names are quoted.
   *
   * @param to null elements where there is no such table or column: then no row has a parent
   * @param meets for each column of the key, the condition that OLD, a parent, is that of row c
   */
  private record Watched(
      String collected,
      String child,
      String parent,
      List<String> from,
      List<@Nullable String> to,
      List<String> meets) {
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
  public static ForeignKeyWatch begin(SQLiteConnection connection) throws SQLException {
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
                "SELECT t.name, f.seq, f.\"table\", f.\"from\", p.name, p.type, o.strict, t.strict,"
                    + " (SELECT c.type FROM pragma_table_xinfo(t.name, 'main') c"
                    + " WHERE c.name = f.\"from\" COLLATE NOCASE)"
                    + " FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name, 'main') f"
                    + " LEFT JOIN pragma_table_list o"
                    + " ON o.schema = 'main' AND o.name = f.\"table\" COLLATE NOCASE"
                    + " LEFT JOIN pragma_table_xinfo(f.\"table\", 'main') p ON"
                    + " CASE WHEN f.\"to\" IS NULL THEN p.pk = f.seq + 1"
                    + " ELSE p.name = f.\"to\" COLLATE NOCASE END"
                    + " WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, f.id, f.seq")) {
      while (rows.next()) {
        if (rows.getInt(2) == 0) {
          found.add(
              new Watched(
                  "temp.safe_foreign_key_" + found.size(),
                  TableShape.quote(rows.getString(1)),
                  TableShape.quote(rows.getString(3)),
                  new ArrayList<>(),
                  new ArrayList<>(),
                  new ArrayList<>()));
        }
        Watched key = found.get(found.size() - 1);
        String from = TableShape.quote(rows.getString(4));
        String to = rows.getString(5) == null ? null : TableShape.quote(rows.getString(5));
        key.from().add(from);
        key.to().add(to);
        if (to != null) {
          Affinity parent = Affinity.of(rows.getString(6), rows.getBoolean(7));
          Affinity child = Affinity.of(rows.getString(9), rows.getBoolean(8));
          key.meets().add(meets("OLD." + to, parent, "c." + from, child));
        }
      }
    }
    return found;
  }

  /**
   * The comparison of the two columns, in a trigger, where OLD and NEW have the collation of a
   * column, which counts where it comes first, but not its affinity: else a TEXT would be compared
   * as text with a number (sqlite.org/datatype3.html, section 4.2).
   */
  private static String meets(String old, Affinity parent, String child, Affinity of) {
    String plain = old + " = " + child;
    String unconverted = old + " = +" + child;
    if (of.isNumeric() || parent == of) {
      return plain;
    }
    return parent.isNumeric()
        ? "CASE WHEN typeof(%s) IN ('integer', 'real') THEN CAST(%s AS NUMERIC) = %s ELSE %s END"
            .formatted(old, old, child, unconverted)
        : unconverted;
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
            + String.join(" AND ", key.meets());
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
  public Map<String, Long> violations() throws SQLException {
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
  public void end() throws SQLException {
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
