package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.db.VirtualTableSql;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Full-text indexes and R-trees of the new database, whose content came with their shadow tables:
 * where one of these is damaged, what is computed from the others is computed anew. For one thread.
 */
final class VirtualContent {
  private final Connection connection;
  private final Map<String, TableSalvage> tables;
  private final List<String> rebuilt;
  private final List<String> notes;

  /**
   * @param tables by their names in lower case
   */
  VirtualContent(
      Connection connection,
      Map<String, TableSalvage> tables,
      List<String> rebuilt,
      List<String> notes) {
    this.connection = connection;
    this.tables = tables;
    this.rebuilt = rebuilt;
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
        case "rtree", "rtree_i32" -> rTree(entry, sql);
        default -> {}
      }
    } catch (SQLException e) {
      notes.add("table " + entry.name() + " could not be rebuilt: " + SqlErrors.text(e));
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
    rebuilt.add("full-text index " + entry.name());
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

  // ---- R-trees ---------------------------------------------------------------------------------

  private void rTree(SchemaEntry entry, VirtualTableSql sql) throws SQLException {
    if (!anyDamaged(entry.name(), List.of("_node", "_rowid", "_parent"))) {
      return;
    }
    int coordinates = 0;
    for (int i = 1; i < sql.arguments().size(); i++) {
      coordinates += sql.arguments().get(i).startsWith("+") ? 0 : 1;
    }
    if (coordinates < sql.arguments().size() - 1) {
      notes.add("the R-tree " + entry.name() + " is damaged and has auxiliary columns: check it");
      return;
    }
    List<Box> boxes = boxes(entry.name(), coordinates);
    try (Statement statement = connection.createStatement()) {
      for (String suffix : List.of("_node", "_rowid", "_parent")) {
        statement.execute("DELETE FROM " + Names.quoted(entry.name() + suffix));
      }
      statement.execute(
          "INSERT INTO "
              + Names.quoted(entry.name() + "_node")
              + " VALUES(1, zeroblob("
              + nodeSize(statement, coordinates)
              + "))");
    }
    boolean floats = sql.module().equals("rtree");
    String places = ",?".repeat(coordinates);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT OR IGNORE INTO " + Names.quoted(entry.name()) + " VALUES(?" + places + ")")) {
      for (Box box : boxes) {
        insert.setLong(1, box.id);
        for (int i = 0; i < coordinates; i++) {
          int bits = box.at.get(i);
          insert.setDouble(i + 2, floats ? Float.intBitsToFloat(bits) : bits);
        }
        insert.executeUpdate();
      }
    }
    rebuilt.add("R-tree " + entry.name());
  }

  private record Box(long id, List<Integer> at) {}

  /** Of all nodes that are leaves, by the table of rowids or by having no children. */
  private List<Box> boxes(String name, int coordinates) throws SQLException {
    List<Box> boxes = new ArrayList<>();
    String node = Names.quoted(name + "_node");
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT data FROM "
                    + node
                    + " n WHERE nodeno NOT IN (SELECT parentnode FROM "
                    + Names.quoted(name + "_parent")
                    + " WHERE parentnode IS NOT NULL)")) {
      while (rows.next()) {
        byte[] data = rows.getBytes(1);
        if (data != null && data.length >= 4) {
          addBoxes(ByteBuffer.wrap(data), coordinates, boxes);
        }
      }
    }
    return boxes;
  }

  private static void addBoxes(ByteBuffer node, int coordinates, List<Box> boxes) {
    int cells = node.getShort(2) & 0xffff;
    int size = 8 + 4 * coordinates;
    for (int i = 0; i < cells && 4 + (i + 1) * size <= node.limit(); i++) {
      List<Integer> at = new ArrayList<>();
      for (int j = 0; j < coordinates; j++) {
        at.add(node.getInt(4 + i * size + 8 + 4 * j));
      }
      boxes.add(new Box(node.getLong(4 + i * size), at));
    }
  }

  /** As SQLite chooses it: what fits into a page, with 51 cells at most. */
  private static int nodeSize(Statement statement, int coordinates) throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA page_size")) {
      return Math.min(row.getInt(1) - 64, 4 + (8 + 4 * coordinates) * 51);
    }
  }
}
