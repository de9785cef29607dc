package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recovery where something is scarce, odd, or in use. */
class RecoverEdgesIT {
  @TempDir Path directory;

  private Path made() {
    return directory.resolve("made.db");
  }

  private Map<String, Object> recover(int exit, Path db, String... options) {
    return command(db, options).run().exits(exit).json();
  }

  private Program command(Path db, String... options) {
    Object[] words = new Object[options.length + 5];
    words[0] = "recover";
    words[1] = "--json";
    words[2] = db;
    words[3] = "-o";
    words[4] = made();
    System.arraycopy(options, 0, words, 5, options.length);
    return Cli.command(words);
  }

  private static String count(int to) {
    return "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < " + to + ")";
  }

  // ---- others use it ---------------------------------------------------------------------------

  @Test
  void besideAProgramThatWritesTheStateMayBeMixed() throws SQLException, IOException {
    Path db = Db.counter(directory);
    try (Connection other = Db.open(db, "rw")) {
      Db.execute(other, "BEGIN EXCLUSIVE");
      Map<String, Object> report = recover(3, db, "--wait", "100ms");
      assertEquals(true, report.get("mixed"), report::toString);
      Db.execute(other, "ROLLBACK");
    }
    Files.delete(made());
    assertEquals(false, recover(0, db).get("mixed"));
  }

  /** What comes after a broken frame was committed, and cannot be used. */
  @Test
  void aLogThatIsDamagedInTheMiddle() throws SQLException, IOException {
    Path db = Db.counter(directory);
    Path copy = directory.resolve("copy.db");
    Path log = directory.resolve("copy.db-wal");
    try (Connection writer = Db.open(db, "rw")) {
      Db.execute(writer, "PRAGMA journal_mode=WAL");
      Db.execute(writer, "CREATE TABLE t(a)");
      for (int i = 0; i < 9; i++) {
        Db.execute(writer, "INSERT INTO t VALUES(" + i + ")");
      }
      Files.copy(db, copy);
      Files.copy(Db.sibling(db, "-wal"), log);
    }
    Damage.write(log, Files.size(log) - 3 * 4120 + 100, (byte) 99, (byte) 98);
    Map<String, Object> report = recover(3, copy);
    assertEquals(false, report.get("logComplete"));
    assertTrue(report.get("notes").toString().contains("3 transactions"), report::toString);
    assertEquals(6, Db.integer(made(), "SELECT count(*) FROM t"));
  }

  // ---- the header ------------------------------------------------------------------------------

  private Path withSettings() {
    return Db.create(
        directory,
        "settings.db",
        "PRAGMA auto_vacuum=FULL",
        "CREATE TABLE t(a)",
        count(500) + " INSERT INTO t SELECT 'row ' || x FROM c",
        "PRAGMA user_version=12",
        "PRAGMA application_id=4711");
  }

  /** Each byte counts that still has its place. */
  @Test
  void whatIsLeftOfTheHeaderIsUsed() {
    for (int gone : new int[] {16, 20, 40}) {
      Path db = withSettings();
      Damage.write(db, 0, new byte[gone]);
      Map<String, Object> report = recover(0, db);
      assertEquals(12, Db.integer(made(), "PRAGMA user_version"), report::toString);
      assertEquals(4711, Db.integer(made(), "PRAGMA application_id"), report::toString);
      assertEquals(1, Db.integer(made(), "PRAGMA auto_vacuum"), report::toString);
      assertEquals(500, Db.integer(made(), "SELECT count(*) FROM t"), report::toString);
      made().toFile().delete();
      db.toFile().delete();
    }
  }

  @Test
  void aLostHeaderIsSaid() {
    Path db = withSettings();
    Damage.write(db, 0, new byte[100]);
    Result result = Cli.run("recover", db, "-o", made()).exits(3);
    assertTrue(result.out().contains("user_version and application_id"), result::toString);
    assertEquals(500, Db.integer(made(), "SELECT count(*) FROM t"));
  }

  // ---- memory ----------------------------------------------------------------------------------

