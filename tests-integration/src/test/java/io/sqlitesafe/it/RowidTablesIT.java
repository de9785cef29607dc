package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Oracle;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changesets of tables without PRIMARY KEY, whose rows their rowids tell apart. */
class RowidTablesIT {
  private static final String CHANGES =
      "UPDATE log SET n=n+1 WHERE rowid=5; DELETE FROM log WHERE what='b';"
          + " INSERT INTO log VALUES('new', NULL); UPDATE log SET rowid=-3 WHERE what='a';"
          + " INSERT INTO stock VALUES(2, 'nut')";

  @TempDir Path directory;
  private Path database;
  private Path replica;
  private Path changeset;

  @BeforeEach
  void make() throws IOException {
    database =
        Db.create(
            directory,
            Db.AWKWARD,
            "CREATE TABLE log(what TEXT, n INT)",
            "INSERT INTO log(rowid, what, n) VALUES(1, 'a', 1), (5, 'e', 2), (9000000000, 'b', 3)",
            "CREATE TABLE stock(id INTEGER PRIMARY KEY, item)",
            "INSERT INTO stock VALUES(1, 'bolt')");
    replica = Files.copy(database, directory.resolve("replica.db"));
    changeset = directory.resolve("a change's set");
  }

  private static List<String> rows(Path file) {
    return Db.column(
        file,
        "SELECT rowid||what||coalesce(n, '-') FROM log UNION ALL SELECT id||item FROM stock"
            + " ORDER BY 1");
  }

  private void capture() {
    Cli.run("write", database, CHANGES, "--changeset", changeset, "--rowid-tables").exits(0);
  }

  @Test
  void capturedAppliedAndUndone() {
    List<String> before = rows(database);
    capture();
    assertEquals("-3a1", rows(database).get(0));
    Result refused = Cli.run("changeset", "apply", replica, changeset).exits(13);
    refused.says("--rowid-tables");
    assertEquals(before, rows(replica));
    Cli.run("changeset", "verify", changeset, "--db", replica).exits(13);
    Cli.run("changeset", "verify", changeset, "--db", replica, "--rowid-tables").exits(0);
    Cli.run("changeset", "apply", replica, changeset, "--rowid-tables").exits(0);
    assertEquals(rows(database), rows(replica));
    Cli.run("changeset", "apply", replica, changeset, "--rowid-tables", "--invert").exits(0);
    assertEquals(before, rows(replica));
    Db.assertNoLeftovers(replica);
  }

  @Test
  void bothMethodsAgreeAndPatchsetsDoToo() {
    Path patchset = directory.resolve("patchset");
    Cli.run(
            "write",
            database,
            CHANGES,
            "--patchset",
            patchset,
            "--rowid-tables",
            "--verify-capture",
            "--require-complete")
        .exits(0);
    Cli.run("changeset", "apply", replica, patchset, "--rowid-tables").exits(0);
    assertEquals(rows(database), rows(replica));
  }

  /** Without the option they are left out as ever, and it is told. */
  @Test
  void offByDefault() throws IOException {
    Path plain = directory.resolve("plain");
    Cli.run("write", database, "--changeset", plain, CHANGES).exits(0).says("no PRIMARY KEY");
    Path exported = directory.resolve("exported");
    Cli.run("changeset", "export", database, "--since", replica, "-o", exported).exits(3);
    assertEquals(
        List.of("2nut"), List.of(Db.column(database, "SELECT id||item FROM stock").get(1)));
    Cli.run("write", database, "DELETE FROM log", "--rowid-tables").exits(2);
    assertTrue(Files.size(plain) < 40, "only stock is in it");
  }

  @Test
  void exportedByRowidItMakesTheSame() throws IOException {
    capture();
    Path exported = directory.resolve("exported");
    Path base = Files.copy(replica, directory.resolve("base.db"));
    for (String pages : List.of("--quiet", "--no-pages")) {
      Cli.run(
              "changeset",
              "export",
              database,
              "--since",
              base,
              "-o",
              exported,
              "--rowid-tables",
              "--verify",
              "--require-complete",
              pages)
          .exits(0);
      assertEquals(-1, Files.mismatch(changeset, exported));
    }
  }

  @Test
  void theLibraryMakesAndTakesTheSame() throws IOException {
    try (Oracle oracle = Oracle.orSkip()) {
      assumeTrue(oracle.knowsRowids());
      byte[] start = Files.readAllBytes(replica);
      capture();
      List<String> sql = List.of(("BEGIN; " + CHANGES + "; COMMIT").split("; "));
      byte[] theirs = oracle.capture(start, sql, true).changeset();
      Path file = directory.resolve("theirs");
      Files.write(file, theirs);
      Path one = directory.resolve("one");
      Path two = directory.resolve("two");
      Cli.run("changeset", "concat", file, "-o", one).exits(0); // in canonical order
      Cli.run("changeset", "concat", changeset, "-o", two).exits(0);
      assertEquals(-1, Files.mismatch(one, two));
      Map<String, String> abort =
          Map.of(
              "data",
              "abort",
              "notfound",
              "abort",
              "conflict",
              "abort",
              "constraint",
              "abort",
              "foreign-key",
              "abort");
      Oracle.Applied applied =
          oracle.apply(start, Files.readAllBytes(changeset), abort, List.of(), 0);
      assertEquals(0, applied.rc());
      Path result = directory.resolve("applied.db");
      Files.write(result, applied.database());
      assertEquals(rows(database), rows(result));
    }
  }

