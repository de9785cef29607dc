package io.sqlitesafe.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares the splitter with SQLite's own idea of a whole statement, by way of python3. */
class SqlSplitterOracleTest {
  private static final long SEED = 20260101;
  private static final HexFormat HEX = HexFormat.of();

  /**
   * In: one script a line, in hex. Out: its statements in hex, with commas between, as found by
   * sqlite3_complete() at each semicolon.
   */
  private static final String COMPLETE =
      """
      import re, sqlite3, sys
      blank = re.compile(r'[; \\t\\n\\r\\f]|--[^\\n]*(\\n|$)|/\\*.*?(\\*/|$)', re.S)
      def significant(text):
          match = blank.match(text)
          while match:
              text = text[match.end():]
              match = blank.match(text)
          return text
      for line in open(sys.argv[1]):
          rest, found = bytes.fromhex(line.strip()).decode(), []
          while rest:
              end = next((i + 1 for i, c in enumerate(rest)
                          if c == ';' and sqlite3.complete_statement(rest[:i + 1])), len(rest))
              piece, rest = significant(rest[:end]), rest[end:]
              if piece:
                  found.append(piece)
          print(','.join(p.encode().hex() for p in found))
      """;

  /** In: as above. Out: the schema and all rows after SQLite ran the script whole, in hex. */
  private static final String EXECUTE =
      """
      import sqlite3, sys
      for line in open(sys.argv[1]):
          db = sqlite3.connect(':memory:', isolation_level=None)
          db.executescript(bytes.fromhex(line.strip()).decode())
          rows = [r[0] for r in db.execute("SELECT sql FROM sqlite_master ORDER BY rowid")]
          rows += [r[0] for r in db.execute("SELECT v FROM t ORDER BY rowid")]
          print('\\n'.join(rows).encode().hex())
      """;

  /** What the splitter leaves out after a statement. */
  private static final Pattern LEFT_OUT = Pattern.compile("[ \t\n\r\f]*;?");

  private static final String[] SOUP = {
    ";",
    ";",
    ";",
    ";\n",
    " ; ",
    "CREATE",
    "create",
    "TEMP",
    "Temporary",
    "TRIGGER",
    "trigger",
    "EXPLAIN",
    "QUERY PLAN",
    "BEGIN",
    "END",
    "end",
    "; END;",
    ";END ;",
    "CASE",
    "WHEN 1 THEN 2",
    "SELECT",
    "x",
    "1",
    "1.5e3",
    "'a;b'",
    "'it''s'",
    "'END;'",
    "\"q;\"",
    "\"\"\"\"",
    "`;`",
    "[;]",
    "['];",
    "-- c ; '\n",
    "--\n",
    "/* ; */",
    "/**/",
    "/*/;*/",
    "/* ' */",
    "-",
    "/",
    "*",
    "(",
    ")",
    ",",
    ".",
    "\n",
    "\t",
    "\r\n",
    "\f",
    "größe",
    "_END",
    "END_",
    "ENDE",
    "x'00'",
    "||",
    "=",
    "😀"
  };

