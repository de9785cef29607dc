package io.sqlitesafe.internal.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class VirtualTableSqlTest {
  @Test
  void takesADefinitionApart() {
    VirtualTableSql table =
        parse(
            "CREATE VIRTUAL TABLE IF NOT EXISTS \"a using fts4(b\" /* USING x */ using FTS5 (a, \"b,c\","
                + " tokenize = 'unicode61 remove_diacritics 0', content='it''s', prefix = '2 3')");
    assertEquals("fts5", table.module());
    assertEquals(5, table.arguments().size(), table.toString());
    assertEquals("\"b,c\"", table.arguments().get(1));
    assertEquals("it's", table.option("content"));
    assertEquals("2 3", table.option("PREFIX"));
    assertNull(table.option("columnsize"));
    assertEquals("FTS5 (a, \"b,c\"", table.definition().substring(0, 14));
  }

  @Test
  void readsEveryWayToQuote() {
    assertEquals("x", parse("create virtual table t using fts5(a, content=x)").option("content"));
    assertEquals(
        "x]", parse("create virtual table t using fts5(content=\"x]\")").option("content"));
    assertEquals("x", parse("create virtual table t using fts5(content=[x])").option("content"));
    assertEquals("", parse("create virtual table t using fts5(a, content='')").option("content"));
    assertEquals(
        List.of("f(a,b)", "c"), parse("create virtual table t using m(f(a,b),c)").arguments());
    assertEquals(List.of(), parse("create virtual table t using m").arguments());
  }

  @Test
  void otherStatementsAreNone() {
    assertNull(VirtualTableSql.parse("CREATE TABLE t(using)"));
    assertNull(VirtualTableSql.parse("CREATE INDEX i ON t(x)"));
    assertNull(VirtualTableSql.parse(""));
  }

  private static VirtualTableSql parse(String sql) {
    VirtualTableSql parsed = VirtualTableSql.parse(sql);
    assertNotNull(parsed);
    return parsed;
  }
}
