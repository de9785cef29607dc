package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetApply;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.db.BrokenTrigger;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * The statements that apply changes to one table, with SQLite's own conditions: a DELETE finds its
 * key by "=", an UPDATE by "IS"; other old values are compared by "IS". Not thread-safe.
 */
public final class TableStatements implements AutoCloseable {
  /**
   * Otherwise a table whose updates keep touching different columns would keep a statement for each
   * set of them.
   */
  private static final int MOST_STATEMENTS = 64;

  private final SQLiteConnection connection;
  private final SqlValues values;
  private final Consumer<String> announce;
  private final TableHeader header;
  private final String table;
  private final boolean hasRowid;
  private final List<String> columns;

  /** For each column, whether its values are bound as text's bytes: as the last one was. */
  private final boolean[] castBefore;

  private final boolean[] castAfter;
  private final Map<String, PreparedStatement> statements =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PreparedStatement> eldest) {
          if (size() > MOST_STATEMENTS) {
            closeQuietly(eldest.getValue());
            return true;
          }
          return false;
        }
      };

  /**
   * For one table.
   *
   * @param announce is told of each statement before its first run
   */
  public TableStatements(
      SQLiteConnection connection,
      SqlValues values,
      TableHeader header,
      TableShape shape,
      Consumer<String> announce) {
    this.connection = connection;
    this.values = values;
    this.announce = announce;
    this.header = header;
    this.table = shape.sql("main");
    this.hasRowid =
        !shape.withoutRowid()
            && shape.columns().stream().noneMatch(c -> c.name().equalsIgnoreCase(TableShape.ROWID));
    this.columns = new ArrayList<>();
    for (int i = 0; i < header.columns(); i++) {
      columns.add(shape.columns().get(i).sql());
    }
    this.castBefore = new boolean[header.columns()];
    this.castAfter = new boolean[header.columns()];
  }

  // ---- the four things to do -----------------------------------------------------------------

  /** Inserts; returns the number of rows. */
  public int insert(Change change) throws SQLException {
    return insert(change.afterUncopied(), null);
  }

  /** Inserts a row, with its rowid where that is no column. */
  public int insert(Value[] row, @Nullable Long rowid) throws SQLException {
    Binding binding = new Binding(rowid == null ? 'i' : 'r');
    for (int i = 0; i < row.length; i++) {
      binding.after(i, row[i]);
    }
    PreparedStatement statement = prepare(binding, () -> insertSql(rowid != null));
    int next = binding.bind(statement);
    if (rowid != null) {
      statement.setLong(next, rowid);
    }
    return statement.executeUpdate();
  }

  /** Deletes the row of this key; if {@code exact}, only with the change's other values. */
  int delete(Change change, boolean exact) throws SQLException {
    boolean wholeRow = exact && header.keyColumnsUncopied().length < header.columns();
    Binding binding = new Binding(wholeRow ? 'D' : 'd');
    for (int i = 0; i < header.columns(); i++) {
      if (header.isKey(i)) {
        binding.before(i, change.key(i));
      } else if (wholeRow) {
        binding.before(i, change.before(i));
      }
    }
    PreparedStatement statement = prepare(binding, () -> deleteSql(wholeRow));
    binding.bind(statement);
    return statement.executeUpdate();
  }

  /**
   * Updates the row of this key; if {@code exact}, only with the change's other old values. A new
   * key is one that is equal to the old one, and SQLite does not set it either.
   */
  int update(Change change, boolean exact) throws SQLException {
    Binding binding = new Binding('u');
    for (int i = 0; i < header.columns(); i++) {
      if (!header.isKey(i) && change.after(i).isDefined()) {
        binding.after(i, change.after(i));
      }
    }
    if (binding.size() == 0) {
      // Nothing to set, only to compare. SQLite would not compile it; a column set to itself says
      // the same.
      return touch(change, exact);
    }
    addOldValues(binding, change, exact);
    PreparedStatement statement = prepare(binding, () -> updateSql(binding, ""));
    binding.bind(statement);
    return statement.executeUpdate();
  }

  private int touch(Change change, boolean exact) throws SQLException {
    String column = columns.get(header.keyColumnsUncopied()[0]);
    Binding binding = new Binding('t');
    addOldValues(binding, change, exact);
    PreparedStatement statement = prepare(binding, () -> updateSql(binding, column + "=" + column));
    binding.bind(statement);
    return statement.executeUpdate();
  }

  private void addOldValues(Binding binding, Change change, boolean exact) {
    for (int i = 0; i < header.columns(); i++) {
      if (header.isKey(i) || exact && change.before(i).isDefined()) {
        binding.before(i, change.before(i));
      }
    }
  }

  /**
   * A row.
   *
   * @param rowid null where the table has none by that name
   */
  public record Row(Value[] values, @Nullable Long rowid) {}

  /** The row with the key of this change, or null. */
  public @Nullable Row row(Change change) throws SQLException {
    Binding binding = new Binding('s');
    for (int column : header.keyColumnsUncopied()) {
      binding.before(column, change.key(column));
    }
    PreparedStatement statement = prepare(binding, () -> selectSql(binding));
    binding.bind(statement);
    try (ResultSet rows = statement.executeQuery()) {
      if (!rows.next()) {
        return null;
      }
      Value[] row = values.row(rows, columns.size());
      return new Row(row, hasRowid ? rows.getLong(columns.size() + 1) : null);
    }
  }

  // ---- their SQL -----------------------------------------------------------------------------

  private String mark(boolean cast) {
    return cast ? SqlValues.CAST : "?";
  }

  private String insertSql(boolean rowid) {
    StringJoiner names = new StringJoiner(",", "INSERT INTO " + table + "(", ")");
    StringJoiner marks = new StringJoiner(",", " VALUES(", ")");
    for (int i = 0; i < columns.size(); i++) {
      names.add(columns.get(i));
      marks.add(statistics(i, mark(castAfter[i])));
    }
    if (rowid) {
      names.add(TableShape.ROWID);
      marks.add("?");
    }
    return names.toString() + marks;
  }

  private String deleteSql(boolean wholeRow) {
    List<String> where = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (header.isKey(i)) {
        String operator = isStatistics() && i == 1 ? " IS " : "=";
        where.add(columns.get(i) + operator + statistics(i, mark(castBefore[i])));
      } else if (wholeRow) {
        where.add(columns.get(i) + " IS " + mark(castBefore[i]));
      }
    }
    return "DELETE FROM " + table + " WHERE " + all(where);
  }

  /**
   * All of the terms, in parentheses of parentheses: a plain chain of AND is as deep an expression
   * as it is long, and SQLite takes 1,000 levels (sqlite.org/limits.html) where a table may have
   * 2,000 columns.
   */
  private static String all(List<String> terms) {
    int size = terms.size();
    return size < 100
        ? String.join(" AND ", terms)
        : "("
            + all(terms.subList(0, size / 2))
            + ") AND ("
            + all(terms.subList(size / 2, size))
            + ")";
  }

  private String updateSql(Binding binding, String instead) {
    StringJoiner set = new StringJoiner(",", "UPDATE " + table + " SET ", "");
    List<String> where = new ArrayList<>();
    if (!instead.isEmpty()) {
      set.add(instead);
    }
    for (int i = 0; i < binding.size(); i++) {
      int column = binding.column(i);
      if (binding.isAfter(i)) {
        set.add(columns.get(column) + "=" + mark(castAfter[column]));
      } else {
        where.add(columns.get(column) + " IS " + statistics(column, mark(castBefore[column])));
      }
    }
    return set + " WHERE " + all(where);
  }

  private String selectSql(Binding binding) {
    StringJoiner select = new StringJoiner(",", "SELECT ", "");
    columns.forEach(select::add);
    if (hasRowid) {
      select.add(TableShape.ROWID);
    }
    List<String> where = new ArrayList<>();
    for (int i = 0; i < binding.size(); i++) {
      int column = binding.column(i);
      where.add(columns.get(column) + " IS " + statistics(column, mark(castBefore[column])));
    }
    return select + " FROM " + table + " WHERE " + all(where);
  }

  private boolean isStatistics() {
    return TableHeader.lowerCase(header.name()).equals("sqlite_stat1");
  }

  /** The key of sqlite_stat1 may be NULL, which changesets write as an empty blob. */
  private String statistics(int column, String mark) {
    return isStatistics() && column == 1 ? "nullif(" + mark + ",x'')" : mark;
  }

  // ---- values --------------------------------------------------------------------------------

  private PreparedStatement prepare(Binding binding, Supplier<String> sql) throws SQLException {
    String key = binding.key();
    PreparedStatement known = statements.get(key);
    if (known == null || known.isClosed()) { // the driver closes one that failed
      String text = sql.get();
      announce.accept(text);
      known = compile(text);
      statements.put(key, known);
    }
    return known;
  }

  private PreparedStatement compile(String sql) {
    try {
      return connection.prepareStatement(sql);
    } catch (SQLException e) {
      Path file = ChangesetApply.fileOf(connection);
      throw BrokenTrigger.translate(e, connection, sql, file, "changeset: " + header.name() + ": ");
    }
  }

  /** The values of one statement, in its order: what is set, then what is compared. */
  private final class Binding {
    private final char kind;
    private final Value[] bound = new Value[2 * header.columns()];
    private final int[] places = new int[2 * header.columns()];
    private int size;

    Binding(char kind) {
      this.kind = kind;
    }

    void after(int column, Value value) {
      castAfter[column] = values.cast(value, castAfter[column]);
      add(column + header.columns(), value);
    }

    void before(int column, Value value) {
      castBefore[column] = values.cast(value, castBefore[column]);
      add(column, value);
    }

    private void add(int place, Value value) {
      bound[size] = value;
      places[size++] = place;
    }

    int size() {
      return size;
    }

    int column(int index) {
      return places[index] % header.columns();
    }

    boolean isAfter(int index) {
      return places[index] >= header.columns();
    }

    /** What the statement's SQL depends on. */
    String key() {
      char[] key = new char[size + 1];
      key[0] = kind;
      for (int i = 0; i < size; i++) {
        boolean cast = isAfter(i) ? castAfter[column(i)] : castBefore[column(i)];
        key[i + 1] = (char) (places[i] * 2 + (cast ? 1 : 0));
      }
      return new String(key);
    }

    /** Returns the place after the last. */
    int bind(PreparedStatement statement) throws SQLException {
      for (int i = 0; i < size; i++) {
        boolean cast = isAfter(i) ? castAfter[column(i)] : castBefore[column(i)];
        values.bind(statement, i + 1, bound[i], cast);
      }
      return size + 1;
    }
  }

  private static void closeQuietly(PreparedStatement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      // It was only a cached statement; whatever is wrong shows at the next use of the connection.
    }
  }

  @Override
  public void close() {
    statements.values().forEach(TableStatements::closeQuietly);
    statements.clear();
  }
}
