package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shell's output beside that of sqlite3 3.40, whose layouts it has: all the same but for what
 * sqlite-safe-shell(1) lists.
 */
class ShellPeerIT {
  private static final List<String> MODES =
      List.of(
          "list",
          "csv",
          "line",
          "column",
          "table",
          "box",
          "markdown",
          "html",
          "insert",
          "insert \"odd 'name\"",
          "quote",
          "tcl",
          "tabs",
          "json");

  /** Of what is listed as different there is nothing in them. */
  private static final List<String> QUERIES =
      List.of(
          "SELECT 1 AS a, 'x' AS \"b c\", NULL AS n, 2.5 AS r, -7 AS \"select\"",
          "SELECT 'it''s' AS \"it's\", 'a,b' AS \"q\"\"q\", 'l1'||char(10)||'l2' AS nl, 'p|q' AS p",
          "SELECT '' AS empty, ' ' AS blank, 'NULL' AS word, '<b>&\"' AS markup, 'a\\b' AS back",
          "SELECT 'größe' AS \"naive\", 9223372036854775807 AS big, 0.5 AS half, 100.0 AS whole",
          "SELECT * FROM (SELECT 1 AS x) WHERE 0",
          "VALUES(1, 'one'), (22, 'twenty-two'), (NULL, 'none')");

  @TempDir Path directory;

  @Test
  void sameLayoutAsSqlite340() {
    assumeTrue(Program.exists("sqlite3"), "sqlite3 is not installed");
    String version = Program.of("sqlite3", "--version").run().out();
    assumeTrue(version.startsWith("3.40."), "another version of sqlite3: " + version);
    Path file = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(a)");
    StringBuilder script = new StringBuilder();
    for (String mode : MODES) {
      for (String headers : List.of("off", "on")) {
        script.append(".mode ").append(mode).append("\n.headers ").append(headers).append('\n');
        for (int i = 0; i < QUERIES.size(); i++) {
          script.append(".print === ").append(mode).append(' ').append(headers).append(' ');
          script.append(i).append('\n').append(QUERIES.get(i)).append(";\n");
        }
        script.append(".separator ; \"\\n\"\n.nullvalue nil\n.print === more\n");
        script.append(QUERIES.get(0)).append(";\n.nullvalue \"\"\n");
      }
    }
    Result theirs = Program.of("sqlite3", file).input(script.toString()).run().exits(0);
    Result ours = Cli.command("shell", file).input(script.toString()).run().exits(0);
    List<String> expected = List.of(theirs.out().split("(?m)^=== "));
    List<String> found = List.of(ours.out().split("(?m)^=== "));
    assertTrue(expected.size() > 100);
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), found.get(i));
    }
    assertEquals(expected.size(), found.size());
  }
}
