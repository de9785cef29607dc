package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.db.VirtualTableSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/**
 * Full-text indexes and R-trees of the new database, whose content came with their shadow tables:
 * where one of these is damaged, what is computed from the others is computed anew. For one thread.
 */
final class VirtualContent {
  private final Connection connection;
  private final Map<String, TableSalvage> tables;
  private final NewSchema made;
  private final List<String> notes;

  /**
   * @param tables by their names in lower case
   */
  VirtualContent(
      Connection connection, Map<String, TableSalvage> tables, NewSchema made, List<String> notes) {
    this.connection = connection;
    this.tables = tables;
    this.made = made;
    this.notes = notes;
  }

  void check(SchemaEntry entry) {
    VirtualTableSql sql = VirtualTableSql.parse(String.valueOf(entry.sql()));
    if (sql == null) {
      return;
    }
    try {
      switch (sql.module()) {
        case "fts5", "fts4", "fts3" -> fullText(entry, sql);
        case "rtree", "rtree_i32" -> rTree(entry.name(), sql);
        default -> {}
      }
    } catch (SQLException e) {
      notes.add("table " + entry.name() + " could not be rebuilt: " + SqlErrors.text(e));
    }
  }

  private void rTree(String name, VirtualTableSql sql) throws SQLException {
    if (anyDamaged(name, List.of("_node", "_rowid", "_parent"))) {
      boolean rowids = !isDamaged(name + "_rowid");
      new RTree(connection, name, sql).rebuild(rowids, made.freeName(name + "_lost"), notes);
      made.rebuilt().add("R-tree " + name);
    }
  }

  private boolean isDamaged(String table) {
    TableSalvage shadow = tables.get(table.toLowerCase(java.util.Locale.ROOT));
    return shadow == null || shadow.isIncomplete();
  }

  private boolean anyDamaged(String name, List<String> suffixes) {
    return suffixes.stream().anyMatch(suffix -> isDamaged(name + suffix));
  }

  // ---- full text -------------------------------------------------------------------------------

  private void fullText(SchemaEntry entry, VirtualTableSql sql) throws SQLException {
    boolean five = sql.module().equals("fts5");
    List<String> computed =
        five ? List.of("_data", "_idx", "_docsize", "_config") : List.of("_segments", "_segdir");
    String content = sql.option("content");
    String from = content == null ? entry.name() + "_content" : content;
    boolean own = content == null;
    if (!anyDamaged(entry.name(), computed) && !(tables.containsKey(from) && isDamaged(from))) {
      return;
    }
    if (!own && from.isEmpty()) {
      notes.add(
          "the full-text index "
              + entry.name()
              + " is damaged and has no content of its own: fill it again, or drop it");
      return;
    }
    String name = Names.quoted(entry.name());
    try (Statement statement = connection.createStatement()) {
      if (five) {
        // Opening reads its structure, and a damaged one stops everything.
        repairStructure(statement, entry.name());
      } else {
        statement.execute("DELETE FROM " + Names.quoted(entry.name() + "_segments"));
        statement.execute("DELETE FROM " + Names.quoted(entry.name() + "_segdir"));
      }
      statement.execute("INSERT INTO " + name + "(" + name + ") VALUES('rebuild')");
    }
    made.rebuilt().add("full-text index " + entry.name());
  }

  /** As in an empty table (fts5 of SQLite, "fts5_storage.c" and "fts5_index.c" make these). */
  private static void repairStructure(Statement statement, String name) throws SQLException {
    String data = Names.quoted(name + "_data");
    statement.execute("DELETE FROM " + data);
    statement.execute("DELETE FROM " + Names.quoted(name + "_idx"));
    statement.execute("INSERT INTO " + data + " VALUES(1, zeroblob(0)), (10, x'00000000000000')");
    statement.execute(
        "INSERT OR IGNORE INTO " + Names.quoted(name + "_config") + " VALUES('version', 4)");
  }
}
