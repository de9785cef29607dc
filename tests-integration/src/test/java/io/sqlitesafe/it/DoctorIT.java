package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Bank;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Advice on databases that have something to be advised on, and silence on the others. */
class DoctorIT {
  private static final String OWNED = "PRAGMA application_id=77";

  @TempDir Path directory;

  private Path db(String... sql) {
    Path file = Db.create(directory, Db.AWKWARD, OWNED);
    try (Connection connection = Db.open(file, "rw")) {
      for (String each : sql) {
        Db.execute(connection, each);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return file;
  }

  /** Each as "topic subject: message", without notes. */
  private static List<String> advice(Path db, int exit) {
    Map<String, Object> result = Cli.run("doctor", "--json", db).exits(exit).json();
    assertEquals(exit == 0, result.get("ok"));
    return ((List<?>) result.get("advice"))
        .stream()
            .map(each -> (Map<?, ?>) each)
            .filter(each -> !each.get("topic").equals("note"))
            .map(each -> each.get("topic") + " " + each.get("subject") + ": " + each.get("message"))
            .toList();
  }

  private static void assertAdvised(List<String> advice, String... fragments) {
    assertEquals(fragments.length, advice.size(), advice::toString);
    for (int i = 0; i < fragments.length; i++) {
      assertTrue(advice.get(i).contains(fragments[i]), advice.get(i));
    }
  }

  @Test
  void nothingToAdvise() {
    Path db =
        db(
            "CREATE TABLE p(id INTEGER PRIMARY KEY, a, b, UNIQUE(b, a))",
            "CREATE TABLE \"it's \"\"q\"\"\"(id INTEGER PRIMARY KEY, g AS (id + 1), p INTEGER"
                + " REFERENCES p)",
            "CREATE INDEX i ON \"it's \"\"q\"\"\"(P, id)",
            "CREATE TABLE extends(id INTEGER PRIMARY KEY REFERENCES p)",
            "CREATE TABLE pair(x, y, PRIMARY KEY(x, y), FOREIGN KEY(y, x) REFERENCES p(a, b))"
                + " WITHOUT ROWID",
            "CREATE VIEW v AS SELECT id, a FROM p",
            "CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO p(a) VALUES(new.a); END",
            "CREATE TRIGGER pu AFTER UPDATE OF a ON p WHEN new.a > 1 BEGIN SELECT raise(ABORT,"
                + " 'no'); END",
            "CREATE VIRTUAL TABLE ft USING fts5(a, content='p', content_rowid='id')",
            "CREATE TRIGGER pi AFTER INSERT ON p BEGIN INSERT INTO ft(rowid, a) VALUES(new.id,"
                + " new.a); END",
            "CREATE TRIGGER pd AFTER DELETE ON p BEGIN INSERT INTO ft(ft, rowid, a)"
                + " VALUES('delete', old.id, old.a); END",
            "INSERT INTO p VALUES(1, 'one', 2)");
    String before = Db.sha256(db);
    assertAdvised(advice(db, 0));
    assertEquals(before, Db.sha256(db));
    Db.assertNoLeftovers(db);
  }

  @Test
  void saysSo() {
    Path db = db("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    assertTrue(Cli.run("doctor", db).exits(0).out().endsWith("nothing to advise\n"));
  }

  @Test
  void triggersThatCannotRun() {
    Path db =
        db(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a)",
            "CREATE TABLE log(id INTEGER PRIMARY KEY, a)",
            "CREATE TABLE gone(a)",
            "CREATE VIEW v AS SELECT a FROM t",
            "CREATE TRIGGER t1 AFTER INSERT ON t BEGIN INSERT INTO log(a) VALUES(new.a); END",
            "CREATE TRIGGER t2 AFTER INSERT ON t BEGIN INSERT INTO gone VALUES(new.a); END",
            "CREATE TRIGGER t3 BEFORE UPDATE OF a ON t BEGIN UPDATE log SET b = new.a; END",
            "CREATE TRIGGER t4 AFTER DELETE ON t BEGIN SELECT of_the_application(old.a); END",
            "CREATE TRIGGER v1 INSTEAD OF UPDATE ON v BEGIN UPDATE t SET a = new.missing; END",
            "DROP TABLE gone");
    assertAdvised(
        advice(db, 3),
        "trigger t2: cannot run, so what fires it on t fails: no such table: main.gone",
        "trigger t3: cannot run, so what fires it on t fails: no such column: b",
        "trigger t4: cannot run, so what fires it on t fails: no such function: of_the_application",
        "trigger v1: cannot run, so what fires it on v fails: no such column: new.missing");
  }

  @Test
  void foreignKeys() {
    Path db =
        db(
            "CREATE TABLE p(id INTEGER PRIMARY KEY, a, b)",
            "CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p, q REFERENCES p)",
            "CREATE INDEX partial ON c(p) WHERE p > 1",
            "CREATE INDEX second ON c(id, q)",
            "CREATE TABLE lost(id INTEGER PRIMARY KEY, x UNIQUE REFERENCES nowhere)",
            "CREATE TABLE wrong(id INTEGER PRIMARY KEY, a UNIQUE REFERENCES p(a))");
    List<String> advice = advice(db, 3);
    assertEquals(4, advice.size(), advice::toString);
    String all = String.join("\n", advice);
    assertTrue(all.contains("foreign-key c: no index serves \"p\": each DELETE from p"), all);
    assertTrue(all.contains("foreign-key c: no index serves \"q\""), all);
    assertTrue(all.contains("foreign-key lost: refers to the table nowhere"), all);
    assertTrue(all.contains("foreign-key wrong: foreign key mismatch"), all);
  }

  @Test
  void rowsAgainstTheRules() {
    Path db =
        db(
            "CREATE TABLE p(id INTEGER PRIMARY KEY, a)",
            "CREATE VIRTUAL TABLE ft USING fts5(a, content='p', content_rowid='id')",
            "INSERT INTO p VALUES(1, 'never indexed')",
            "CREATE TABLE c(id INTEGER PRIMARY KEY, p UNIQUE REFERENCES p)",
            "INSERT INTO c VALUES(1, 99)",
            "CREATE TABLE keyless(a)");
    List<String> advice = advice(db, 3);
    String all = String.join("\n", advice);
    assertEquals(3, advice.size(), all);
    assertTrue(all.contains("full-text ft: the full-text index ft does not match"), all);
    assertTrue(all.contains("foreign-key c: "), all);
    assertTrue(all.contains("changeset keyless: has no primary key"), all);
  }

  @Test
  void filesBeside() throws IOException, SQLException {
    Path db = db("PRAGMA journal_mode=wal", "CREATE TABLE t(id INTEGER PRIMARY KEY)");
    Files.setPosixFilePermissions(db, PosixFilePermissions.fromString("rw-rw----"));
    try (Connection open = Db.open(db, "rw")) {
      Db.execute(open, "INSERT INTO t VALUES(1)");
      Path wal = Db.sibling(db, "-wal");
      Files.setPosixFilePermissions(wal, PosixFilePermissions.fromString("rw-------"));
      Files.setPosixFilePermissions(
          Db.sibling(db, "-shm"), PosixFilePermissions.fromString("rw-rw----"));
      assertAdvised(advice(db, 3), "has the mode rw-------, the database rw-rw----");
      Files.setPosixFilePermissions(wal, PosixFilePermissions.fromString("rw-rw----"));
      assertAdvised(advice(db, 0));
    }
    Files.createLink(directory.resolve("other name.db"), db);
    assertAdvised(advice(db, 3), "has 2 names (hard links)");
  }

  @Test
  void freePages() {
    Path db =
        db(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, b)",
            "INSERT INTO t VALUES(1, zeroblob(3000000)), (2, zeroblob(1000000))",
            "DELETE FROM t WHERE id = 1");
    assertAdvised(advice(db, 3), "2 of 3 MiB are free pages");
  }

  @Test
  void damageComesFirst() throws IOException {
    Path db = Bank.create(directory, "bank.db", "delete", 1);
    Damage.scramble(db, Damage.page(db, "accounts", "leaf"));
    Result result = Cli.run("doctor", db).exits(14).says("damaged");
    assertTrue(result.out().contains("bank.db: damaged"), result::toString);
  }

  @Test
  void whatIsNoDatabase() throws IOException {
    Cli.run("doctor", directory.resolve("none.db")).exits(10);
    Cli.run("doctor", Files.writeString(directory.resolve("text"), "no database ".repeat(99)))
        .exits(10);
  }
}
