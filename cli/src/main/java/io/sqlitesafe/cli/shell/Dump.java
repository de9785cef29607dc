package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.rows.Layout;
import io.sqlitesafe.cli.output.rows.RowPrinter;
import io.sqlitesafe.cli.output.rows.ShellFormat;
import io.sqlitesafe.cli.output.text.Bytes;
import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.SqlText;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A database as the SQL that makes it again, in the form of the sqlite3 shell's .dump. Streams;
 * goes on past damage. For one use.
 */
final class Dump {
  /**
   * What is dumped, and how.
   *
   * @param patterns tables whose name is LIKE one of them; none = all
   * @param dataOnly rows, and nothing that makes or brackets them
   * @param preserveRowids the rowid too, where no column holds it
   * @param newlines line ends in text as they are
   * @param system SQLite's own tables too: sequences and statistics
   */
  record Request(
      List<String> patterns,
      boolean dataOnly,
      boolean preserveRowids,
      boolean newlines,
      boolean system) {
    /** Everything. */
    static final Request ALL = new Request(List.of(), false, false, false, true);
  }

  private final Handle handle;
  private final OutputStream out;
  private final Request request;
  private final List<String> sequences = new ArrayList<>();
  private boolean schemaWritable;
  private @Nullable SqliteSafeException damage;

  Dump(Handle handle, OutputStream out, Request request) {
    this.handle = handle;
    this.out = out;
    this.request = request;
  }

  /** Returns how many objects there were. */
  int run() {
    String like = like();
    List<SchemaRows.Item> tables = objects("type = 'table' AND name <> 'sqlite_sequence'", like);
    List<SchemaRows.Item> others = objects("type IN ('index', 'trigger', 'view')", like);
    bracket("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n");
    tables.forEach(this::table);
    sequences();
    if (!request.dataOnly()) {
      others.forEach(item -> write(item.sql() + ";\n"));
    }
    if (schemaWritable) {
      write("PRAGMA writable_schema=OFF;\n");
    }
    if (damage != null) {
      bracket("ROLLBACK; -- due to errors\n");
      throw damaged(damage);
    }
    bracket("COMMIT;\n");
    return tables.size() + others.size();
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

  private String like() {
    String one = "tbl_name LIKE ? ESCAPE '\\'";
    return request.patterns().isEmpty()
        ? "true"
        : "(" + String.join(" OR ", Collections.nCopies(request.patterns().size(), one)) + ")";
  }

  private List<SchemaRows.Item> objects(String which, String like) {
    return SchemaRows.of(
        handle,
        "SELECT "
            + SchemaRows.COLUMNS
            + " FROM sqlite_schema WHERE sql IS NOT NULL AND "
            + like
            + " AND "
            + which
            + " ORDER BY rowid",
        request.patterns().toArray());
  }

  private void table(SchemaRows.Item table) {
    String name = table.name();
    boolean own = name.toLowerCase(Locale.ROOT).startsWith("sqlite_");
    if (own) {
      // Not sqlite_stat4, which most builds of SQLite do not know; ANALYZE makes it again.
      if (name.equals("sqlite_stat1") && request.system()) {
        bracket("ANALYZE sqlite_schema;\n"); // which makes it
        rows(name);
      }
      return;
    }
    if (table.isVirtual()) {
      virtualTable(table);
      return;
    }
    bracket(created(table.sql()) + ";\n");
    rows(name);
    if (SqlText.meaningful(table.sql()).stream()
        .anyMatch(token -> token.keyword().equals("AUTOINCREMENT"))) {
      sequences.add(name);
    }
  }

  /**
   * Its rows are in its shadow tables, which are dumped like any others. Run as it is, its
   * statement would make and fill them, so it goes straight into the schema.
   */
  private void virtualTable(SchemaRows.Item table) {
    if (request.dataOnly()) {
      rows(table.name());
      return;
    }
    if (!schemaWritable) {
      write("PRAGMA writable_schema=ON;\n");
      schemaWritable = true;
    }
    String quoted = "'" + table.name().replace("'", "''") + "'";
    write(
        "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table',"
            + quoted
            + ","
            + quoted
            + ",0,'"
            + table.sql().replace("'", "''")
            + "');\n");
  }

  /**
   * The counters of AUTOINCREMENT. SQLite makes their table with the first table that needs it, so
   * it can be left over from one that is gone, and then nothing may be said of it.
   */
  private void sequences() {
    if (sequences.isEmpty() || !request.system()) {
      return;
    }
    if (request.patterns().isEmpty()) {
      bracket("DELETE FROM sqlite_sequence;\n");
      rows("sqlite_sequence");
      return;
    }
    for (String table : sequences) {
      String where = " WHERE name=" + SqlLiteral.of(table);
      bracket("DELETE FROM sqlite_sequence" + where + ";\n");
      rows("sqlite_sequence", List.of("name", "seq"), where);
    }
  }

  /** A shadow table has a name that SQLite might refuse, in quotes, where it exists already. */
  static String created(String sql) {
    boolean quoted = sql.startsWith("CREATE TABLE '") || sql.startsWith("CREATE TABLE \"");
    return quoted ? "CREATE TABLE IF NOT EXISTS " + sql.substring("CREATE TABLE ".length()) : sql;
  }

  private void rows(String name) {
    rows(
        name,
        Catalog.column(handle, "SELECT name FROM pragma_table_info(?) ORDER BY cid", name),
        "");
  }

  /** All that can be read, past damage. */
  private void rows(String name, List<String> columns, String where) {
    try {
      print(name, columns, where);
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.DAMAGED) {
        throw e;
      }
      noteDamage(e);
      fromTheEnd(name, columns, where);
    }
  }