  @Test
  void splitsTokenSoupAsSqlite3CompleteDoes(@TempDir Path dir) throws Exception {
    Random random = new Random(SEED);
    List<String> scripts = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      scripts.add(soup(random));
    }
    List<String> answers = python(dir, COMPLETE, scripts);
    int statements = 0;
    for (int i = 0; i < scripts.size(); i++) {
      List<String> expected =
          Stream.of(answers.get(i).split(","))
              .filter(s -> !s.isEmpty())
              .map(s -> unhex(s))
              .toList();
      List<String> found = split(scripts.get(i)).stream().map(SqlStatement::sql).toList();
      String context = "script " + i + ": " + scripts.get(i) + "\nfound: " + found;
      assertEquals(expected.size(), found.size(), context);
      for (int k = 0; k < found.size(); k++) {
        assertTrue(expected.get(k).startsWith(found.get(k)), context);
        String leftOut = expected.get(k).substring(found.get(k).length());
        assertTrue(LEFT_OUT.matcher(leftOut).matches(), context + "\nleft out: " + leftOut);
      }
      statements += found.size();
    }
    assertTrue(statements > 3000, "the soup is too thin: " + statements);
  }

  @Test
  void runningStatementByStatementDoesWhatRunningTheWholeScriptDoes(@TempDir Path dir)
      throws Exception {
    Random random = new Random(SEED);
    List<String> scripts = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      scripts.add(valid(random));
    }
    List<String> answers = python(dir, EXECUTE, scripts);
    for (int i = 0; i < scripts.size(); i++) {
      assertEquals(
          unhex(answers.get(i)), execute(scripts.get(i)), "script " + i + ": " + scripts.get(i));
    }
  }

  private static String soup(Random random) {
    StringBuilder script = new StringBuilder();
    for (int i = random.nextInt(60); i >= 0; i--) {
      // mostly apart, sometimes glued together: "ENDCASE", "--/*", "''''"
      script.append(SOUP[random.nextInt(SOUP.length)]).append(random.nextInt(5) == 0 ? "" : " ");
    }
    return script.toString();
  }

  /** A script that runs, full of things that look like ends of statements. */
  private static String valid(Random random) {
    String[] blanks = {" ", "\n", "/* ; END; ' */", "-- ;' END\n", " /**/ ", "\t\r\n"};
    String[] strings = {"'a;b'", "'it''s; END;'", "'-- no'", "'/* no'", "\n'x\ny'", "'é😀;'"};
    StringBuilder script = new StringBuilder("CREATE TABLE t(v);");
    int triggers = 0;
    for (int i = 3 + random.nextInt(12); i > 0; i--) {
      String blank = blanks[random.nextInt(blanks.length)];
      String string = strings[random.nextInt(strings.length)];
      script.append(blank);
      switch (random.nextInt(6)) {
        case 0 -> script.append("INSERT INTO t VALUES(").append(string).append(")");
        case 1 ->
            script
                .append("INSERT INTO [t]")
                .append(blank)
                .append("SELECT CASE WHEN 1 THEN ")
                .append(string)
                .append(" END");
        case 2 ->
            script
                .append("CREATE TRIGGER IF NOT EXISTS \"r;")
                .append(triggers++)
                .append("\" AFTER INSERT ON t WHEN length(NEW.v) < 9 BEGIN")
                .append(blank)
                .append("INSERT INTO t SELECT NEW.v || CASE WHEN 1 THEN ")
                .append(string)
                .append(" END;")
                .append(blank)
                .append("UPDATE t SET v = v || 'xxxxxxxxx' WHERE 0;")
                .append(blank)
                .append("END");
        case 3 ->
            script
                .append("CREATE VIEW `v;")
                .append(triggers++)
                .append("` AS SELECT ")
                .append(string)
                .append(" AS \"END;\"");
        case 4 ->
            script.append("UPDATE t SET v = v || ").append(string).append(" WHERE rowid % 3 = 1");
        default -> script.append(";");
      }
      script.append(blank).append(";");
    }
    return script.toString();
  }

  private static List<SqlStatement> split(String script) {
    SqlSplitter splitter = new SqlSplitter(new StringReader(script), 1_000_000);
    List<SqlStatement> statements = new ArrayList<>();
    for (SqlStatement s = splitter.next(); s != null; s = splitter.next()) {
      statements.add(s);
    }
    return statements;
  }

  private static String execute(String script) throws SQLException {
    try (Connection db = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = db.createStatement()) {
      for (SqlStatement s : split(script)) {
        statement.execute(s.sql());
      }
      List<String> rows = new ArrayList<>();
      for (String query :
          List.of(
              "SELECT sql FROM sqlite_master ORDER BY rowid", "SELECT v FROM t ORDER BY rowid")) {
        try (ResultSet result = statement.executeQuery(query)) {
          while (result.next()) {
            rows.add(result.getString(1));
          }
        }
      }
      return String.join("\n", rows);
    }
  }

  private static List<String> python(Path dir, String program, List<String> scripts)
      throws IOException, InterruptedException {
    Path input = dir.resolve("scripts");
    Path output = dir.resolve("answers");
    Files.write(
        input,
        scripts.stream().map(s -> HEX.formatHex(s.getBytes(StandardCharsets.UTF_8))).toList());
    Process process;
    try {
      process =
          new ProcessBuilder("python3", "-c", program, input.toString())
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      assumeTrue(false, "oracle test skipped: no python3 here (" + e.getMessage() + ")");
      throw e;
    }
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "python3 hangs");
    assertEquals(0, process.exitValue(), "python3 failed");
    List<String> answers = Files.readAllLines(output);
    assertEquals(scripts.size(), answers.size());
    return answers;
  }

  private static String unhex(String hex) {
    return new String(HEX.parseHex(hex), StandardCharsets.UTF_8);
  }
}
