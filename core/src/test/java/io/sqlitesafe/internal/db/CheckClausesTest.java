package io.sqlitesafe.internal.db;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CheckClausesTest {
  @Test
  void findsColumnAndTableConstraints() {
    assertEquals(
        List.of("a > 0", " b IN (1, (2)) ", "length(c) < 9"),
        CheckClauses.of(
            "CREATE TABLE t(a INT CHECK(a > 0), b check /* why */ ( b IN (1, (2)) ), c,"
                + " CONSTRAINT x CHECK(length(c) < 9))"));
  }

  @Test
  void namesAndTextAreNone() {
    assertEquals(
        List.of(),
        CheckClauses.of(
            "CREATE TABLE \"check\"(\"CHECK\"(3), [check] DEFAULT 'CHECK(1)', checked -- CHECK(2)\n)"));
  }

  @Test
  void parenthesesInTextAndCommentsDoNotCount() {
    assertEquals(
        List.of("a <> ')' AND \"b)\" > 1   AND c"),
        CheckClauses.of("CREATE TABLE t(a CHECK(a <> ')' AND \"b)\" > 1 /* ) */ AND c))"));
    assertEquals(
        List.of("a > 1    AND a < 5"),
        CheckClauses.of("CREATE TABLE t(a CHECK(a > 1 -- )\n  AND a < 5))"));
  }
}