  /** The rows behind the damage, in a table with rowids. */
  private void fromTheEnd(String name, List<String> columns, String where) {
    try {
      print(name, columns, where + " ORDER BY rowid DESC");
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

  /**
   * @param rest what follows the table in the SELECT
   */
  private void print(String name, List<String> columns, String rest) {
    List<String> selected = new ArrayList<>(columns.stream().map(SqlLiteral::quotedName).toList());
    String rowid = request.preserveRowids() ? rowid(name, columns) : "";
    if (!rowid.isEmpty()) {
      selected.add(0, rowid);
    }
    Layout layout = Layout.DEFAULT.withTable(name).withNewlines(request.newlines());
    RowPrinter printer =
        ShellFormat.INSERT.printer(out, layout.withHeaders(rowid.isEmpty() ? null : true));
    try {
      handle.query(
          "SELECT " + String.join(", ", selected) + " FROM " + SqlLiteral.quotedName(name) + rest,
          printer);
    } finally {
      printer.finish(); // the rows before damage, too
    }
  }

  /** The name by which a table's rowid can be had, where no column is it; else empty. */
  private String rowid(String table, List<String> columns) {
    boolean none =
        handle.integer(
                "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name = ?"
                    + " AND (wr OR type <> 'table')",
                table)
            > 0;
    boolean aliased =
        handle.integer(
                "SELECT count(*) FROM pragma_table_info(?1) WHERE pk = 1 AND upper(type) ="
                    + " 'INTEGER' AND NOT EXISTS (SELECT 1 FROM pragma_index_list(?1) WHERE origin"
                    + " = 'pk')",
                table)
            > 0;
    if (none || aliased) {
      return "";
    }
    for (String name : List.of("rowid", "_rowid_", "oid")) {
      if (columns.stream().noneMatch(name::equalsIgnoreCase)) {
        return name;
      }
    }
    return "";
  }

  private void bracket(String text) {
    if (!request.dataOnly()) {
      write(text);
    }
  }

  private void write(String text) {
    try {
      out.write(Bytes.of(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
