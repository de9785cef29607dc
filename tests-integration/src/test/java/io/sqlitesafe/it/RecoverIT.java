package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.Collation;

/** What is got out of databases that are damaged in ways that are known. */
class RecoverIT {
  private static final String[] CONTENT = {
    "PRAGMA application_id=4711",
    "PRAGMA user_version=12",
    "CREATE TABLE note(id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, weight REAL)",
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 4000) INSERT INTO"
        + " note(body, weight) SELECT printf('note %05d %s', x, hex(x * 7919)), x / 4.0 FROM c",
    "CREATE INDEX note_body ON note(body)",
    "CREATE TABLE word(w TEXT, n INTEGER, PRIMARY KEY(w, n)) WITHOUT ROWID",
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 2000)"
        + " INSERT INTO word SELECT 'w' || x, x FROM c",
    "CREATE TABLE plain(a, b)",
    "INSERT INTO plain VALUES(1, x'00ff'), (2.5, NULL), ('grüße', -9223372036854775808)",
    "INSERT INTO plain(rowid, a) VALUES(77, 'far')",
    "CREATE TABLE doc(id INTEGER PRIMARY KEY, body TEXT)",
    "INSERT INTO doc VALUES(1, 'a quiet night'), (2, 'the second document')",
    "CREATE VIRTUAL TABLE ft USING fts5(body)",
    "INSERT INTO ft SELECT body FROM doc",
    "CREATE VIRTUAL TABLE place USING rtree(id, x0, x1)",
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 300)"
        + " INSERT INTO place SELECT x, x, x + 0.5 FROM c",
    "CREATE VIEW heavy AS SELECT * FROM note WHERE weight > 900",
    "CREATE TRIGGER gone AFTER DELETE ON note BEGIN SELECT 1; END",
    "DELETE FROM note WHERE id > 3990"
  };

  @TempDir Path directory;
  private Path db;
  private Path made;

  @BeforeEach
  void make() {
    db = Db.create(directory, Db.AWKWARD, CONTENT);
    made = directory.resolve("made.db");
  }

  private Map<String, Object> recover(int exit, String... options) {
    Object[] words = new Object[options.length + 5];
    words[0] = "recover";
    words[1] = "--json";
    words[2] = db;
    words[3] = "-o";
    words[4] = made;
    System.arraycopy(options, 0, words, 5, options.length);
    return Cli.run(words).exits(exit).json();
  }

  private static Set<String> rows(Path file, String table) {
    return new TreeSet<>(
        Db.column(file, "SELECT rowid || '|' || quote(" + column(table) + ") FROM " + table));
  }

  private static String column(String table) {
    return table.equals("plain") ? "a) || quote(b" : table.equals("place") ? "x1" : "body";
  }

  private static Map<String, Object> table(Map<String, Object> report, String name) {
    for (Object each : (List<?>) report.get("tables")) {
      @SuppressWarnings("unchecked")
      Map<String, Object> table = (Map<String, Object>) each;
      if (table.get("table").equals(name)) {
        return table;
      }
    }
    throw new AssertionError("no table " + name + " in " + report);
  }

  private static String schema(Path file) {
    return String.join(
        "\n",
        Db.column(
            file,
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema"
                + " ORDER BY type, name"));
  }

  @Test
  void aSoundOneIsTheSameAfterwards() {
    Map<String, Object> report = recover(0);
    Db.assertNoLeftovers(db);
    assertEquals(true, report.get("complete"));
    assertEquals(schema(db), schema(made));
    for (String table : List.of("note", "plain", "doc", "ft", "place")) {
      assertEquals(rows(db, table), rows(made, table), table);
    }
    assertEquals(
        Db.column(db, "SELECT w || n FROM word ORDER BY w, n"),
        Db.column(made, "SELECT w || n FROM word ORDER BY w, n"));
    assertEquals(4000, Db.integer(made, "SELECT seq FROM sqlite_sequence WHERE name = 'note'"));
    assertEquals(4711, Db.integer(made, "PRAGMA application_id"));
    assertEquals(12, Db.integer(made, "PRAGMA user_version"));
    assertEquals(1, Db.integer(made, "SELECT count(*) FROM ft WHERE ft MATCH 'quiet'"));
    Db.assertSound(made);
    assertNull(report.get("lostAndFound"));
  }

  /** Following only what is printed. */
  @Test
  void aPersonGetsTheRowsBack() {
    long page = Damage.page(db, "note", "leaf");
    Damage.scramble(db, page);
    Result check = Cli.run("integrity-check", db).exits(14);
    Matcher command = Pattern.compile("(sqlite-safe recover .*)").matcher(check.err());
    assertTrue(command.find(), check::toString);
    Result recovered = shell(command.group(1)).exits(3);
    assertTrue(recovered.out().contains("missing: rowids up to "), recovered::toString);
    Matcher restore = Pattern.compile("(sqlite-safe restore .*)").matcher(recovered.out());
    assertTrue(restore.find(), recovered::toString);
    shell(restore.group(1)).exits(0);
    Db.assertSound(db);
    assertTrue(Db.integer(db, "SELECT count(*) FROM note") > 3800);
    Cli.run("integrity-check", db).exits(0);
  }

  private Result shell(String command) {
    String path = Cli.launcher().getParent() + ":" + System.getenv("PATH");
    return Program.of("sh", "-c", command).with("PATH", path).run();
  }

  @Test
  void whatIsMissingIsNamed() {
    List<String> before = Db.column(db, "SELECT id FROM note");
    List<String> leaves =
        Db.column(
            db,
            "SELECT pageno FROM dbstat WHERE name = 'note' AND pagetype = 'leaf' ORDER BY path");
    long page = Long.parseLong(leaves.get(3));
    Damage.write(db, (page - 1) * Damage.PAGE, new byte[Damage.PAGE]);
    Map<String, Object> report = recover(3);
    Map<?, ?> missing = (Map<?, ?>) ((List<?>) table(report, "note").get("missing")).get(0);
    long above = (Long) missing.get("above");
    long upTo = (Long) missing.get("upTo");
    assertEquals(page, missing.get("page"));
    List<String> expected =
        before.stream()
            .filter(id -> Long.parseLong(id) <= above || Long.parseLong(id) > upTo)
            .toList();
    assertTrue(expected.size() < before.size());
    assertEquals(expected, Db.column(made, "SELECT id FROM note"));
    assertTrue(((List<?>) report.get("rebuilt")).contains("index note_body"));
    Db.assertSound(made);
  }

  @Test
  void interiorPagesAreNotNeeded() {
    Set<String> before = rows(db, "note");
    for (String page :
        Db.column(db, "SELECT pageno FROM dbstat WHERE name = 'note' AND pagetype = 'internal'")) {
      Damage.scramble(db, Long.parseLong(page));
    }
    recover(3);
    assertEquals(before, rows(made, "note"));
  }

  @Test
  void pagesThatChangedPlacesAreFound() throws IOException {
    Set<String> note = rows(db, "note");
    List<String> leaves =
        Db.column(db, "SELECT pageno FROM dbstat WHERE name = 'note' AND pagetype = 'leaf'");
    byte[] all = Files.readAllBytes(db);
    int a = (Integer.parseInt(leaves.get(4)) - 1) * Damage.PAGE;
    int b = (Integer.parseInt(leaves.get(9)) - 1) * Damage.PAGE;
    Damage.write(db, a, java.util.Arrays.copyOfRange(all, b, b + Damage.PAGE));
    Damage.write(db, b, java.util.Arrays.copyOfRange(all, a, a + Damage.PAGE));
    Map<String, Object> report = recover(0);
    assertEquals(note, rows(made, "note"));
    assertEquals(2L, table(report, "note").get("pagesWithoutParent"));
  }

  @Test
  void withoutTheHeader() {
    Set<String> note = rows(db, "note");
    String schema = schema(db);
    Damage.write(db, 0, new byte[100]);
    Map<String, Object> report = recover(3);
    assertEquals(note, rows(made, "note"));
    assertEquals(schema, schema(made));
    assertEquals(false, report.get("headerComplete"), "user_version is lost, which may matter");
  }

  @Test
  void withoutTheSchemaTheRowsAreInLostAndFound() {
    Damage.write(db, 0, new byte[Damage.PAGE]);
    Map<String, Object> report = recover(3);
    assertEquals(false, report.get("schemaComplete"));
    assertEquals(
        3990, Db.integer(made, "SELECT count(*) FROM lost_and_found WHERE c1 GLOB 'note [0-9]*'"));
    assertEquals(
        List.of("rootpgno", "pgno", "nfield", "id", "c0"),
        Db.column(made, "SELECT name FROM pragma_table_info('lost_and_found') LIMIT 5"));
  }

  @Test
  void cutOffAnywhere() throws IOException {
    Damage.resize(db, Files.size(db) / 2 + 1234);
    recover(3);
    Db.assertSound(made);
    assertTrue(Db.integer(made, "SELECT count(*) FROM note") > 1000);
  }

  @Test
  void onlyWhatIsCommittedIsTakenFromTheLog() throws Exception {
    Path log;
    try (Connection writer = Db.open(db, "rw")) {
      Db.execute(writer, "PRAGMA journal_mode=WAL");
      Db.execute(writer, "PRAGMA cache_size=2");
      Db.execute(writer, "UPDATE doc SET body = 'committed' WHERE id = 1");
      writer.setAutoCommit(false);
      Db.execute(writer, "UPDATE note SET body = 'not committed'");
      Path copy = directory.resolve("copy.db");
      Files.copy(db, copy);
      log = directory.resolve("copy.db-wal");
      Files.copy(Db.sibling(db, "-wal"), log);
      writer.rollback();
      db = copy;
    }
    byte[] before = Files.readAllBytes(log);
    recover(0);
    assertEquals(List.of("committed"), Db.column(made, "SELECT body FROM doc WHERE id = 1"));
    assertEquals(0, Db.integer(made, "SELECT count(*) FROM note WHERE body = 'not committed'"));
    assertEquals(List.of("copy.db-wal"), Db.beside(db));
    assertTrue(java.util.Arrays.equals(before, Files.readAllBytes(log)));
  }

  @Test
  void aHotJournalIsRolledBackInThought() throws Exception {
    Path copy = directory.resolve("copy.db");
    try (Connection writer = Db.open(db, "rw")) {
      Db.execute(writer, "PRAGMA cache_size=2");
      writer.setAutoCommit(false);
      Db.execute(writer, "UPDATE note SET weight = -1");
      Files.copy(db, copy);
      Files.copy(Db.sibling(db, "-journal"), directory.resolve("copy.db-journal"));
      writer.rollback();
    }
    db = copy;
    Map<String, Object> report = recover(0);
    assertTrue(report.get("state").toString().contains("copy.db-journal"), report::toString);
    assertEquals(0, Db.integer(made, "SELECT count(*) FROM note WHERE weight = -1"));
    Files.delete(made);
    Result result = Cli.run("recover", "--json", "--journal", "ignore", db, "-o", made);
    assertTrue(result.exit() == 0 || result.exit() == 3, result::toString);
    assertTrue(Db.integer(made, "SELECT count(*) FROM note WHERE weight = -1") > 0);
  }

  @Test
  void besideAWriterItSaysThatTheStateMayBeMixed() {
    try (Running holder = Cli.hold(db)) {
      Map<String, Object> report = recover(3, "--wait", "0");
      assertTrue(report.get("notes").toString().contains("may be mixed"), report::toString);
      assertEquals(true, report.get("mixed"));
      assertEquals(true, report.get("complete"));
      holder.say("end");
    }
  }

  @Test
  void whatIsThereIsNotOverwritten() throws IOException {
    Files.writeString(made, "mine");
    Cli.run("recover", "--json", db, "-o", made).exits(15).error("unsafe");
    assertEquals("mine", Files.readString(made));
    Cli.run("recover", "--json", db, "-o", db).exits(15).error("unsafe");
    Cli.run("recover", "--json", db, "-o", directory.resolve("no/such/x")).exits(2).error("usage");
    Cli.run("recover", db).exits(2).says("needs one of");
    Cli.run("recover", directory.resolve("missing"), "-o", made).exits(10);
  }

  @Test
  void whereNothingCanBeReadNothingIsMade() throws IOException {
    db = directory.resolve("letter.txt");
    Files.writeString(db, "dear reader ".repeat(5000));
    Cli.run("recover", "--json", db, "-o", made).exits(14).error("damaged");
    Files.write(db, new byte[0]);
    Cli.run("recover", "--json", db, "-o", made).exits(14).error("damaged");
    assertFalse(Files.exists(made));
  }

  @Test
  void asAScript() {
    assumeTrue(Program.exists("sqlite3"), "sqlite3 is not installed");
    Damage.scramble(db, Damage.page(db, "note", "leaf"));
    Result script = Cli.run("recover", "--sql", db).exits(3).says("missing: rowids");
    Program.of("sqlite3", made).input(script.out()).run().exits(0);
    Path other = made;
    made = directory.resolve("other.db");
    recover(3);
    assertEquals(rows(made, "note"), rows(other, "note"));
    assertEquals(schema(made), schema(other));
  }

  @Test
  void deletedRowsOnlyWhereTheyAreWanted() throws IOException {
    recover(0);
    assertEquals(
        List.of(), Db.column(made, "SELECT name FROM sqlite_schema WHERE name = 'deleted_rows'"));
    Files.delete(made);
    Damage.sql(db, "DELETE FROM note WHERE id < 3000");
    recover(0, "--deleted");
    assertTrue(
        Db.integer(made, "SELECT count(*) FROM deleted_rows WHERE c1 GLOB 'note 0[12]*'") > 1500);
    assertEquals(991, Db.integer(made, "SELECT count(*) FROM note"));
  }

  @Test
  void rowsThatAUniqueIndexCannotHold() {
    Damage.sql(
        db,
        "CREATE TABLE key(id INTEGER PRIMARY KEY, k TEXT)",
        "INSERT INTO key VALUES(1, 'a'), (2, 'b'), (3, 'a')",
        "CREATE INDEX key_k ON key(k)",
        "UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX key_k ON key(k)' WHERE name ="
            + " 'key_k'");
    Map<String, Object> report = recover(3);
    assertEquals(List.of("1", "2"), Db.column(made, "SELECT id FROM key ORDER BY id"));
    assertEquals(List.of("3"), Db.column(made, "SELECT id FROM key_conflicts"), report::toString);
    Db.assertSound(made);
  }

  @Test
  void aDamagedFullTextIndexAndRTreeAreRebuilt() {
    Damage.scramble(db, Damage.page(db, "ft_data", "leaf"));
    Damage.scramble(db, Damage.page(db, "place_rowid", "leaf"));
    Map<String, Object> report = recover(3);
    assertEquals(
        1, Db.integer(made, "SELECT count(*) FROM ft WHERE ft MATCH 'quiet'"), report::toString);
    assertEquals(300, Db.integer(made, "SELECT count(*) FROM place"), report::toString);
    assertEquals(1, Db.integer(made, "SELECT count(*) FROM place WHERE x0 >= 17 AND x1 <= 17.5"));
    assertEquals(List.of(), report.get("problems"));
  }

  @Test
  void anIndexThatDoesNotMatchIsMadeAnew() throws SQLException {
    Damage.sql(
        db,
        "CREATE TABLE ix(a)",
        "INSERT INTO ix VALUES(1), (2)",
        "CREATE INDEX ix_a ON ix(a)",
        "UPDATE sqlite_schema SET rootpage = rootpage WHERE name = 'ix_a'");
    Damage.redefine(db, "ix_a", "(a)", "(a DESC)");
    Damage.redefine(db, "ix_a", "(a DESC)", "(-a)");
    Result check = Cli.run("integrity-check", db).exits(14);
    Matcher command = Pattern.compile("(sqlite-safe write .*)").matcher(check.err());
    assertTrue(command.find(), check::toString);
    shell(command.group(1)).exits(0);
    Cli.run("integrity-check", db).exits(0);
  }

  @Test
  void aBackupBesideItIsNamed() {
    Path backup = directory.resolve("night.sqlite");
    Cli.run("backup", db, backup).exits(0);
    Damage.scramble(db, Damage.page(db, "note", "leaf"));
    Cli.run("integrity-check", db).exits(14).says("night.sqlite");
    Cli.run("doctor", db).exits(14).says("night.sqlite");
  }

  @Test
  void inADirectoryThatCannotBeWritten() throws IOException {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    Path inside = closed.resolve("app.db");
    Files.copy(db, inside);
    Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("r--r--r--"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      Result result =
          Cli.command("recover", "--json", inside, "-o", made)
              .behind(Privileges.ordinary())
              .run()
              .exits(0);
      assertNotNull(result.json().get("notes"));
      assertEquals(false, result.json().get("mixed"), "SQLite's own lock could be had");
      assertEquals(rows(db, "note"), rows(made, "note"));
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /** A table that SQLite cannot check is walked page by page. */
  @Test
  void damageIsFoundWithoutTheCollation() throws SQLException {
    try (Connection connection = Db.open(db, "rw")) {
      Collation.create(
          connection,
          "mine",
          new Collation() {
            @Override
            protected int xCompare(String a, String b) {
              return a.compareTo(b);
            }
          });
      Db.execute(connection, "CREATE TABLE own(k TEXT COLLATE mine UNIQUE)");
      Db.execute(
          connection,
          "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 2000)"
              + " INSERT INTO own SELECT 'key ' || x FROM c");
    }
    Cli.run("integrity-check", db).exits(3);
    long page = Damage.page(db, "own", "leaf");
    Damage.scramble(db, page);
    Result check = Cli.run("integrity-check", db).exits(14);
    assertTrue(check.out().contains("page " + page + " is damaged"), check::toString);
  }

  @Test
  void theShellGoesOnPastDamage() {
    List<String> leaves =
        Db.column(
            db,
            "SELECT pageno FROM dbstat WHERE name = 'note' AND pagetype = 'leaf' ORDER BY path");
    Damage.scramble(db, Long.parseLong(leaves.get(2)));
    Result dump = Cli.command("shell", db).input(".dump\n").run().exits(14);
    assertTrue(dump.out().contains("INSERT INTO note VALUES(3990,"), dump::toString);
    assertTrue(dump.out().endsWith("ROLLBACK; -- due to errors\n"), dump::toString);
    Result recovered = Cli.command("shell", db).input(".recover\n").run().exits(0);
    assertTrue(recovered.out().contains("INSERT INTO note VALUES(3990,"), recovered::toString);
    assertTrue(recovered.out().endsWith("COMMIT;\n"), recovered::toString);
    assertTrue(recovered.err().contains("missing: rowids"), recovered::toString);
  }
}
