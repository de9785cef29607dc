package io.sqlitesafe.internal.changeset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.internal.changeset.TableShape.Column;
import io.sqlitesafe.internal.changeset.TableShape.Kind;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaShapeTest {
  private static SchemaShape shape(String... sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = connection.createStatement()) {
      for (String each : sql) {
        statement.executeUpdate(each);
      }
      return SchemaShape.of(connection, "main");
    }
  }

  private static TableShape table(String name, String... sql) throws SQLException {
    return known(shape(sql), name);
  }

  private static TableShape known(SchemaShape shape, String name) {
    TableShape table = shape.table(name);
    assertNotNull(table);
    return table;
  }

  private static Kind kind(SchemaShape shape, String name) {
    return known(shape, name).kind();
  }

  private static List<String> names(List<Column> columns) {
    return columns.stream().map(Column::name).toList();
  }

  @Test
  void keysInTheirOwnOrderAndGeneratedColumnsLeftOut() throws SQLException {
    TableShape table =
        table(
            "T",
            "CREATE TABLE t(a, g1 AS (a + 1), b TEXT NOT NULL DEFAULT 'x', g2 AS (a) STORED, c INT,"
                + " PRIMARY KEY(c, a)) WITHOUT ROWID");
    assertEquals(List.of("a", "b", "c"), names(table.columns()));
    assertEquals(List.of("c", "a"), names(table.key()));
    assertArrayEquals(new int[] {2, 0}, table.keyPlaces());
    assertArrayEquals(new byte[] {2, 0, 1}, table.keyBytes());
    assertTrue(table.withoutRowid());
    assertFalse(table.rowidAlias());
    assertEquals("'x'", table.columns().get(1).defaultSql());
    assertTrue(table.columns().get(1).notNull());
  }

  @Test
  void onlyIntegerPrimaryKeyIsTheRowid() throws SQLException {
    assertTrue(table("t", "CREATE TABLE t(a inTEGER PRIMARY KEY, b)").rowidAlias());
    assertTrue(table("t", "CREATE TABLE t(a INTEGER, b, PRIMARY KEY(a DESC))").rowidAlias());
    assertFalse(table("t", "CREATE TABLE t(a INTEGER PRIMARY KEY DESC, b)").rowidAlias());
    assertFalse(table("t", "CREATE TABLE t(a INT PRIMARY KEY, b)").rowidAlias());
    assertFalse(table("t", "CREATE TABLE t(a INTEGER PRIMARY KEY, b) WITHOUT ROWID").rowidAlias());
    assertFalse(table("t", "CREATE TABLE t(a INTEGER UNIQUE, b)").rowidAlias());
  }

  @Test
  void whatCannotBeInAChangeset() throws SQLException {
    SchemaShape shape =
        shape(
            "CREATE TABLE plain(a)",
            "CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT)",
            "CREATE VIRTUAL TABLE search USING fts5(body)",
            "CREATE VIEW v AS SELECT 1",
            "INSERT INTO counted DEFAULT VALUES",
            "ANALYZE");
    assertEquals(Kind.WITHOUT_KEY, kind(shape, "plain"));
    assertEquals(Kind.KEYED, kind(shape, "counted"));
    assertEquals(Kind.VIRTUAL, kind(shape, "search"));
    assertEquals(Kind.SHADOW, kind(shape, "search_data"));
    assertEquals(Kind.INTERNAL, kind(shape, "sqlite_sequence"));
    assertEquals(Kind.STATISTICS, kind(shape, "sqlite_stat1"));
    assertEquals(List.of("tbl", "idx"), names(known(shape, "sqlite_stat1").key()));
    assertNull(shape.table("v"));
    assertEquals(
        List.of("counted", "sqlite_stat1"),
        shape.capturable().stream().map(TableShape::name).toList());
  }

  @Test
  void namesWithAnythingInThem() throws SQLException {
    String name = "it's \"odd\"\n☃ 🐢 [x] `y` select ;--";
    String quoted = TableShape.quote(name);
    TableShape table =
        table(
            name,
            "CREATE TABLE "
                + quoted
                + "("
                + quoted
                + " TEXT, \"group\" INT, PRIMARY KEY("
                + quoted
                + "))");
    assertEquals(List.of(name, "group"), names(table.columns()));
    assertEquals("\"main\"." + quoted, table.sql("main"));
  }

  @Test
  void strictAndAttached() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("ATTACH ':memory:' AS \"o'ther\"");
      statement.executeUpdate("CREATE TABLE t(mine INTEGER PRIMARY KEY)");
      statement.executeUpdate("CREATE TABLE \"o'ther\".t(x INT PRIMARY KEY, y ANY) STRICT");
      TableShape table = known(SchemaShape.of(connection, "o'ther"), "t");
      assertTrue(table.strict());
      assertEquals(List.of("x", "y"), names(table.columns()));
      assertFalse(table.rowidAlias());
    }
  }
}
