package io.sqlitesafe.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlSplitterTest {
  private static List<SqlStatement> split(Reader in) {
    SqlSplitter splitter = new SqlSplitter(in, 10_000);
    List<SqlStatement> statements = new ArrayList<>();
    for (SqlStatement s = splitter.next(); s != null; s = splitter.next()) {
      statements.add(s);
    }
    return statements;
  }

  private static List<String> texts(String script) {
    return split(new StringReader(script)).stream().map(SqlStatement::sql).toList();
  }

  @Test
  void numbersStatementsAndNamesTheLineEachStartsOn() {
    List<SqlStatement> statements =
        split(new StringReader("\n-- intro\nSELECT 1;;\n ; /* a\nb */ SELECT\n2 ;\n\n SELECT 3"));

    assertEquals(
        List.of(
            new SqlStatement("SELECT 1", 1, 3),
            new SqlStatement("SELECT\n2", 2, 5),
            new SqlStatement("SELECT 3", 3, 8)),
        statements);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " \n\t\f\r",
        ";",
        ";;;\n;",
        "-- only a comment",
        "/* open",
        "/**/",
        "/*;*/--;\n;",
        "\uFEFF"
      })
  void findsNoStatementWhereThereIsNone(String script) {
    assertEquals(List.of(), texts(script));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'a;b', 'it''s;'",
        "SELECT \"a;b\", \"x\"\";\"",
        "SELECT `a;`, `b``;`",
        "SELECT [a;']",
        "SELECT 1 -- ;'\n, 2",
        "SELECT 1 /* ; ' */ , 2",
        "SELECT 1 /*/ ; */ , 2",
        "SELECT 1 - - 2 / 3 * 4 - /**/ -5",
        "SELECT CASE WHEN 1 THEN 2 END",
        "SELECT x'00', $a, @b, :c, ?1, $a::b(x;'), #d(;)",
        "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT ';END;'; END",
        "create temp trigger t AFTER INSERT ON x BEGIN UPDATE x SET a=1; -- ;\n /*;*/END",
        "CREATE TEMPORARY /* x */ TRIGGER IF NOT EXISTS t BEGIN SELECT 1;\n\n end",
        "EXPLAIN CREATE TRIGGER t BEGIN SELECT 1; END",
        "EXPLAIN QUERY PLAN CREATE TRIGGER t BEGIN SELECT 1; END",
        "CREATE TABLE \"TRIGGER\"(a)",
        "CREATE TABLE trigger_log(a)",
        "SELECT 'naïve 😀;', größe FROM tabelle"
      })
  void keepsTogetherWhatBelongsTogether(String statement) {
    assertEquals(List.of(statement, "SELECT 'next'"), texts(statement + " ; SELECT 'next';"));
    assertEquals(List.of(statement), texts(statement), "without the semicolon");
  }

  @Test
  void anEndThatIsNotTheTriggersDoesNotEndIt() {
    String trigger =
        "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT END; SELECT \"END\"; \"END\"; END";

    assertEquals(List.of(trigger, "SELECT 1"), texts(trigger + ";SELECT 1"));
  }

  /** Strange but true, and the reason why the lexer knows of variables at all. */
  @Test
  void sqliteItselfTakesAVariablesParenthesesForPartOfItsName() throws SQLException {
    String sql = "SELECT $a(;'), :b::c(--), 3";

    assertEquals(List.of(sql), texts(sql));
    try (Connection db = DriverManager.getConnection("jdbc:sqlite::memory:");
        PreparedStatement statement = db.prepareStatement(sql)) {
      assertEquals(3, statement.getMetaData().getColumnCount());
      assertEquals(2, statement.getParameterMetaData().getParameterCount());
    }
  }

  @Test
  void leavesAnOpenStringToSqliteAsTheLastStatement() {
    assertEquals(
        List.of("SELECT 1", "SELECT 'a; SELECT 2;\n"), texts("SELECT 1; SELECT 'a; SELECT 2;\n"));
    assertEquals(List.of("SELECT [a; SELECT 2"), texts("SELECT [a; SELECT 2"));
  }

  @Test
  void dropsCommentsBeforeAStatementButNotThoseThatSqliteMayStore() {
    assertEquals(
        List.of("CREATE VIEW v AS /* kept */ SELECT 1 -- kept\n"),
        texts("-- dropped\nCREATE VIEW v AS /* kept */ SELECT 1 -- kept\n \t\n;"));
  }

  @Test
  void skipsAByteOrderMarkAlsoBetweenConcatenatedFiles() {
    assertEquals(List.of("SELECT 1", "SELECT 2"), texts("\uFEFFSELECT 1;\n\uFEFFSELECT 2;"));
  }

  @Test
  void doesNotCareHowTheReaderCutsItsBlocks() {
    String script =
        "SELECT 'a''b' /* ; */ - -1 -- x\n; CREATE TRIGGER t BEGIN SELECT 1; END; SELECT 2";
    Reader byOne =
        new Reader() {
          private final StringReader in = new StringReader(script);

          @Override
          public int read(char[] target, int offset, int length) throws IOException {
            return in.read(target, offset, 1);
          }

          @Override
          public void close() {}
        };

    assertEquals(texts(script), split(byOne).stream().map(SqlStatement::sql).toList());
    assertEquals(3, texts(script).size());
  }

  @Test
  void returnsAStatementBeforeReadingOn() {
    Reader in =
        new Reader() {
          private boolean first = true;

          @Override
          public int read(char[] target, int offset, int length) {
            if (!first) {
              throw new AssertionError("read on");
            }
            first = false;
            "SELECT 1;".getChars(0, 9, target, offset);
            return 9;
          }

          @Override
          public void close() {}
        };

    SqlStatement statement = new SqlSplitter(in, 100).next();

    assertNotNull(statement);
    assertEquals("SELECT 1", statement.sql());
  }

  @Test
  void refusesAStatementOverTheLimitButNoLongComment() {
    String script = "-- " + "x".repeat(5000) + "\nSELECT 1;\n\nSELECT '" + "y".repeat(200) + "'";
    SqlSplitter splitter = new SqlSplitter(new StringReader(script), 100);

    assertNotNull(splitter.next());
    SqliteSafeException e = assertThrows(SqliteSafeException.class, splitter::next);
    assertEquals(ErrorKind.USAGE, e.kind());
    assertEquals(2, e.details().get("statement"));
    assertEquals(4, e.details().get("line"));
    assertTrue(message(e).contains("statement 2 (line 4)"), message(e));
    assertTrue(hint(e).contains("--rows") && hint(e).contains("--param"), hint(e));
  }

  @Test
  void boundsMemoryAgainstAnEndlessStatement() {
    Reader endless =
        new Reader() {
          @Override
          public int read(char[] target, int offset, int length) {
            java.util.Arrays.fill(target, offset, offset + length, 'a');
            return length;
          }

          @Override
          public void close() {}
        };

    assertThrows(SqliteSafeException.class, new SqlSplitter(endless, 1 << 20)::next);
  }

  @Test
  void acceptsAStatementOfExactlyTheLimit() {
    SqlStatement statement = new SqlSplitter(new StringReader("SELECT 1;"), 9).next();

    assertNotNull(statement);
    assertThrows(
        SqliteSafeException.class, new SqlSplitter(new StringReader("SELECT 12;"), 8)::next);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SELECT 1;\nSELECT '\0'", "SELECT 1;\n--\0", "SELECT 1;\nDROP\0 TABLE t"})
  void refusesANulCharacter(String script) {
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> split(new StringReader(script)));

    assertEquals(ErrorKind.USAGE, e.kind());
    assertTrue(message(e).contains("statement 2 (line 2)"), message(e));
    assertTrue(message(e).contains("NUL"), message(e));
  }

  @Test
  void reportsMalformedText() {
    byte[] latin1 = "SELECT 'é'".getBytes(StandardCharsets.ISO_8859_1);
    Reader strict =
        new InputStreamReader(
            new ByteArrayInputStream(latin1),
            StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT));

    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> split(strict));
    assertEquals(ErrorKind.USAGE, e.kind());
    assertTrue(hint(e).contains("UTF-8"));
  }

  @Test
  void reportsAReaderThatFails() {
    Reader failing =
        new Reader() {
          @Override
          public int read(char[] target, int offset, int length) throws IOException {
            throw new IOException("device gone");
          }

          @Override
          public void close() {}
        };

    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> split(failing));
    assertEquals(ErrorKind.FAILED, e.kind());
    assertTrue(message(e).contains("device gone"));
  }

  @Test
  void knowsTheFirstTwoKeywords() {
    SqlStatement statement = new SqlStatement("/* x */ insert -- y\n /**/Or REPLACE", 1, 1);

    assertEquals("INSERT", statement.keyword());
    assertEquals("OR", statement.secondKeyword());
    assertEquals("", new SqlStatement("(SELECT 1)", 1, 1).keyword());
    assertEquals("", new SqlStatement("SELECT 'a' AS b", 1, 1).secondKeyword());
    assertEquals("", new SqlStatement("'quoted'", 1, 1).keyword());
    assertEquals("", new SqlStatement("-- nothing", 1, 1).keyword());
    assertEquals("", new SqlStatement("COMMIT", 1, 1).secondKeyword());
    // a Turkish dotless i is not what SQLite takes for an I
    assertFalse(new SqlStatement("COMMıT", 1, 1).keyword().equals("COMMIT"));
  }

  @Test
  void staysAtTheEndOnceThere() {
    SqlSplitter splitter = new SqlSplitter(new StringReader("SELECT 1"), 100);

    assertNotNull(splitter.next());
    assertNull(splitter.next());
    assertNull(splitter.next());
  }

  private static String hint(SqliteSafeException e) {
    @Nullable String hint = e.hint();
    return hint == null ? "" : hint;
  }

  private static String message(SqliteSafeException e) {
    return String.valueOf(e.getMessage());
  }
}
