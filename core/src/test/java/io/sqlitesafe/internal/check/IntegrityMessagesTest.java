package io.sqlitesafe.internal.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sqlitesafe.snapshot.CheckResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** In the words of several versions of SQLite. */
class IntegrityMessagesTest {
  private static final Schema SCHEMA =
      new Schema(
          List.of("t", "t.x", "ft"),
          Map.of("t_k", "t"),
          Map.of(2L, new Schema.Item("t", null), 3L, new Schema.Item("t", "t_k")),
          Map.of(),
          Map.of());

  private static List<CheckResult.Problem> problems(String row) {
    List<CheckResult.Problem> found = new ArrayList<>();
    new IntegrityMessages(SCHEMA).problems(row, found::add);
    return found;
  }

  private static void is(
      String message,
      CheckResult.Kind kind,
      @Nullable String table,
      @Nullable String index,
      @Nullable Long page,
      @Nullable Long row) {
    assertEquals(
        List.of(new CheckResult.Problem(kind, message, table, index, page, row, null)),
        problems(message));
  }

  @Test
  void placesAreFound() {
    CheckResult.Kind structure = CheckResult.Kind.INTEGRITY;
    is("Tree 2 page 7 cell 3: Offset 5 out of range", structure, "t", null, 7L, null);
    is("Tree 3 page 9: btreeInitPage() returns error code 11", structure, "t", "t_k", 9L, null);
    is("On tree page 3 cell 1: 2nd reference to page 8", structure, "t", "t_k", 8L, null);
    is("Page 12: never used", structure, null, null, 12L, null);
    is("Page 12 is never used", structure, null, null, 12L, null);
    is("Freelist: size is 2 but should be 3", structure, null, null, null, null);
    is("row 5 missing from index t_k", structure, "t", "t_k", null, 5L);
    is("non-unique entry in index t_k", structure, "t", "t_k", null, null);
    is("wrong # of entries in index unknown", structure, null, "unknown", null, null);
    is("something new", structure, null, null, null, null);
  }

  @Test
  void constraintsAndFullTextAreToldApart() {
    is("NULL value in t.c", CheckResult.Kind.CONSTRAINT, "t", null, null, null);
    is("NULL value in t.x.c", CheckResult.Kind.CONSTRAINT, "t.x", null, null, null);
    is("NUMERIC value in t.c", CheckResult.Kind.CONSTRAINT, "t", null, null, null);
    is("non-INTEGER value in t.c", CheckResult.Kind.CONSTRAINT, "t", null, null, null);
    is(
        "malformed inverted index for FTS5 table main.ft",
        CheckResult.Kind.FULL_TEXT,
        "ft",
        null,
        null,
        null);
    is(
        "fts5: corruption found reading blob 137438953473 from table \"ft\"",
        CheckResult.Kind.FULL_TEXT,
        "ft",
        null,
        null,
        null);
  }

  @Test
  void rowsMayHoldSeveralLines() {
    assertEquals(
        2, problems("*** in database main ***\nPage 3: never used\nPage 4: never used").size());
    assertEquals(List.of(), problems("ok"));
  }
}
