package io.sqlitesafe.cli.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DotCommandsTest {
  /** Longer than a line, and nothing in it that sqlite3 takes for an end of a definition. */
  private static final String WIDE =
      "CREATE TABLE wide( id INTEGER PRIMARY KEY,  a_long_name TEXT DEFAULT 'xy', \"odd, one\""
          + " INT, another DECIMAL( 10, 2 ), third INT);\n"
          + "CREATE INDEX wide_by_all_of_it ON wide(id, a_long_name, another, third, \"odd, one\","
          + " lower(third));";

  @TempDir Path directory;
  private ShellLab lab;

  @BeforeEach
  void open() {
    lab =
        new ShellLab(
            directory,
            "CREATE TABLE stock(id INTEGER PRIMARY KEY, item TEXT, n INT)",
            "INSERT INTO stock(item, n) VALUES('bolt', 40), ('nut', 100)",
            "CREATE TABLE \"odd name\"(x REFERENCES stock(id))",
            "CREATE INDEX by_item ON stock(item)",
            "CREATE VIEW few AS SELECT item FROM stock WHERE n < 50",
            "CREATE VIRTUAL TABLE words USING fts5(word)",
            "ANALYZE");
  }

  @AfterEach
  void close() {
    lab.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".tables",
        ".tables st%",
        ".schema",
        ".schema stock",
        ".schema --nosys few",
        ".schema --indent",
        WIDE + "\n.schema --indent wide",
        ".fullschema",
        ".indexes",
        ".indexes stock",
        ".databases",
        ".print a 'b c' \"d\\te\"",
        "EXPLAIN QUERY PLAN SELECT * FROM stock WHERE item = 'x';",
        ".eqp on\nSELECT n FROM stock WHERE id = 1;",
        ".parameter set :a 5\nSELECT :a + 1;",
        ".parameter set $b 'hello x'\nSELECT $b;",
        ".separator ;\nSELECT 1,2;",
        ".changes on\nUPDATE stock SET n = 41 WHERE id = 1;\nUPDATE stock SET n = 40 WHERE id = 1;",
        "CREATE TABLE x(y); DROP TABLE x;"
      })
  void asTheSqlite3Shell(String script) throws IOException {
    assumeTrue(ShellLab.hasSqlite3(), "sqlite3 is not installed");
    byte[] before = Files.readAllBytes(lab.file());
    String theirs = lab.sqlite3(lab.file(), script + "\n");
    Files.write(lab.file(), before);
    assertEquals(theirs, lab.run(script + "\n"));
  }

  /** Where the sqlite3 shell would change what the statement means. */
  @Test
  void indentingKeepsStringsAndComments() {
    lab.run(
        "CREATE TABLE texts(first TEXT DEFAULT 'two  blanks (  here', second_long_name TEXT, third"
            + " TEXT -- end\n"
            + ");");
    assertEquals(
        "CREATE TABLE texts(\n"
            + "  first TEXT DEFAULT 'two  blanks (  here',\n"
            + "  second_long_name TEXT,\n"
            + "  third TEXT -- end\n"
            + ");\n",
        lab.run(".schema --indent texts"));
  }

  @Test
  void everyCommandHasHelpAndRefusesWrongUse() {
    String help = lab.run(".help");
    for (String name : lab.shell().commandNames()) {
      assertTrue(help.contains(name + " "), name);
    }
    assertTrue(lab.error(".headers maybe").contains("usage: .headers on|off"));
    assertTrue(lab.error(".tabels").contains("did you mean .tables"));
    assertTrue(lab.error(".help nothing").contains("there is no command .nothing"));
  }

  @Test
  void abbreviationsWork() {
    assertEquals(lab.run(".tables"), lab.run(".tab"));
    assertTrue(lab.error(".s").contains("more than one command"));
  }

  @Test
  void foreignKeysWithoutAnIndexAreFound() {
    assertEquals(
        "CREATE INDEX \"odd name_x\" ON \"odd name\"(x); --> stock(id)\n",
        lab.run(".lint fkey-indexes"));
    lab.run("CREATE INDEX i ON \"odd name\"(x);");
    assertEquals("", lab.run(".lint fkey-indexes"));
  }

  @Test
  void importsMakeAndFillTables() throws IOException {
    Files.writeString(directory.resolve("a.csv"), "item,n\r\n\"washer, big\",7\r\nnil,\r\n");
    Files.writeString(directory.resolve("b.jsonl"), "{\"k\":1,\"v\":{\"x\":[1]}}\n{\"k\":2}\n");
    lab.run(".import a.csv stock");
    assertEquals(
        "washer, big|7\nnil|\n", lab.run("SELECT item, n FROM stock WHERE id > 2 ORDER BY id;"));
    lab.run(".import b.jsonl 'new one'");
    assertEquals("1|{\"x\":[1]}\n2|\n", lab.run("SELECT * FROM \"new one\";"));
    Files.writeString(directory.resolve("c.tsv"), "id\titem\n9\tok\n1\ttwice\n");
    assertTrue(lab.error(".import c.tsv stock").contains("input line 3"));
    assertEquals("0\n", lab.run("SELECT count(*) FROM stock WHERE id = 9;"));
  }

  @Test
  void resultsGoWhereTheyAreSent() throws IOException {
    assertEquals("3\n", lab.run(".once o.txt\nSELECT 1; \nSELECT 3;"));
    assertEquals("1\n", Files.readString(directory.resolve("o.txt")));
    assertEquals("5\n", lab.run(".output o.txt\nSELECT 1;\nSELECT 2;\n.output\nSELECT 5;"));
    assertEquals("1\n2\n", Files.readString(directory.resolve("o.txt")));
    lab.run(".once |cat > p.txt\nSELECT 'through a pipe';");
    assertEquals("through a pipe\n", Files.readString(directory.resolve("p.txt")));
  }

  @Test
  void scriptsRunScripts() throws IOException {
    Files.writeString(directory.resolve("in.sql"), "SELECT 1;\n.print two\nSELEC 3;\n");
    assertTrue(lab.error(".read in.sql").contains("syntax error"));
    Files.writeString(directory.resolve("loop.sql"), ".read loop.sql\n");
    assertTrue(lab.error(".read loop.sql").contains("25 deep"));
    assertTrue(lab.error(".read nothing.sql").contains("cannot read"));
  }

  @Test
  void anotherDatabaseCanBeOpened() {
    assertTrue(lab.error(".open nothing.db").contains("there is no file"));
    assertEquals("2\n", lab.run("SELECT count(*) FROM stock;"));
    lab.run(".backup other.db\n.open other.db\nDELETE FROM stock;");
    assertEquals("0\n", lab.run("SELECT count(*) FROM stock;"));
    lab.run("BEGIN;");
    assertTrue(lab.error(".open app.db").contains("open transaction"));
    lab.run("ROLLBACK;\n.open app.db");
    assertEquals("2\n", lab.run("SELECT count(*) FROM stock;"));
  }

  @Test
  void backupsAreMadeAndRestored() {
    assertTrue(lab.run(".backup b.db").contains("backed up to"));
    lab.run("DELETE FROM stock;");
    assertTrue(lab.run(".restore b.db").contains("restored from"));
    assertEquals("2\n", lab.run("SELECT count(*) FROM stock;"));
    assertTrue(lab.run(".check").contains(": ok"));
    assertTrue(lab.error("BEGIN;\n.backup c.db").contains("open transaction"));
  }

  @Test
  void theLockIsShown() {
    assertTrue(lab.run(".lock").contains("verdict      free"));
    assertTrue(lab.run("BEGIN;\n.lock\nROLLBACK;").contains("verdict      held"));
  }

  @Test
  void limitsAreShownAndSet() {
    assertTrue(lab.run(".limit").contains("sql_length"));
    lab.run(".limit column 100");
    assertTrue(lab.run(".limit column").contains(" 100"));
    assertTrue(lab.error(".limit colum").contains("did you mean column"));
  }

  @Test
  void directoriesChange() throws IOException {
    Files.createDirectory(directory.resolve("sub"));
    Files.writeString(directory.resolve("sub/x.sql"), "SELECT 'in sub';");
    assertEquals("in sub\n", lab.run(".cd sub\n.read x.sql"));
    assertTrue(lab.error(".cd nothing").contains("there is no directory"));
  }

  @Test
  void quittingStopsTheScript() {
    assertEquals("1\n", lab.run("SELECT 1;\n.exit 7\nSELECT 2;"));
    assertEquals(7, lab.shell().exitCode());
  }

  @Test
  void errorsPointAtTheirPlace() {
    assertEquals(
        List.of(
            "error: near \"FORM\": syntax error",
            "  SELECT 'FORM' FROM stock FORM WHERE id = 1 FORM 2",
            "                                             ^"),
        lab.error("SELECT 'FORM' FROM stock FORM WHERE id = 1 FORM 2;").lines().limit(3).toList());
    String column = lab.error("SELECT item,\n  nn FROM stock;");
    assertTrue(column.contains("\n    nn FROM stock\n    ^"), column);
    assertTrue(column.contains("did you mean n?"), column);
    assertTrue(lab.error("SELECT * FROM stok;").contains("did you mean stock?"));
    assertTrue(lab.error("SELECT upperr('x');").contains("did you mean upper"));
    assertTrue(lab.error("INSERT INTO stock(itemm) VALUES(1);").contains("did you mean item?"));
    assertFalse(lab.error("SELECT * FROM qqqqqqqq;").contains("did you mean"));
  }

  @Test
  void anAtomicScriptRefusesTransactionsOfItsOwn() {
    lab.shell().beginAtomic();
    assertTrue(lab.error("COMMIT;").contains("COMMIT is refused"));
    lab.run("DELETE FROM stock;");
    lab.shell().session().rollback();
    assertEquals("2\n", lab.run("SELECT count(*) FROM stock;"));
  }

  @Test
  void everyTransactionIsCapturedAndUndoneInTurn() throws IOException {
    lab.run("CREATE TABLE log(id INTEGER PRIMARY KEY, was)");
    lab.run(
        "CREATE TRIGGER noted AFTER UPDATE ON stock BEGIN INSERT INTO log(was) VALUES(old.n);"
            + " END;");
    String before = lab.run(".sha3sum");
    lab.run(".capture on changes\nUPDATE stock SET n = 0 WHERE id = 1;\nSELECT 1;\n");
    String between = lab.run(".sha3sum");
    lab.run(
        "BEGIN;\nDELETE FROM stock;\nINSERT INTO stock VALUES(9,'x',NULL);\nCOMMIT;\n"
            + "BEGIN;\nDELETE FROM stock;\nROLLBACK;\nBEGIN;\nSELECT 1;\nCOMMIT;\n");
    assertEquals(List.of("changes.0001", "changes.0002"), captured());
    assertTrue(lab.error("BEGIN;\n.undo").contains("open transaction"));
    lab.run("ROLLBACK");
    assertTrue(lab.run(".undo").startsWith("undone: 3 changes of "));
    assertEquals(between, lab.run(".sha3sum"));
    lab.run(".capture off\n.undo");
    assertEquals(before, lab.run(".sha3sum"));
    assertEquals(List.of("changes.0001", "changes.0002", "changes.0003"), captured());
    assertTrue(lab.error(".undo").contains("no captured transaction"));
    lab.run(".capture on changes\nDELETE FROM stock WHERE id = 1;");
    assertEquals(4, captured().size());
  }

  @Test
  void undoingWhatOthersHaveChangedSinceChangesNothing() throws IOException {
    lab.run(".capture on changes\nUPDATE stock SET n = 0;\n.capture off\n");
    lab.run("UPDATE stock SET n = 7 WHERE id = 2;");
    String before = lab.run(".sha3sum");
    String error = lab.error(".undo");
    assertTrue(error.contains("stock"), error);
    assertEquals(before, lab.run(".sha3sum"));
    lab.shell().askWith(question -> false);
    lab.run("UPDATE stock SET n = 0 WHERE id = 2;\n.undo");
    assertEquals(List.of("nothing was changed"), lab.notes());
    assertEquals("0\n", lab.run("SELECT max(n) FROM stock;"));
    lab.shell().askWith(question -> question.contains("changes.0001"));
    lab.run(".undo");
    assertEquals("40\n100\n", lab.run("SELECT n FROM stock;"));
  }

  @Test
  void foreignKeyActionsDoNotRunWhileUndoing() throws IOException {
    lab.run(
        "CREATE TABLE a_child(id INTEGER PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE, v);"
            + "CREATE TABLE parent(id INTEGER PRIMARY KEY, u UNIQUE);"
            + "INSERT INTO parent VALUES(1, 'x'); INSERT INTO a_child VALUES(1, 1, 'kept');");
    String before = lab.run(".sha3sum");
    // Undone in the order of the tables: the child gets its old parent before that one is there.
    lab.run(
        ".capture on changes\nBEGIN;\nINSERT INTO parent VALUES(2, 'y');\n"
            + "UPDATE a_child SET p = 2;\nDELETE FROM parent WHERE id = 1;\nCOMMIT;\n");
    lab.run(".undo");
    assertEquals(before, lab.run(".sha3sum"));
  }

  @Test
  void undoingNeverMakesOrphans() throws IOException {
    lab.run(
        "CREATE TABLE parent(id INTEGER PRIMARY KEY);"
            + "CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE);");
    lab.run(".capture on changes\nINSERT INTO parent VALUES(1);\n.capture off\n");
    lab.run("INSERT INTO child VALUES(1, 1);"); // by somebody else, since
    String error = lab.error(".undo");
    assertTrue(error.contains("child -> parent"), error);
    assertEquals("1|1|1\n", lab.run("SELECT * FROM child, parent;"));
  }

  @Test
  void aCommitThatFailsWhileCapturedLeavesNothing() throws IOException {
    lab.run(
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES stock(id) DEFERRABLE INITIALLY"
            + " DEFERRED)");
    String error = lab.error(".capture on changes\nBEGIN;\nINSERT INTO c VALUES(1,77);\nCOMMIT;");
    assertTrue(error.contains("was captured, and is rolled back"), error);
    assertEquals("0\n", lab.run("SELECT count(*) FROM c;"));
    assertEquals(List.of(), captured());
    assertFalse(Files.exists(directory.resolve("app.db.changeset-pending")));
    lab.run("INSERT INTO c VALUES(1,1);\n.capture off");
    assertEquals(List.of("changes.0001"), captured());
    assertTrue(lab.error(".capture on nowhere/x").contains("no directory"));
    assertTrue(lab.error(".capture on").contains("usage: .capture on FILE"));
  }

  private List<String> captured() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("changes"))
          .sorted()
          .toList();
    }
  }
}
