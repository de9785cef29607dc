package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.db.VirtualTableSql;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An R-tree of the new database, made anew from what is there of its shadow tables
 * (sqlite.org/rtree.html, section 6.1): its leaves have the boxes, its table of rowids has the
 * auxiliary columns. Used once, by one thread.
 */
final class RTree {
  private static final long ROOT = 1;
  private static final int DEEPEST = 40;
  private static final int HEAD = 4;

  private final Connection connection;
  private final String name;
  private final boolean floats;
  private final int coordinates;
  private final int auxiliary;

  RTree(Connection connection, String name, VirtualTableSql sql) {
    this.connection = connection;
    this.name = name;
    this.floats = sql.module().equals("rtree");
    int plain = 0;
    for (int i = 1; i < sql.arguments().size(); i++) {
      plain += sql.arguments().get(i).startsWith("+") ? 0 : 1;
    }
    this.coordinates = plain;
    this.auxiliary = Math.max(0, sql.arguments().size() - 1 - plain);
  }

  private String shadow(String suffix) {
    return Names.quoted(name + suffix);
  }

  /**
   * Rebuilds it.
   *
   * @param rowids the table of rowids is whole, and knows all leaves
   * @param lostName of a table for what is left of rows whose boxes are lost
   * @param notes is told what was lost
   */
  void rebuild(boolean rowids, String lostName, List<String> notes) throws SQLException {
    Map<Long, List<Integer>> boxes = boxes(rowids);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TEMP TABLE auxiliary AS SELECT * FROM " + shadow("_rowid"));
      statement.execute("CREATE INDEX temp.auxiliary_rowid ON auxiliary(rowid)");
      for (String suffix : List.of("_node", "_rowid", "_parent")) {
        statement.execute("DELETE FROM " + shadow(suffix));
      }
      statement.execute(
          "INSERT INTO " + shadow("_node") + " VALUES(1, zeroblob(" + nodeSize(statement) + "))");
    }
    insert(boxes);
    try (Statement statement = connection.createStatement()) {
      keepLost(statement, lostName, notes);
      statement.execute("DROP TABLE temp.auxiliary");
    }
  }

  private void insert(Map<Long, List<Integer>> boxes) throws SQLException {
    StringBuilder sql = new StringBuilder("INSERT OR IGNORE INTO ");
    sql.append(Names.quoted(name)).append(" SELECT ?1");
    for (int i = 0; i < coordinates; i++) {
      sql.append(", ?").append(i + 2);
    }
    for (int i = 0; i < auxiliary; i++) {
      sql.append(", a").append(i);
    }
    sql.append(" FROM (SELECT 1) LEFT JOIN temp.auxiliary x ON x.rowid = ?1");
    try (PreparedStatement insert = connection.prepareStatement(sql.toString())) {
      for (Map.Entry<Long, List<Integer>> box : boxes.entrySet()) {
        insert.setLong(1, box.getKey());
        for (int i = 0; i < coordinates; i++) {
          int bits = box.getValue().get(i);
          insert.setDouble(i + 2, floats ? Float.intBitsToFloat(bits) : bits);
        }
        insert.executeUpdate();
      }
    }
  }

  /** Rows of which only a part is there. */
  private void keepLost(Statement statement, String lostName, List<String> notes)
      throws SQLException {
    String rowid = shadow("_rowid");
    String without = " FROM temp.auxiliary WHERE rowid NOT IN (SELECT rowid FROM " + rowid + ")";
    long boxes = number(statement, "SELECT count(*)" + without);
    if (boxes > 0) {
      String kept = "";
      if (auxiliary > 0) {
        statement.execute("CREATE TABLE " + Names.quoted(lostName) + " AS SELECT *" + without);
        kept = "; their other columns are in " + lostName;
      }
      notes.add("the boxes of " + boxes + " rows of the R-tree " + name + " are lost" + kept);
    }
    if (auxiliary > 0) {
      long bare =
          number(
              statement,
              "SELECT count(*) FROM "
                  + rowid
                  + " WHERE rowid NOT IN (SELECT rowid FROM temp.auxiliary)");
      if (bare > 0) {
        notes.add(
            "the auxiliary columns of "
                + bare
                + " rows of the R-tree "
                + name
                + " are lost, and NULL now");
      }
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.getLong(1);
    }
  }

  // ---- nodes -----------------------------------------------------------------------------------

  /** By the ids of their rows. */
  private Map<Long, List<Integer>> boxes(boolean rowids) throws SQLException {
    Set<Long> interior = interior();
    Map<Long, List<Integer>> boxes = new TreeMap<>();
    String known = rowids ? " WHERE nodeno IN (SELECT nodeno FROM " + shadow("_rowid") + ")" : "";
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT nodeno, data FROM " + shadow("_node") + known)) {
      while (rows.next()) {
        byte[] data = rows.getBytes(2);
        if (data != null && (rowids || !interior.contains(rows.getLong(1)))) {
          addBoxes(ByteBuffer.wrap(data), boxes);
        }
      }
    }
    return boxes;
  }

  /** Nodes that have nodes below them: by the table of parents, and by going down from the root. */
  private Set<Long> interior() throws SQLException {
    Set<Long> interior = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT parentnode FROM " + shadow("_parent"))) {
      while (rows.next()) {
        interior.add(rows.getLong(1));
      }
    }
    Set<Long> level = new HashSet<>(Set.of(ROOT));
    Set<Long> seen = new HashSet<>();
    for (int depth = depth(); depth > 0 && !level.isEmpty(); depth--) {
      seen.addAll(level);
      Set<Long> below = new HashSet<>();
      for (long node : level) {
        ByteBuffer data = node(node);
        for (int cell = 0; data != null && cell < cells(data); cell++) {
          below.add(data.getLong(start(cell)));
        }
      }
      below.removeAll(seen);
      interior.addAll(level);
      level = below;
    }
    return interior;
  }

  /** How many levels are above the leaves; 0 where the root is lost. */
  private int depth() throws SQLException {
    ByteBuffer root = node(ROOT);
    int depth = root == null ? 0 : root.getShort(0) & 0xffff;
    return depth > DEEPEST ? 0 : depth;
  }

  private @Nullable ByteBuffer node(long number) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT data FROM " + shadow("_node") + " WHERE nodeno = ?")) {
      query.setLong(1, number);
      try (ResultSet row = query.executeQuery()) {
        byte[] data = row.next() ? row.getBytes(1) : null;
        return data == null || data.length < HEAD ? null : ByteBuffer.wrap(data);
      }
    }
  }

  private void addBoxes(ByteBuffer node, Map<Long, List<Integer>> boxes) {
    for (int cell = 0; cell < cells(node); cell++) {
      List<Integer> at = new ArrayList<>();
      for (int i = 0; i < coordinates; i++) {
        at.add(node.getInt(start(cell) + 8 + 4 * i));
      }
      boxes.putIfAbsent(node.getLong(start(cell)), at);
    }
  }

  private int cells(ByteBuffer node) {
    return node.limit() < HEAD
        ? 0
        : Math.min(node.getShort(2) & 0xffff, (node.limit() - HEAD) / (8 + 4 * coordinates));
  }

  private int start(int cell) {
    return HEAD + cell * (8 + 4 * coordinates);
  }

  /** As SQLite chooses it: what fits into a page, with 51 cells at most. */
  private int nodeSize(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA page_size")) {
      return Math.min(row.getInt(1) - 64, HEAD + (8 + 4 * coordinates) * 51);
    }
  }
}