  /** Each fits into the memory, and all together do not. */
  @Test
  void manyLargeRows() {
    Path db =
        Db.create(
            directory,
            "large.db",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)",
            count(26) + " INSERT INTO t SELECT x, randomblob(6000000) FROM c");
    command(db).with("SQLITE_SAFE_JAVA_OPTS", "-Xmx64m").run().exits(0);
    assertEquals(26, Db.integer(made(), "SELECT count(*) FROM t WHERE length(b) = 6000000"));
  }

  @Test
  void aRowThatDoesNotFitIsSaidAndStopsNothing() {
    Path db =
        Db.create(
            directory,
            "huge.db",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, b BLOB)",
            "INSERT INTO t VALUES(1, 'huge', zeroblob(60000000)), (2, 'small', x'00')");
    Map<String, Object> report =
        command(db).with("SQLITE_SAFE_JAVA_OPTS", "-Xmx64m").run().exits(3).json();
    assertTrue(report.get("notes").toString().contains("-Xmx"), report::toString);
    assertEquals(List.of("small"), Db.column(made(), "SELECT name FROM t"));
    assertEquals(List.of("huge"), Db.column(made(), "SELECT c1 FROM lost_and_found"));
  }

  // ---- which table, and which rows
  // ---------------------------------------------------------------

  private static void loseRoots(Path db, String... tables) {
    for (String table : tables) {
      String root = "SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'";
      Damage.write(db, (Db.integer(db, root) - 1) * Damage.PAGE, new byte[Damage.PAGE]);
    }
  }

  /** Their leaves look alike and have the same rowids: no row may come into the other table. */
  @Test
  void twoTablesThatLookAlikeAreNotMixedUp() {
    Path db =
        Db.create(
            directory,
            "alike.db",
            "CREATE TABLE one(id INTEGER PRIMARY KEY, t TEXT)",
            "CREATE TABLE two(id INTEGER PRIMARY KEY, t TEXT)",
            count(2000) + " INSERT INTO one SELECT x, 'one ' || hex(randomblob(9)) FROM c",
            count(2000) + " INSERT INTO two SELECT x, 'two ' || hex(randomblob(12)) FROM c");
    loseRoots(db, "one", "two");
    recover(3, db);
    assertEquals(0, Db.integer(made(), "SELECT count(*) FROM one WHERE t GLOB 'two*'"));
    assertEquals(0, Db.integer(made(), "SELECT count(*) FROM two WHERE t GLOB 'one*'"));
    assertEquals(
        4000,
        Db.integer(
            made(),
            "SELECT (SELECT count(*) FROM one) + (SELECT count(*) FROM two)"
                + " + (SELECT count(*) FROM lost_and_found)"));
  }

  @Test
  void anIndexTellsThemApart() {
    Path db =
        Db.create(
            directory,
            "indexed.db",
            "CREATE TABLE one(id INTEGER PRIMARY KEY, t TEXT)",
            "CREATE TABLE two(id INTEGER PRIMARY KEY, t TEXT)",
            "CREATE INDEX one_t ON one(t)",
            "CREATE INDEX two_t ON two(t)",
            count(2000) + " INSERT INTO one SELECT x, 'one ' || hex(randomblob(9)) FROM c",
            count(2000) + " INSERT INTO two SELECT x, 'two ' || hex(randomblob(12)) FROM c");
    loseRoots(db, "one", "two");
    recover(3, db);
    assertEquals(2000, Db.integer(made(), "SELECT count(*) FROM one WHERE t GLOB 'one*'"));
    assertEquals(2000, Db.integer(made(), "SELECT count(*) FROM two WHERE t GLOB 'two*'"));
  }

  /** Their pages are unused, which nothing tells any more. */
  @Test
  void rowsOfADroppedTableDoNotComeBack() {
    Path db =
        Db.create(
            directory,
            "dropped.db",
            "CREATE TABLE one(id INTEGER PRIMARY KEY, t TEXT)",
            "CREATE TABLE old(id INTEGER PRIMARY KEY, t TEXT)",
            count(2000) + " INSERT INTO one SELECT x, 'one ' || hex(randomblob(9)) FROM c",
            count(2000) + " INSERT INTO old SELECT x + 9000, 'old ' || hex(randomblob(9)) FROM c",
            "DROP TABLE old");
    byte[] head = new byte[4];
    try (java.io.InputStream file = Files.newInputStream(db)) {
      file.skipNBytes(32);
      head = file.readNBytes(4);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    long trunk = java.nio.ByteBuffer.wrap(head).getInt();
    Damage.write(db, (trunk - 1) * Damage.PAGE, new byte[Damage.PAGE]);
    loseRoots(db, "one");
    recover(3, db);
    assertEquals(0, Db.integer(made(), "SELECT count(*) FROM one WHERE t GLOB 'old*'"));
  }

  @Test
  void rowsThatWereDeletedFromPagesThatAreUsed() {
    Path db =
        Db.create(
            directory,
            "deleted.db",
            "CREATE TABLE t(a INTEGER, b TEXT)",
            count(900) + " INSERT INTO t SELECT x, 'text ' || x FROM c",
            "DELETE FROM t WHERE a % 3 = 0");
    recover(0, db);
    assertEquals(0, Db.integer(made(), "SELECT count(*) FROM sqlite_schema WHERE name <> 't'"));
    made().toFile().delete();
    recover(0, db, "--deleted");
    assertEquals(600, Db.integer(made(), "SELECT count(*) FROM t"));
    String right = "SELECT count(*) FROM deleted_rows WHERE c1 = 'text ' || c0 AND c0 % 3 = 0";
    long found = Db.integer(made(), right);
    assertTrue(found >= 250, "only " + found);
    assertEquals(found, Db.integer(made(), "SELECT count(*) FROM deleted_rows"));
  }

  // ---- R-trees ---------------------------------------------------------------------------------

  private Path withTrees() {
    return Db.create(
        directory,
        "trees.db",
        "CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, y0, y1)",
        count(900) + " INSERT INTO box SELECT x, x, x + 1, x, x + 2 FROM c",
        "CREATE VIRTUAL TABLE named USING rtree(id, x0, x1, +name)",
        count(900) + " INSERT INTO named SELECT x, x, x + 5, 'n' || x FROM c");
  }

  private static void lose(Path db, String table) {
    for (String page : Db.column(db, "SELECT pageno FROM dbstat WHERE name = '" + table + "'")) {
      Damage.scramble(db, Long.parseLong(page));
    }
  }

  /** Nodes above the leaves are no rows. */
  @Test
  void anRTreeWithoutItsParents() {
    for (String lost : new String[] {"box_parent", "box_rowid"}) {
      Path db = withTrees();
      lose(db, lost);
      Map<String, Object> report = recover(3, db);
      assertEquals(900, Db.integer(made(), "SELECT count(*) FROM box"), report::toString);
      assertEquals(2, Db.integer(made(), "SELECT count(*) FROM box WHERE x0 <= 7 AND x1 >= 7"));
      Db.assertSound(made());
      made().toFile().delete();
      db.toFile().delete();
    }
  }

  @Test
  void anRTreeKeepsItsAuxiliaryColumns() {
    Path db = withTrees();
    Damage.scramble(db, Damage.page(db, "named_node", "leaf"));
    Map<String, Object> report = recover(3, db);
    long rows = Db.integer(made(), "SELECT count(*) FROM named");
    assertTrue(rows > 700 && rows < 900, report::toString);
    assertEquals(rows, Db.integer(made(), "SELECT count(*) FROM named WHERE name = 'n' || id"));
    assertEquals(
        900 - rows,
        Db.integer(made(), "SELECT count(*) FROM named_lost WHERE a0 = 'n' || \"rowid\""));
    Db.assertSound(made());
  }

  @Test
  void auxiliaryColumnsThatAreLostAreNull() {
    Path db = withTrees();
    Damage.scramble(db, Damage.page(db, "named_rowid", "leaf"));
    Map<String, Object> report = recover(3, db);
    assertEquals(900, Db.integer(made(), "SELECT count(*) FROM named"), report::toString);
    long lost = Db.integer(made(), "SELECT count(*) FROM named WHERE name IS NULL");
    assertTrue(report.get("notes").toString().contains("of " + lost + " rows"), report::toString);
    assertFalse(lost == 0 || lost == 900, report::toString);
    Db.assertSound(made());
  }
}
