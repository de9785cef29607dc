package io.sqlitesafe.cli.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A dump loads into the sqlite3 shell and gives the same content. */
class DumpTest {
  @TempDir Path directory;

  @BeforeEach
  void needsSqlite3() {
    assumeTrue(ShellLab.hasSqlite3(), "sqlite3 is not installed");
  }

  static Stream<List<String>> schemas() {
    return Stream.of(
        List.of(),
        List.of(
            "CREATE TABLE \"we\"\"ird 'n'\"(\"a b\" TEXT, 'q' INT, [z] BLOB DEFAULT x'00', CHECK(\"a b\" <> ';'))",
            "INSERT INTO \"we\"\"ird 'n'\" VALUES('it''s; \"x\"',1,x'0001ff'),"
                + "(char(10)||'a\\n'||char(13),NULL,zeroblob(3)),(NULL,9223372036854775807,'')"),
        List.of(
            "CREATE TABLE g(a INT, b INT AS (a*2) STORED, c TEXT AS (a||'x') VIRTUAL, d)",
            "INSERT INTO g(a,d) VALUES(1,'u'),(2,x'')"),
        List.of(
            "CREATE TABLE w(k TEXT, v REAL, n, PRIMARY KEY(k, n)) WITHOUT ROWID",
            "INSERT INTO w VALUES('a',1e999,1),('b',-1e999,2),('c',0.1,3),('d',1.7976931348623157e308,4),"
                + "('e',5e-324,5),('f',1e15,6),('g',-0.0,7),('h',123456789.123456789,8),('i',2.2250738585072014e-308,9)"),
        List.of(
            "CREATE TABLE s(id INTEGER PRIMARY KEY AUTOINCREMENT, x)",
            "INSERT INTO s(x) VALUES('a'),('b'),('c')",
            "DELETE FROM s WHERE id = 3",
            "CREATE TABLE s2(id INTEGER PRIMARY KEY AUTOINCREMENT)"),
        List.of(
            "CREATE VIRTUAL TABLE f USING fts5(body, tokenize='porter')",
            "INSERT INTO f VALUES('the running dogs'),('it''s cats')",
            "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1)",
            "INSERT INTO r VALUES(1,0.5,2.5)"),
        List.of(
            "CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE)",
            "CREATE TABLE c(p REFERENCES p(id))",
            "INSERT INTO p VALUES(1,'ü☃😀')",
            "INSERT INTO c VALUES(1)",
            "CREATE INDEX \"i;x\" ON p(u, id DESC) WHERE u > 0",
            "CREATE UNIQUE INDEX e ON p(lower(u))",
            "CREATE TRIGGER t AFTER INSERT ON c BEGIN UPDATE p SET u='x;' WHERE id=new.p; END",
            "CREATE VIEW v AS SELECT id AS \"i d\" FROM p /* end */"),
        List.of(
            "CREATE TABLE b(t TEXT)",
            "INSERT INTO b VALUES(CAST(x'ff41' AS TEXT)),(CAST(x'410042' AS TEXT)),('back\\slash'),"
                + "('a\\n'||char(10)||'\\012'),(char(10,13,0)||'\\n\\r\\0')",
            "CREATE TABLE st(a INT, b ANY) STRICT",
            "INSERT INTO st VALUES(1,'1'),(2,2)"),
        List.of(
            "PRAGMA encoding='UTF-16le'",
            "CREATE TABLE u(t)",
            "INSERT INTO u VALUES('日本'),('a'||char(10)),(x'ff')"));
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void loadsBackIdentically(List<String> sql) {
    try (ShellLab lab = new ShellLab(directory, sql.toArray(String[]::new))) {
      Path copy = directory.resolve("copy.db");
      assertEquals("", lab.sqlite3(copy, lab.run(".dump")));
      for (String hash : List.of(".sha3sum\n", ".sha3sum --schema --sha3-256\n")) {
        String original = lab.sqlite3(lab.file(), hash);
        assertEquals(original, lab.sqlite3(copy, hash));
        assertEquals(original, lab.run(hash));
      }
      assertEquals("ok\n", lab.sqlite3(copy, "PRAGMA integrity_check;"));
    }
  }

  @Test
  void aFullTextIndexStillFinds() {
    try (ShellLab lab =
        new ShellLab(
            directory,
            "CREATE VIRTUAL TABLE f USING fts5(body)",
            "INSERT INTO f VALUES('one two'),('three')")) {
      Path copy = directory.resolve("copy.db");
      lab.sqlite3(copy, lab.run(".dump"));
      assertEquals("three\n", lab.sqlite3(copy, "SELECT body FROM f('three');"));
    }
  }

  @Test
  void statisticsComeAlongWhereEverySqliteKnowsThem() {
    try (ShellLab lab =
        new ShellLab(
            directory,
            "CREATE TABLE t(a)",
            "CREATE INDEX i ON t(a)",
            "INSERT INTO t VALUES(1),(2),(2)",
            "ANALYZE")) {
      Path copy = directory.resolve("copy.db");
      lab.sqlite3(copy, lab.run(".dump"));
      assertEquals("t|i|3 2\n", lab.sqlite3(copy, "SELECT * FROM sqlite_stat1;"));
    }
  }

  @Test
  void onlyWhatMatches() {
    try (ShellLab lab =
        new ShellLab(
            directory, "CREATE TABLE one(x)", "CREATE TABLE two(x)", "CREATE INDEX i ON two(x)")) {
      String dump = lab.run(".dump two");
      assertTrue(dump.contains("two") && dump.contains("INDEX") && !dump.contains("one"), dump);
    }
  }
}
