package io.sqlitesafe.cli.output.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.cli.output.text.DisplayText;
import java.util.List;
import org.junit.jupiter.api.Test;

class TablePrinterTest {
  @Test
  void alignsNumbersRightAndTextLeft() {
    String table =
        Rows.print(
            RowFormat.TABLE,
            printer -> {
              printer.columns(List.of("id", "name", "ratio", "data"));
              printer.row(Rows.of(1L, "x", 0.5, new byte[] {1, -1}));
              printer.row(Rows.of(1000L, "größer", null, new byte[100]));
              printer.row(Rows.of(null, null, null, null));
            });

    assertEquals(
        """
          id  name    ratio  data
        ----  ------  -----  ----------------------------------------
           1  x         0.5  x'01FF'
        1000  größer   NULL  x'000000000000000000000000…' (100 bytes)
        NULL  NULL     NULL  NULL
        """,
        table);
  }

  @Test
  void keepsResultsApartAndShowsEmptyOnes() {
    String table =
        Rows.print(
            RowFormat.TABLE,
            printer -> {
              printer.columns(List.of("a"));
              printer.columns(List.of("b"));
              printer.row(Rows.of("x"));
            });

    assertEquals("a\n-\n\nb\n-\nx\n", table);
  }

  @Test
  void countsWideCharactersTwiceAndMarksNotAtAll() {
    String table =
        Rows.print(
            RowFormat.TABLE,
            printer -> {
              printer.columns(List.of("a", "b"));
              printer.row(Rows.of("日本語", "|"));
              printer.row(Rows.of("😀", "|"));
              printer.row(Rows.of("e\u0301a\u0308", "|"));
              printer.row(Rows.of("123456", "|"));
            });

    assertEquals(
        "a       b\n------  -\n日本語  |\n😀      |\ne\u0301a\u0308      |\n123456  |\n", table);
  }

  @Test
  void cutsWhatIsTooWideButNotInTheLastColumn() {
    String wide = "日".repeat(100);
    String last = "y".repeat(500);
    List<String> lines =
        Rows.print(
                RowFormat.TABLE,
                printer -> {
                  printer.columns(List.of("a", "b"));
                  printer.row(Rows.of(wide, last));
                  printer.row(Rows.of("x".repeat(60), "z"));
                })
            .lines()
            .toList();

    assertEquals("日".repeat(29) + "…   " + last, lines.get(2));
    assertEquals("x".repeat(60) + "  z", lines.get(3));
    assertEquals("-".repeat(60) + "  " + "-".repeat(60), lines.get(1));
  }

  @Test
  void theFirstScreenfulDecidesTheWidthsAndLaterWiderValuesStayWhole() {
    List<String> lines =
        Rows.print(
                RowFormat.TABLE,
                printer -> {
                  printer.columns(List.of("a", "b"));
                  for (long i = 0; i < TablePrinter.FIRST_SCREENFUL; i++) {
                    printer.row(Rows.of("xx", i));
                  }
                  printer.row(Rows.of("wider", 1L));
                  printer.row(Rows.of("x", 1L));
                })
            .lines()
            .toList();

    assertEquals("xx    0", lines.get(2));
    assertEquals("wider    1", lines.get(202));
    assertEquals("x     1", lines.get(203));
  }

  @Test
  void oneLineForEachRowWhateverItsText() {
    String table = Rows.printNasty(RowFormat.TABLE);

    assertEquals(Rows.nasty().size() + 2, table.lines().count());
    assertTrue(table.contains("line\\nbreak"));
    assertTrue(table.contains("\\u202egnp.exe"));
    assertTrue(table.contains("a\\u0000b"));
    assertTrue(table.contains("\\u009b2J"));
    assertTrue(table.contains("👩‍👩‍👧"), "joiners are left alone");
  }

  @Test
  void cutsBetweenWholeCharacters() {
    assertEquals("abcd", DisplayText.of("abcd", 4));
    assertEquals("abc…", DisplayText.of("abcde", 4));
    assertEquals("日…", DisplayText.of("日本語", 4));
    assertEquals("日本", DisplayText.of("日本", 4));
    assertEquals("😀…", DisplayText.of("😀😀😀", 4));
    assertEquals("e\u0301…", DisplayText.of("e\u0301xx", 2));
    assertEquals("abc…", DisplayText.of("abc\ndef", 4));
    assertEquals("\\ud83d", DisplayText.of("\uD83D", 60));
    assertEquals("\\U000e0001", DisplayText.of("\uDB40\uDC01", 60));
  }
}
