package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final Path MANUAL = Cli.module().resolve("../man/sqlite-safe-shell.1");
  private static final Path NEWER = Cli.module().resolve("target/oracle/sqlite3");

  /** Name of a file, its bytes as ISO-8859-1, and what imports it into the table named NEW. */
  private static final List<List<String>> IMPORTS =
      List.of(
          List.of("semi.csv", "a;b\n1;2\n", ".separator ;\n.import semi.csv NEW"),
          List.of("semi.csv", "a;b\n1;2\n", ".mode csv\n.import semi.csv NEW"),
          List.of("one.csv", "x,y\n", "CREATE TABLE NEW(a,b);\n.import --csv one.csv NEW"),
          List.of("one.txt", "x|y", "CREATE TABLE NEW(a,b);\n.mode list\n.import one.txt NEW"),
          List.of(
              "empty.csv",
              "1,,3\n\"\",2,\n",
              "CREATE TABLE NEW(a,b,c);\n.import --csv empty.csv NEW"),
          List.of("none.csv", "", "CREATE TABLE NEW(a,b,c);\n.import --csv none.csv NEW"),
          List.of(
              "ragged.csv",
              "1,2\n1,2,3,4\n",
              "CREATE TABLE NEW(a,b,c);\n.import --csv ragged.csv NEW"),
          List.of("pipe.txt", "a|b\n1|2\n", ".mode list\n.import pipe.txt NEW"),
          List.of("tab.txt", "a\tb\n1\t2\n", ".mode tabs\n.import tab.txt NEW"),
          List.of("tab.txt", "a\tb\n1\t2\n", ".separator \"\\t\"\n.import tab.txt NEW"),
          List.of("tab.txt", "a\tb\n1\t2\n", ".separator \\t\n.import tab.txt NEW"),
          List.of(
              "rows.txt",
              "1;2@3;4@",
              "CREATE TABLE NEW(a,b);\n.separator ; @\n.import rows.txt NEW"),
          List.of("mark.csv", "\u00ef\u00bb\u00bfa,b\n1,2\n", ".import --csv mark.csv NEW"),
          List.of("crlf.csv", "a,b\r\n1,2\r\n", ".import --csv crlf.csv NEW"),
          List.of("lines.csv", "a,b\n\"x\ny\",2\n", ".import --csv lines.csv NEW"),
          List.of("end.csv", "a,b\n1,2", ".import -csv end.csv NEW"),
          List.of("quoted.csv", "a,b\n\"q\"\"q\",'2'\n", ".import --csv quoted.csv NEW"),
          List.of(
              "units.txt",
              "1\u001f2\u001e3\u001f4\u001e",
              "CREATE TABLE NEW(a,b);\n.import --ascii units.txt NEW"),
          List.of(
              "units.txt", "a\u001fb\u001e3\u001f4\u001e", ".mode ascii\n.import units.txt NEW"),
          List.of("skip.csv", "l1\nl2\na,b\n1,2\n", ".import --csv --skip 2 skip.csv NEW"),
          List.of("number.csv", "a,b\n1e3,0x10\n007,1.50\n", ".import --csv number.csv NEW"),
          List.of(
              "number.csv",
              "a,b\n1e3,0x10\n007,1.50\n",
              "CREATE TABLE NEW(a INTEGER,b REAL);\n.import --csv --skip 1 number.csv NEW"));

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

  /** Of each version that is there. */
  @Test
  void commandsThatAreNotThereAreListed() throws IOException {
    assumeTrue(Program.exists("sqlite3"), "sqlite3 is not installed");
    Path file = Db.create(directory, "help.db", "CREATE TABLE t(a)");
    Set<String> known = commands(Cli.command("shell", file).input(".help\n").run().exits(0).out());
    String page = Files.readString(MANUAL).replace("\\&", "");
    Matcher listed =
        Pattern.compile("[.][a-z]+\\b")
            .matcher(page.substring(page.indexOf(".SH DIFFERENCES FROM SQLITE3")));
    while (listed.find()) {
      known.add(listed.group());
    }
    for (Path program : List.of(Path.of("sqlite3"), NEWER)) {
      if (program.equals(NEWER) && !Files.isExecutable(NEWER)) {
        continue;
      }
      Set<String> theirs = commands(Program.of(program, "-batch").input(".help\n").run().out());
      assertTrue(theirs.size() > 50, theirs::toString);
      theirs.removeAll(known);
      assertEquals(Set.of(), theirs, () -> "of " + program + " neither there nor listed");
    }
  }

  private static Set<String> commands(String help) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = Pattern.compile("(?m)^[.][a-z]+").matcher(help);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }

  @Test
  void importsAsSqlite340() throws IOException {
    assumeTrue(Program.exists("sqlite3"), "sqlite3 is not installed");
    StringBuilder script = new StringBuilder();
    for (int i = 0; i < IMPORTS.size(); i++) {
      List<String> each = IMPORTS.get(i);
      String file = i + each.get(0);
      Files.writeString(directory.resolve(file), each.get(1), StandardCharsets.ISO_8859_1);
      script.append(".mode list\n.separator | \"\\n\"\n");
      script.append(each.get(2).replace(each.get(0), file).replace("NEW", "t" + i)).append('\n');
      script.append(".mode quote\n.print === ").append(i).append(": ").append(each.get(0));
      script.append("\nSELECT name, type FROM pragma_table_info('t").append(i).append("');\n");
      script.append("SELECT * FROM t").append(i).append(";\n");
    }
    Path theirs = Db.create(directory, "theirs.db", "CREATE TABLE t(a)");
    Path ours = Db.create(directory, "ours.db", "CREATE TABLE t(a)");
    Result expected = Program.of("sqlite3", theirs).in(directory).input(script.toString()).run();
    Result found = Cli.command("shell", ours).in(directory).input(script.toString()).run().exits(0);
    assertTrue(expected.out().contains("=== 21"), expected::toString);
    assertEquals(expected.out(), found.out());
  }

  @Test
  void nothingToImportMakesNoTable() throws IOException {
    Path file = Db.create(directory, "none.db", "CREATE TABLE t(a)");
    Files.writeString(directory.resolve("none.csv"), "");
    Files.writeString(directory.resolve("two.csv"), "a,b\n1,2\n");
    for (String command : List.of("none.csv fresh", "--skip 2 two.csv fresh")) {
      Cli.command("shell", file)
          .in(directory)
          .input(".import --csv " + command + "\n")
          .run()
          .exits(2)
          .says("there is no such table");
    }
  }
}
