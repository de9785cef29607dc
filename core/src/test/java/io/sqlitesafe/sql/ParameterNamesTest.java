package io.sqlitesafe.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParameterNamesTest {
  private static void names(String sql, String... expected) {
    List<String> shown = ParameterNames.of(sql).stream().map(n -> n == null ? "?" : n).toList();
    assertEquals(Arrays.asList(expected), shown, sql);
  }

  @Test
  void countsAsSqliteDoes() {
    names("SELECT 1");
    names("SELECT :a, :b, :a", "a", "b");
    names("SELECT :a, @a, $a", "a", "a", "a");
    names("SELECT ?, :a, ?", "?", "a", "?");
    names("SELECT ?3, :a", "?", "?", "?", "a");
    names("SELECT ?2, ?1, ?", "?", "?", "?");
  }

  @Test
  void whatIsQuotedOrACommentIsNoParameter() {
    names("SELECT ':a', \":b\", `:c`, [:d], 'it''s :e' -- :f\n, /* :g */ :h", "h");
    names("SELECT x':1', a$b, :ä", "ä");
    names("SELECT '':a", "a");
  }
}
