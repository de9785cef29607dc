package io.sqlitesafe.internal.changeset;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a changeset sees of one table: its columns as they can be written, and its primary key.
 * Generated columns and hidden ones of virtual tables are not among them, so that places here are
 * those of a changeset and may differ from the table's own column numbers. Immutable.
 *
 * @param name as in the schema
 * @param kind whether a changeset can hold its rows, and if not, why
 * @param columns in table order; empty for virtual tables, which are never asked
 * @param withoutRowid declared WITHOUT ROWID (sqlite.org/withoutrowid.html)
 * @param strict declared STRICT
 * @param rowidAlias the key is one INTEGER PRIMARY KEY column, another name of the rowid
 *     (sqlite.org/lang_createtable.html#rowid)
 */
public record TableShape(
    String name,
    Kind kind,
    List<Column> columns,
    boolean withoutRowid,
    boolean strict,
    boolean rowidAlias) {
  /**
   * The first column, and the key, of a table without PRIMARY KEY where rowids are wanted for keys:
   * so SQLite's session extension has it (sqlite.org/session/c_session_objconfig_rowid.html). Any
   * SQL takes it for the rowid, unless a column has that name.
   */
  public static final String ROWID = "_rowid_";

  /** Whether the rows of a table can be in a changeset. */
  public enum Kind {
    /** An ordinary table with a declared primary key. */
    KEYED("", true),
    /** sqlite_stat1, which is treated as if its key were (tbl, idx). */
    STATISTICS("", true),
    /** No declared PRIMARY KEY, so nothing tells its rows apart. */
    WITHOUT_KEY("it has no PRIMARY KEY", false),
    /** Its rows are told apart by a collation that is not there. */
    FOREIGN("it needs a collation that only its program has", false),
    /** Its content is the business of a module. */
    VIRTUAL("it is a virtual table", false),
    /** Belongs to a virtual table, which maintains it itself. */
    SHADOW("it is a virtual table's own storage", false),
    /** sqlite_schema, sqlite_sequence, sqlite_stat4. */
    INTERNAL("SQLite maintains it itself", false);

    private final String reason;
    private final boolean capturable;

    Kind(String reason, boolean capturable) {
      this.reason = reason;
      this.capturable = capturable;
    }

    /** Why its rows cannot be in a changeset, as a clause; empty where they can. */
    public String reason() {
      return reason;
    }

    public boolean capturable() {
      return capturable;
    }
  }

  /**
   * One column.
   *
   * @param type as declared, perhaps empty
   * @param key its place in the primary key, counted from 1; 0 if it is not part of it
   * @param notNull declared NOT NULL
   * @param defaultSql its default as an SQL expression, or null
   */
  public record Column(
      String name, String type, int key, boolean notNull, @Nullable String defaultSql) {
    /** The name quoted for SQL. */
    public String sql() {
      return quote(name);
    }
  }

  public TableShape {
    columns = List.copyOf(columns);
  }

  /** The columns of the primary key, in the key's own order. */
  public List<Column> key() {
    return columns.stream()
        .filter(column -> column.key() > 0)
        .sorted(Comparator.comparingInt(Column::key))
        .toList();
  }

  /** Places of the key columns among {@link #columns}, counted from 0, in the key's own order. */
  public int[] keyPlaces() {
    return key().stream().mapToInt(columns::indexOf).toArray();
  }

  /**
   * The bytes of a changeset's table header: for each column its place in the key, counted from 1,
   * or 0. (Documented as 0 or 1; SQLite writes places, and its apply skips a table over a
   * difference.)
   */
  public byte[] keyBytes() {
    byte[] bytes = new byte[columns.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) columns.get(i).key();
    }
    return bytes;
  }

  /** The table's name for SQL, within {@code schema} (main, temp or an attached name). */
  public String sql(String schema) {
    return quote(schema) + "." + quote(name);
  }

  /** A name as SQL takes it whatever is in it: quotes, blanks, keywords, any characters. */
  public static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
