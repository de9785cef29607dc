package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Result;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.Collation;

/** What a check claims, what a changeset holds, and what a dump brings back. */
class FidelityIT {
  @TempDir Path directory;

  /** A database with a table that only a program with the collation "own" can use. */
  private Path foreign() throws Exception {
    Path file = directory.resolve("foreign.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      Collation.create(
          connection,
          "own",
          new Collation() {
            @Override
            protected int xCompare(String a, String b) {
              return a.compareTo(b);
            }
          });
      Db.execute(connection, "CREATE TABLE f(k TEXT COLLATE own PRIMARY KEY, v)");
      Db.execute(connection, "CREATE TABLE u(id INTEGER PRIMARY KEY, v)");
      Db.execute(connection, "INSERT INTO f VALUES('a', 1)");
      Db.execute(connection, "INSERT INTO u VALUES(1, 1)");
    }
    return file;
  }

  private static void shows(Result result, String text) {
    assertTrue(result.out().contains(text), () -> "no \"" + text + "\" in stdout of " + result);
  }

  @Test
  void whatACheckCouldNotLookAtIsToldOfCopies() throws Exception {
    Path file = foreign();
    Path copy = directory.resolve("copy.db");
    Result asked = Cli.run("backup", file, copy, "--verify", "full").exits(3);
    asked.says("not checked: ").says("own");
    shows(asked, "but for what it could not look at");
    assertTrue(Files.readString(Db.sibling(copy, ".json")).contains("\"checkComplete\":false"));
    Cli.run("backup", file, directory.resolve("quiet.db")).exits(0).says("note: not checked: ");
    Cli.run("copy", file, directory.resolve("other.db"), "--verify", "full").exits(3);
    Cli.run("restore", "--drill", copy).exits(3).says("not checked: ");
    assertTrue(
        String.valueOf(Cli.run("backup", "--json", file, directory.resolve("j.db")).exits(0).json())
            .contains("complete=false"));
  }

  /** A virtual table whose module or tokenizer only its own program has. */
  private Path withVirtual(String made, String changed) {
    Path file =
        Db.create(
            directory,
            "virtual.db",
            "CREATE TABLE u(id INTEGER PRIMARY KEY, v)",
            "CREATE VIRTUAL TABLE f USING " + made);
    Damage.sql(
        file,
        "UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE f USING "
            + changed
            + "' WHERE name = 'f'");
    return file;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "fts5(x); own_texts(x); own_texts",
        "fts5(x); fts5(x, tokenize=own_words); own_words",
        "fts5(x, content=\"\"); fts5(x, content=\"\", tokenize=own_words); own_words",
        "fts5(v, content=u, content_rowid=id); fts5(v, content=u, content_rowid=id,"
            + " tokenize=own_words); own_words",
        "fts4(x); fts4(x, tokenize=own_words); own_words",
        "fts3(x); fts3(x, tokenize=own_words); own_words",
        "fts4(content=\"u\", v); fts4(content=\"u\", v, tokenize=own_words); own_words"
      })
  void virtualTablesOfAnotherProgramAreTold(String made, String changed, String missing) {
    Path file = withVirtual(made, changed);
    Result check = Cli.run("integrity-check", file).exits(3);
    shows(check, "virtual table f could not be checked");
    shows(check, missing);
    assertFalse(check.out().contains("SQL logic error"), check.out());
    Path copy = directory.resolve("copy.db");
    Cli.run("backup", file, copy, "--verify", "full").exits(3).says(missing);
    Cli.run("restore", "--drill", copy).exits(3).says(missing);
    Cli.run("copy", file, directory.resolve("quick.db")).exits(0).says("note: not checked: ");
    Cli.command("shell", file).input(".check\n").run().exits(3).says("could not be checked");
    Cli.run("read", file, "SELECT 1 FROM f WHERE f MATCH 'x'").exits(1).says("--load-extension");
  }

  private Path withNul() throws Exception {
    Path file =
        Db.create(
            directory,
            "nul.db",
            "CREATE TABLE t(a INT CHECK(a > 0))",
            "CREATE VIRTUAL TABLE ft USING fts5(x)",
            "CREATE INDEX i ON t(a + 1)",
            "INSERT INTO t VALUES(1)");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      Db.execute(connection, "PRAGMA writable_schema=ON");
      Db.execute(
          connection,
          "UPDATE sqlite_schema SET sql = sql || char(0) || 'junk)' WHERE name IN ('t', 'ft',"
              + " 'i')");
    }
    return file;
  }

  @Test
  void schemaTextEndsAtItsNul() throws Exception {
    Path file = withNul();
    Cli.run("integrity-check", file).exits(0);
    shows(Cli.run("doctor", file).exits(3), "has no primary key");
    Cli.run("backup", file, directory.resolve("b.db"), "--verify", "full").exits(0);
    Cli.run("write", file, "INSERT INTO t VALUES(2)", "--changeset", directory.resolve("c"));
    String schema = Cli.command("shell", file).input(".schema\n").run().exits(0).out();
    assertFalse(schema.contains("junk"), schema);
  }

  @Test
  void foreignKeysAreProblemsNotesOrNothing() {
    Path file =
        Db.create(
            directory,
            "fossil.db",
            "PRAGMA foreign_keys=OFF",
            "CREATE TABLE c(p REFERENCES p(id))",
            "CREATE TABLE p(id INTEGER PRIMARY KEY)",
            "INSERT INTO c VALUES(7),(8)");
    Cli.run("integrity-check", file).exits(14).says("--foreign-keys note");
    shows(Cli.run("integrity-check", file, "--foreign-keys", "note").exits(0), "2 rows refer");
    Cli.run("integrity-check", file, "--foreign-keys", "off").exits(0);
    Cli.run("backup", file, directory.resolve("a.db")).exits(3).says("--foreign-keys note");
    Path quiet = directory.resolve("b.db");
    Cli.run("backup", file, quiet, "--foreign-keys", "note").exits(0);
    Cli.run("integrity-check", quiet).exits(0); // as its manifest says
    Cli.run("restore", "--drill", quiet).exits(0);
  }

  @Test
  void hintsSayWhatHelps() throws Exception {
    Path file =
        Db.create(
            directory,
            "i.db",
            "CREATE TABLE t(a, b)",
            "CREATE INDEX i ON t(a)",
            "INSERT INTO t VALUES(1, 2),(3, 4)");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      Db.execute(connection, "PRAGMA writable_schema=ON");
      Db.execute(connection, "CREATE TABLE keep(type, name, tbl_name, rootpage, sql)");
      Db.execute(connection, "INSERT INTO keep SELECT * FROM sqlite_schema WHERE name='i'");
      Db.execute(connection, "DELETE FROM sqlite_schema WHERE name='i'");
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      Db.execute(connection, "INSERT INTO t VALUES(5, 6)");
      Db.execute(connection, "PRAGMA writable_schema=ON");
      Db.execute(connection, "INSERT INTO sqlite_schema SELECT * FROM keep");
    }
    Cli.run("integrity-check", file).exits(14).says("REINDEX");
    Cli.run("backup", file, directory.resolve("x.db"), "--verify", "full")
        .exits(14)
        .says("REINDEX");
    Cli.run("write", file, "REINDEX").exits(0);
    Cli.run("integrity-check", file).exits(0);
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.write(new byte[4096]);
    }
    Result zeroed = Cli.run("read", file, "SELECT 1 FROM t").exits(10).says("zeros");
    assertFalse(zeroed.err().contains("encrypted"), zeroed.err());
    Path trigger =
        Db.create(
            directory,
            "t.db",
            "CREATE TABLE t(a)",
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT own_function(1); END");
    Result broken =
        Cli.run("write", trigger, "INSERT INTO t VALUES(1)").exits(1).says("own_function");
    assertFalse(broken.err().contains("DROP TRIGGER"), broken.err());
    Result doctor = Cli.run("doctor", trigger);
    shows(doctor, "own_function");
    assertFalse(doctor.out().contains("DROP TRIGGER"));
  }

  @Test
  void adviceOnIndexesIsSqlitesOwn() {
    Path file =
        Db.create(
            directory,
            "l.db",
            "CREATE TABLE p(a TEXT COLLATE NOCASE PRIMARY KEY)",
            "CREATE TABLE c(id INTEGER PRIMARY KEY, b REFERENCES p(a))",
            "CREATE INDEX c_b ON c(b)",
            "CREATE TABLE d(id INTEGER PRIMARY KEY, b COLLATE NOCASE REFERENCES p(a))",
            "CREATE INDEX d_b ON d(b) WHERE b IS NOT NULL");
    Result doctor = Cli.run("doctor", file).exits(3);
    shows(doctor, "\"c\"(\"b\" COLLATE NOCASE)");
    assertFalse(doctor.out().contains("d_b"), doctor.out());
    String lint = Cli.command("shell", file).input(".lint fkey-indexes\n").run().exits(0).out();
    assertEquals("CREATE INDEX c_b ON c(b COLLATE NOCASE); --> p(a)\n", lint);
  }

  @Test
  void exportTellsWhatItCannotHold() throws Exception {
    Path file =
        Db.create(
            directory,
            "e.db",
            "CREATE TABLE n(a PRIMARY KEY, b)",
            "CREATE TABLE p(x)",
            "CREATE TABLE d(a INTEGER PRIMARY KEY DESC, b)",
            "CREATE VIRTUAL TABLE ft USING fts5(x)");
    Path base = Files.copy(file, directory.resolve("base.db"));
    Path out = directory.resolve("e.changeset");
    Cli.run("changeset", "export", file, "--since", base, "-o", out).exits(0);
    for (String change :
        List.of(
            "INSERT INTO n VALUES(NULL, 1)",
            "INSERT INTO p VALUES(1)",
            "INSERT INTO d VALUES(NULL, 1)",
            "INSERT INTO ft VALUES('x')")) {
      Path changed = Files.copy(base, directory.resolve("changed.db"));
      Cli.run("write", changed, change).exits(0);
      for (String pages : List.of("--no-pages", "--verify")) {
        Cli.run("changeset", "export", changed, "--since", base, "-o", out, pages)
            .exits(3)
            .says("left out: " + change.split(" ")[2].replaceAll("\\(.*", ""));
      }
      Path none = directory.resolve("none");
      Cli.run("changeset", "export", changed, "--since", base, "-o", none, "--require-complete")
          .exits(13);
      assertFalse(Files.exists(none));
      Files.delete(changed);
    }
    Cli.run("write", file, "ALTER TABLE n ADD COLUMN c", "--changeset", out).exits(3);
  }

  @Test
  void aForeignCollationStopsNoOtherTable() throws Exception {
    Path file = foreign();
    Path copy = Files.copy(file, directory.resolve("copy.db"));
    Path out = directory.resolve("c.changeset");
    for (String method : List.of("triggers", "diff", "auto")) {
      Cli.run("write", file, "UPDATE u SET v = v + 1", "--changeset", out, "--capture", method)
          .exits(0);
    }
    Path all = directory.resolve("all.changeset");
    Cli.run("changeset", "export", file, "--since", copy, "-o", all).exits(0);
    Cli.run("changeset", "apply", copy, all).exits(0);
    assertEquals(4, Db.integer(copy, "SELECT v FROM u"));
    for (String way : List.of("--no-pages", "--verify")) {
      Files.delete(all);
      Cli.run("changeset", "export", file, "--since", copy, "-o", all, way).exits(0);
    }
  }

  /** SQLite reads nothing of such a table: "no query solution". */
  @Test
  void aTableThatIsAForeignIndexIsLeftOutByName() throws Exception {
    Path file =
        Db.create(
            directory,
            "w.db",
            "CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
            "CREATE TABLE u(id INTEGER PRIMARY KEY, v)",
            "INSERT INTO w VALUES('a', 1)",
            "INSERT INTO u VALUES(1, 1)");
    Path copy = Files.copy(file, directory.resolve("copy.db"));
    Cli.run("write", file, "UPDATE u SET v = 2; INSERT INTO w VALUES('b', 1)").exits(0);
    for (Path each : List.of(file, copy)) {
      Damage.sql(
          each,
          "UPDATE sqlite_schema SET sql ="
              + " 'CREATE TABLE w(k TEXT COLLATE own PRIMARY KEY, v) WITHOUT ROWID' WHERE name = 'w'");
    }
    Path out = directory.resolve("w.changeset");
    for (String way : List.of("--patchset", "--no-pages", "--verify")) {
      Files.deleteIfExists(out);
      Cli.run("changeset", "export", file, "--since", copy, "-o", out, way)
          .exits(3)
          .says("left out: w: it needs a collation");
    }
    Files.delete(out);
    Cli.run("changeset", "export", file, "--since", copy, "-o", out, "--exclude", "w").exits(0);
    Cli.run("changeset", "apply", copy, out).exits(0);
    assertEquals(2, Db.integer(copy, "SELECT v FROM u"));
    for (String method : List.of("triggers", "diff", "auto")) {
      Files.deleteIfExists(out);
      Cli.run("write", file, "UPDATE u SET v = v + 1", "--changeset", out, "--capture", method)
          .exits(0);
    }
  }

  @Test
  void staleIndexesAreTold() throws Exception {
    Path file =
        Db.create(
            directory,
            "s.db",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, x, y)",
            "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1)",
            "CREATE VIRTUAL TABLE f USING fts4(content='t', x)",
            "CREATE TRIGGER ri AFTER INSERT ON t BEGIN INSERT INTO r VALUES(new.id,new.y,new.y);"
                + " END",
            "CREATE TRIGGER fi AFTER INSERT ON t BEGIN INSERT INTO f(docid, x) VALUES(new.id,"
                + " new.x); END",
            "INSERT INTO t VALUES(1, 'one', 1)");
    Path copy = Files.copy(file, directory.resolve("copy.db"));
    Path out = directory.resolve("s.changeset");
    Cli.run("write", file, "INSERT INTO t VALUES(2, 'two', 2)", "--changeset", out).exits(0);
    Path rebuilt = Files.copy(copy, directory.resolve("rebuilt.db"));
    Result told = Cli.run("changeset", "apply", copy, out, "--triggers", "off").exits(3);
    told.says("r may no longer agree").says("ri").says("full-text index f");
    Result again =
        Cli.run("changeset", "apply", rebuilt, out, "--triggers", "off", "--rebuild").exits(3);
    again.says("r may no longer agree");
    shows(again, "built again: f");
    assertEquals(1, Db.integer(rebuilt, "SELECT count(*) FROM f WHERE f MATCH 'two'"));
    Cli.run("integrity-check", rebuilt).exits(0);
  }

  @Test
  void anIndexOverAnotherProgramsFunctionIsANote() {
    Path file =
        Db.create(
            directory,
            "v.db",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, x)",
            "CREATE VIEW v AS SELECT id, own_title(x) AS x FROM t",
            "CREATE VIRTUAL TABLE f USING fts5(x, content='v', content_rowid='id')");
    Path copy = directory.resolve("copy.db");
    Cli.run("copy", file, copy, "--no-manifest");
    Path out = directory.resolve("v.changeset");
    Cli.run("write", file, "INSERT INTO t VALUES(2, 'two')", "--changeset", out).exits(0);
    Cli.run("changeset", "apply", copy, out).exits(0).says("could not be compared");
    assertEquals(1, Db.integer(copy, "SELECT count(*) FROM t"));
  }

  @Test
  void showAsSqlInABatch() {
    Path file = Db.create(directory, "b.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
    Path out = directory.resolve("b.changeset");
    Cli.run("write", file, "INSERT INTO t VALUES(2, 'two')", "--changeset", out).exits(0);
    Result answers =
        Cli.command("batch")
            .input(
                "{\"changeset show\":\""
                    + out
                    + "\",\"db\":\""
                    + file
                    + "\",\"sql\":true}\n{\"read\":[\""
                    + file
                    + "\",\"SELECT '\\ud83d'\"]}\n")
            .run();
    shows(answers, "INSERT INTO \\\"t\\\"");
    shows(answers, "half a surrogate pair");
  }

  @Test
  void statisticsWithoutAnIndexAreThereAlready() throws Exception {
    Path file =
        Db.create(
            directory,
            "st.db",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, x)",
            "INSERT INTO t VALUES(1,1)");
    Path copy = Files.copy(file, directory.resolve("copy.db"));
    Path out = directory.resolve("st.changeset");
    Cli.run("write", file, "ANALYZE").exits(0);
    Cli.run("write", copy, "CREATE TABLE z(a); ANALYZE; DROP TABLE z; DELETE FROM sqlite_stat1")
        .exits(0);
    Path base = Files.copy(copy, directory.resolve("base.db"));
    Cli.run("changeset", "export", file, "--since", base, "-o", out).exits(0);
    Cli.run("changeset", "apply", copy, out).exits(0);
    Cli.run("changeset", "apply", copy, out, "--ignore-noop", "--allow-nothing").exits(0);
  }

  @Test
  void columnsWithBlanksAreBound() throws Exception {
    Path file = Db.create(directory, "r.db", "CREATE TABLE t(a)");
    Path csv = Files.writeString(directory.resolve("r.csv"), "unit price,x\n5,1\n");
    Cli.run("write", file, "INSERT INTO t VALUES(:unit_price)", "--rows", csv).exits(0);
    assertEquals(5, Db.integer(file, "SELECT a FROM t"));
  }

  @Test
  void aDumpIsLoadedAndNothingElse() throws Exception {
    Path file =
        Db.create(
            directory,
            "d.db",
            "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, x)",
            "INSERT INTO t(x) VALUES('it''s'||char(10))",
            "CREATE VIRTUAL TABLE ft USING fts5(x)",
            "INSERT INTO ft VALUES('hello')",
            "CREATE TABLE gone(a INTEGER PRIMARY KEY AUTOINCREMENT)",
            "DROP TABLE gone");
    Path dump = directory.resolve("d.sql");
    Files.writeString(
        dump, Cli.command("shell", file, "--read-only").input(".dump\n").run().exits(0).out());
    Path loaded = directory.resolve("loaded.db");
    Cli.run("write", "--create", loaded, "-f", dump).exits(0);
    assertEquals(1, Db.integer(loaded, "SELECT count(*) FROM ft WHERE ft MATCH 'hello'"));
    Cli.run("integrity-check", loaded).exits(0);
    Path missing = directory.resolve("missing.db");
    String head = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n";
    String row = "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES";
    for (String bad :
        List.of(
            head + "CREATE TABLE a(x);\n",
            head + "CREATE TABLE a(x);\nROLLBACK; -- due to errors\n",
            head + "PRAGMA writable_schema=ON;\nUPDATE sqlite_schema SET sql='';\nCOMMIT;\n",
            head
                + "PRAGMA writable_schema=ON;\n"
                + row
                + "('table','a','a',0,'CREATE TABLE a(x)');\nCOMMIT;\n",
            head
                + "PRAGMA writable_schema=ON;\n"
                + row
                + "('table','a','b',0,'CREATE VIRTUAL TABLE a USING fts5(x)');\nCOMMIT;\n",
            head
                + "PRAGMA writable_schema=ON;\n"
                + row
                + "('table','a','a',3,'CREATE VIRTUAL TABLE a USING fts5(x)');\nCOMMIT;\n",
            "PRAGMA writable_schema=ON;\n",
            "PRAGMA foreign_keys=OFF;\nCREATE TABLE a(x);\n")) {
      Path sql = Files.writeString(directory.resolve("bad.sql"), bad);
      Result result = Cli.run("write", "--create", missing, "-f", sql);
      assertTrue(result.exit() == 1 || result.exit() == 2, bad + result);
      assertFalse(Files.exists(missing), bad);
    }
  }
}
