package io.sqlitesafe.cli.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each mode against golden text, and against the sqlite3 shell where that has it. */
class OutputModesTest {
  private static final String[] TABLE = {
    "CREATE TABLE t(a, b, c)",
    "INSERT INTO t VALUES(1,'x y',NULL),(2.5,'it''s \"q\", | <b>&','p'),"
        + "('multi' || char(10) || 'line','tab' || char(9) || 'x','back\\slash'),"
        + "(123456789012345678,'','é'),(-7,'a,b',0)"
  };

  @TempDir Path directory;
  private ShellLab lab;

  @BeforeEach
  void open() {
    lab = new ShellLab(directory, TABLE);
  }

  @AfterEach
  void close() {
    lab.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "table",
        "box",
        "column",
        "line",
        "list",
        "csv",
        "json",
        "markdown",
        "insert",
        "html"
      })
  void asSqlite3PrintsIt(String mode) {
    assumeTrue(ShellLab.hasSqlite3(), "sqlite3 is not installed");
    String script =
        String.join(
            "\n",
            ".mode " + mode,
            "SELECT * FROM t;",
            "SELECT 1 AS x, 2.5 AS \"the y\", NULL AS z;",
            "SELECT 1 WHERE 0;",
            ".headers on",
            "SELECT a AS \"order\", b AS \"b c\" FROM t;",
            ".nullvalue NIL",
            "SELECT NULL AS n, 'x' AS m;",
            ".width 5 -8",
            "SELECT 1234567890 AS long, 'xy' AS short;",
            ".width 0 0",
            ".headers off",
            "SELECT 1 AS one;",
            "");
    assertEquals(lab.sqlite3(lab.file(), script), lab.run(script));
  }

  @ParameterizedTest
  @ValueSource(strings = {"quote", "tabs", "ascii", "tcl"})
  void moreModesAsSqlite3PrintsThem(String mode) {
    assumeTrue(ShellLab.hasSqlite3(), "sqlite3 is not installed");
    String script =
        ".mode "
            + mode
            + "\nSELECT 1, 2.5, 'it''s', char(9, 10, 13, 12, 11, 27), x'4142', NULL, 'é\\ \"q\"', '';\n"
            + ".headers ON\nSELECT 1 AS \"a'b\", 'x' AS \"c d\";\n.nullvalue NIL\n"
            + ".separator ; \"!\\n\"\nSELECT NULL, 2;\n.mode list\nSELECT 1, 2;\n";
    String theirs = lab.sqlite3(lab.file(), script);
    // one word for NULL in SQL, whatever .nullvalue says
    assertEquals(theirs, lab.run(script));
  }

  @Test
  void insertModeNamesItsTable() {
    assertEquals(
        "INSERT INTO \"odd name\" VALUES(1,'x',X'00ff',NULL,0.1);\n",
        lab.run(".mode insert 'odd name'\nSELECT 1,'x',x'00ff',NULL,0.1;"));
  }

  @Test
  void modesOfOurOwn() {
    assertEquals(
        "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":null}\n",
        lab.run(".mode jsonl\nSELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL;"));
    assertEquals(
        "a\tb\n1\tx\\ty\n", lab.run(".mode tsv\nSELECT 1 AS a, 'x' || char(9) || 'y' AS b;"));
  }

  @Test
  void wideCharactersAlign() {
    String script =
        ".mode box\nSELECT '日本' AS w, 1 AS n UNION ALL SELECT '😀', 2 UNION ALL SELECT 'ab', 3;";
    assertEquals(
        String.join(
            "\n",
            "┌──────┬───┐",
            "│  w   │ n │",
            "├──────┼───┤",
            "│ 日本 │ 1 │",
            "│ 😀   │ 2 │",
            "│ ab   │ 3 │",
            "└──────┴───┘",
            ""),
        lab.run(script));
  }

  @Test
  void nothingInColumnsActsOnTheTerminal() {
    assertEquals(
        "+---------------+\n|       x       |\n+---------------+\n| \\u001b[31mred |\n+---------------+\n",
        lab.run(".mode table\nSELECT char(27) || '[31mred' AS x;"));
  }

  @Test
  void aLaterWiderValuePushesOnlyItsLine() {
    String rows =
        lab.run(
            ".mode column\nWITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r LIMIT 1500)"
                + " SELECT iif(i = 1400, 'a much wider value', i) AS i, 'z' AS z FROM r;");
    String[] lines = rows.split("\n");
    assertEquals("a much wider value  z", lines[1401]);
    assertEquals("1500  z", lines[1501]);
  }
}
