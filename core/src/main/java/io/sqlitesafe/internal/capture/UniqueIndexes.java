package io.sqlitesafe.internal.capture;

import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.db.IndexTerms;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rows that a new row would push out under ON CONFLICT REPLACE, as conditions in SQL. The
 * predicates of partial indexes are left out: that finds rows in vain now and then, which is
 * harmless. Immutable.
 *
 * @param conditions one for each unique index beside the key, about a row of the table, called by
 *     its name, and NEW
 */
record UniqueIndexes(List<String> conditions) {
  /** One column or expression of an index. */
  private record Term(@Nullable String column, String collation) {}

  /** Reads them from the schema. */
  static UniqueIndexes of(Connection connection, TableShape table) throws SQLException {
    Map<String, @Nullable String> indexes = new LinkedHashMap<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT i.name, s.sql FROM pragma_index_list(?1, 'main') i LEFT JOIN main.sqlite_schema s"
                + " ON s.type = 'index' AND s.name = i.name WHERE i.\"unique\" AND i.origin <> 'pk'")) {
      query.setString(1, table.name());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          indexes.put(rows.getString(1), rows.getString(2));
        }
      }
    }
    if (indexes.isEmpty()) {
      return new UniqueIndexes(List.of());
    }
    Map<String, String> incoming = incoming(connection, table);
    List<String> conditions = new ArrayList<>();
    for (Map.Entry<String, @Nullable String> index : indexes.entrySet()) {
      conditions.add(
          condition(table, terms(connection, index.getKey()), index.getValue(), incoming));
    }
    return new UniqueIndexes(List.copyOf(conditions));
  }

  /**
   * What a row of the table is called beside NEW: the table's own name, which expressions of its
   * indexes may use, unless that is taken.
   */
  static String alias(TableShape table) {
    boolean taken = table.name().equalsIgnoreCase("new") || table.name().equalsIgnoreCase("old");
    return TableShape.quote(taken ? TableTriggers.PREFIX + "row" : table.name());
  }

  private static List<Term> terms(Connection connection, String index) throws SQLException {
    List<Term> terms = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT name, coll FROM pragma_index_xinfo(?, 'main') WHERE key ORDER BY seqno")) {
      query.setString(1, index);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          terms.add(new Term(rows.getString(1), rows.getString(2)));
        }
      }
    }
    return terms;
  }

  /** For every column, generated ones too, the value that a new row will have, as SQL. */
  private static Map<String, String> incoming(Connection connection, TableShape table)
      throws SQLException {
    Map<String, String> columns = new LinkedHashMap<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT name, \"notnull\", dflt_value FROM pragma_table_xinfo(?, 'main')")) {
      query.setString(1, table.name());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          columns.put(
              rows.getString(1),
              incoming(rows.getString(1), rows.getBoolean(2), rows.getString(3)));
        }
      }
    }
    return columns;
  }

  /**
   * A default that stands in for NULL under NOT NULL ON CONFLICT REPLACE comes only after the
   * BEFORE triggers.
   */
  static String incoming(String column, boolean notNull, @Nullable String defaultSql) {
    String value = "NEW." + TableShape.quote(column);
    return notNull && defaultSql != null ? "coalesce(" + value + ", (" + defaultSql + "))" : value;
  }

  private static String condition(
      TableShape table, List<Term> terms, @Nullable String sql, Map<String, String> incoming) {
    List<String> texts = sql == null ? List.of() : IndexTerms.of(sql);
    String columns =
        incoming.entrySet().stream()
            .map(column -> column.getValue() + " AS " + TableShape.quote(column.getKey()))
            .collect(Collectors.joining(", "));
    List<String> conditions = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      Term term = terms.get(i);
      String collate = " COLLATE " + TableShape.quote(term.collation());
      if (term.column() != null) {
        conditions.add(
            alias(table)
                + "."
                + TableShape.quote(term.column())
                + collate
                + " = "
                + incoming.get(term.column()));
      } else {
        // The same text, its names now being those of the new row.
        String expression = "(" + texts.get(i) + ")";
        conditions.add(
            expression
                + collate
                + " = (SELECT "
                + expression
                + " FROM (SELECT "
                + columns
                + ") AS "
                + alias(table)
                + ")");
      }
    }
    return String.join(" AND ", conditions);
  }
}
