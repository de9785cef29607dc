package io.sqlitesafe.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  \n",
        "SELECT 1;",
        "SELECT 1; -- done",
        "-- nothing",
        "/* nothing */",
        "SELECT ';';",
        "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; END;",
        "SELECT 1; SELECT 2;"
      })
  void wholeTexts(String sql) {
    assertTrue(SqlText.isComplete(sql), sql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "SELECT ';",
        "/* open",
        "SELECT 1; /* open ;",
        "SELECT \"a;",
        "SELECT [a;",
        "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1;",
        "SELECT 1; SELECT 2",
        "/*/"
      })
  void textsThatMoreHasToFollow(String sql) {
    assertFalse(SqlText.isComplete(sql), sql);
  }

  @Test
  void tokensTogetherAreTheText() {
    String sql = "SELECT \"a b\", [c], 'it''s' --x\n, :p, 1.5 /* y */ FROM t;";
    List<SqlText.Token> tokens = SqlText.tokens(sql);
    assertEquals(sql, tokens.stream().map(SqlText.Token::text).collect(Collectors.joining()));
    tokens.forEach(token -> assertEquals(token.text(), sql.substring(token.start(), token.end())));
  }

  @Test
  void openQuotesAreTold() {
    assertTrue(last("SELECT 'abc").isOpen());
    assertTrue(last("SELECT 'it''").isOpen());
    assertFalse(last("SELECT 'it'''").isOpen());
    assertFalse(last("SELECT ''").isOpen());
    assertTrue(last("SELECT [a").isOpen());
    assertTrue(last("/* a").isOpen());
    assertFalse(last("-- a").isOpen());
  }

  @Test
  void quotedNamesLoseTheirQuotes() {
    assertEquals("a\"b", last("\"a\"\"b\"").name());
    assertEquals("a b", last("[a b]").name());
    assertEquals("plain", last("plain").name());
  }

  private static SqlText.Token last(String sql) {
    List<SqlText.Token> tokens = SqlText.tokens(sql);
    return tokens.get(tokens.size() - 1);
  }
}