  @Test
  void invertConcatAndRebase() {
    List<String> before = rows(database);
    capture();
    Path second = directory.resolve("second");
    Cli.run(
            "write",
            database,
            "UPDATE log SET n=70 WHERE rowid=5; DELETE FROM log WHERE rowid=-3",
            "--changeset",
            second,
            "--rowid-tables")
        .exits(0);
    Path both = directory.resolve("both");
    Cli.run("changeset", "concat", changeset, second, "-o", both).exits(0);
    Cli.run("changeset", "apply", replica, both, "--rowid-tables").exits(0);
    assertEquals(rows(database), rows(replica));
    Path inverse = directory.resolve("inverse");
    Cli.run("changeset", "invert", both, "-o", inverse).exits(0);
    Cli.run("changeset", "apply", replica, inverse, "--rowid-tables").exits(0);
    assertEquals(before, rows(replica));

    // Another site changed the same row meanwhile.
    Path local = directory.resolve("local");
    Path resolved = directory.resolve("resolved");
    Path rebased = directory.resolve("rebased");
    Cli.run(
            "write",
            replica,
            "UPDATE log SET n=8, what='E' WHERE rowid=5",
            "--changeset",
            local,
            "--rowid-tables")
        .exits(0);
    Cli.run(
            "changeset",
            "apply",
            replica,
            both,
            "--rowid-tables",
            "--on-conflict",
            "omit",
            "--rebase-out",
            resolved)
        .exits(0);
    Cli.run("changeset", "rebase", local, "--using", resolved, "-o", rebased).exits(0);
    Cli.run("changeset", "apply", database, rebased, "--rowid-tables").exits(0);
    assertEquals(rows(replica), rows(database));
  }

  /** Rows that rowids tell apart and rows that a key does are no one changeset. */
  @Test
  void notTogetherWithOtherKeys() {
    capture();
    Path keyed = directory.resolve("keyed");
    Path other = Db.create(directory, "other.db", "CREATE TABLE log(what TEXT PRIMARY KEY, n INT)");
    Cli.run("write", other, "INSERT INTO log VALUES('x', 1)", "--changeset", keyed).exits(0);
    Path both = directory.resolve("both");
    Cli.run("changeset", "concat", changeset, keyed, "-o", both).exits(13).says("another key");
    Cli.run("changeset", "rebase", changeset, "--using", keyed, "-o", both)
        .exits(13)
        .says("another key");
    assertFalse(Files.exists(both));
    Cli.run("changeset", "apply", other, changeset, "--rowid-tables").exits(13);
  }

  /** Nothing could name the rowid of such a table to SQLite's own apply. */
  @Test
  void aColumnOfThatNameHidesIt() {
    Path hidden =
        Db.create(directory, "hidden.db", "CREATE TABLE t(a, _RowId_)", "CREATE TABLE u(oid, a)");
    String sql = "INSERT INTO t VALUES(1, 2); INSERT INTO u VALUES(3, 4)";
    Result result =
        Cli.run("write", hidden, sql, "--changeset", changeset, "--rowid-tables", "--json")
            .exits(0);
    assertTrue(result.out().contains("\"table\":\"t\""), result::toString);
    Result shown = Cli.run("changeset", "show", changeset, "--db", hidden).exits(0);
    assertTrue(shown.out().contains("_rowid_"), shown::toString);
    assertEquals(
        13,
        Cli.run(
                "write",
                hidden,
                sql,
                "--changeset",
                changeset,
                "--rowid-tables",
                "--require-complete")
            .exit());
  }

  @Test
  void theShellCapturesAndUndoes() {
    List<String> before = rows(database);
    Path log = directory.resolve("log");
    String capture = ".capture on \"" + log + "\" --rowid-tables\n";
    Cli.command("shell", database)
        .input(capture + "DELETE FROM log WHERE n=1;\n.undo\n")
        .run()
        .exits(0);
    assertEquals(before, rows(database));
  }

  @Test
  void vacuumIntoSaysThatRowidsMayChange() {
    Cli.run("vacuum-into", database, directory.resolve("compact.db"))
        .exits(0)
        .says("log")
        .says("--rowid-tables");
    Path keyed = Db.create(directory, "keyed.db", "CREATE TABLE t(a PRIMARY KEY)");
    assertFalse(
        Cli.run("vacuum-into", keyed, directory.resolve("compact2.db"))
            .exits(0)
            .toString()
            .contains("rowid"));
  }
}
