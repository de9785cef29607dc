package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.SqlLiteral;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A database as the SQL that makes it again, in the form of the sqlite3 shell's .dump. Streams;
 * goes on past damage. For one use.
 */
final class Dump {
  private final Session session;
  private final Writer out;
  private final StoredValues values;
  private boolean schemaWritable;
  private @Nullable SqliteSafeException damage;

  Dump(Session session, Writer out) {
    this.session = session;
    this.out = out;
    this.values = new StoredValues(session);
  }

  /** All objects whose table is LIKE the pattern. */
  void all(String pattern) {
    write("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n");
    for (Map<String, @Nullable Object> row :
        objects("type = 'table' AND name <> 'sqlite_sequence'", pattern)) {
      table(String.valueOf(row.get("name")), String.valueOf(row.get("sql")));
    }
    for (Map<String, @Nullable Object> row : objects("name = 'sqlite_sequence'", "%")) {
      table(String.valueOf(row.get("name")), String.valueOf(row.get("sql")));
    }
    for (Map<String, @Nullable Object> row :
        objects("type IN ('index', 'trigger', 'view')", pattern)) {
      write(row.get("sql") + ";\n");
    }
    if (schemaWritable) {
      write("PRAGMA writable_schema=OFF;\n");
    }
    if (damage != null) {
      write("ROLLBACK; -- due to errors\n");
      throw damaged(damage);
    }
    write("COMMIT;\n");
  }

  /** As its peer does: what can be read is there, and nobody takes it for all of it. */
  private static SqliteSafeException damaged(SqliteSafeException first) {
    return new SqliteSafeException(
        ErrorKind.DAMAGED,
        "the dump is not complete: " + first.getMessage(),
        "it ends with ROLLBACK; what else can be read is found by .recover, or: sqlite-safe"
            + " recover",
        first);
  }

  private List<Map<String, @Nullable Object>> objects(String which, String pattern) {
    return session.rows(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name LIKE ? AND "
            + which
            + " ORDER BY rowid",
        pattern);
  }

  private void table(String name, String sql) {
    if (name.equals("sqlite_sequence")) {
      write("DELETE FROM sqlite_sequence;\n"); // it comes with the first AUTOINCREMENT table
    } else if (name.equals("sqlite_stat1")) {
      // Not sqlite_stat4, which most builds of SQLite do not know; ANALYZE makes it again.
      write("ANALYZE sqlite_schema;\n"); // which makes it
    } else if (name.startsWith("sqlite_")) {
      return;
    } else if (sql.regionMatches(true, 0, "CREATE VIRTUAL TABLE", 0, 20)) {
      virtualTable(name, sql);
      return;
    } else {
      write(created(sql) + ";\n");
    }
    rows(name);
  }

  /**
   * Its rows are in its shadow tables, which are dumped like any others. Run as it is, its
   * statement would make and fill them, so it goes straight into the schema.
   */
  private void virtualTable(String name, String sql) {
    if (!schemaWritable) {
      write("PRAGMA writable_schema=ON;\n");
      schemaWritable = true;
    }
    String quoted = "'" + name.replace("'", "''") + "'";
    write(
        "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table',"
            + quoted
            + ","
            + quoted
            + ",0,'"
            + sql.replace("'", "''")
            + "');\n");
  }

  /** A shadow table has a name that SQLite might refuse, in quotes, where it exists already. */
  static String created(String sql) {
    boolean quoted = sql.startsWith("CREATE TABLE '") || sql.startsWith("CREATE TABLE \"");
    return quoted ? "CREATE TABLE IF NOT EXISTS " + sql.substring("CREATE TABLE ".length()) : sql;
  }

  private void rows(String name) {
    List<String> columns =
        Catalog.column(session, "SELECT name FROM pragma_table_info(?) ORDER BY cid", name);
    try {
      rows(name, columns, "");
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.DAMAGED) {
        throw e;
      }
      noteDamage(e);
      fromTheEnd(name, columns);
    }
  }

  /** The rows behind the damage, in a table with rowids. */
  private void fromTheEnd(String name, List<String> columns) {
    try {
      rows(name, columns, " ORDER BY rowid DESC");
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.DAMAGED && e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      noteDamage(e);
    }
  }

  private void noteDamage(SqliteSafeException e) {
    write("/****** CORRUPTION ERROR *******/\n");
    damage = damage == null ? e : damage;
  }

  private void rows(String name, List<String> columns, String order) {
    String head = "INSERT INTO " + SqlLiteral.name(name) + " VALUES(";
    values.forEach(
        columns,
        SqlLiteral.quotedName(name) + order,
        row -> {
          StringBuilder line = new StringBuilder(head);
          for (int i = 0; i < row.length; i++) {
            line.append(i == 0 ? "" : ",").append(literal(row[i]));
          }
          write(line.append(");\n").toString());
        });
  }

  private static String literal(@Nullable Object value) {
    if (value instanceof StoredValues.Text text) {
      String decoded = text.decoded();
      return decoded == null
          ? "CAST(" + SqlLiteral.of(text.bytes()) + " AS TEXT)"
          : SqlLiteral.of(decoded);
    }
    return SqlLiteral.of(value);
  }

  private void write(String text) {
    try {
      out.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
