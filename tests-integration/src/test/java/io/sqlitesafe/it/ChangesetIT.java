package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The changeset commands, from the shell's side. */
class ChangesetIT {
  @TempDir Path directory;
  private Path database;
  private Path replica;
  private Path changeset;

  @BeforeEach
  void changes() throws IOException {
    database =
        Db.create(
            directory,
            Db.AWKWARD,
            "CREATE TABLE stock(id INTEGER PRIMARY KEY, item TEXT UNIQUE, n INT)",
            "INSERT INTO stock VALUES(1, 'bolt', 40), (2, 'nut', 100)");
    replica = Files.copy(database, directory.resolve("replica.db"));
    changeset = directory.resolve("a change's set");
    Cli.run(
            "write",
            database,
            "UPDATE stock SET n=39 WHERE id=1; DELETE FROM stock WHERE id=2;"
                + " INSERT INTO stock VALUES(3, 'nut', 7)",
            "--changeset",
            changeset)
        .exits(0);
  }

  private static List<String> stock(Path file) {
    return Db.column(file, "SELECT id||item||n FROM stock ORDER BY id");
  }

  @Test
  void appliedThenUndone() {
    List<String> before = stock(replica);
    Map<String, Object> result =
        Cli.run("changeset", "apply", "--json", replica, changeset).exits(0).json();
    assertEquals(stock(database), stock(replica));
    assertEquals("changeset apply", result.get("type"));
    assertEquals(
        List.of(1L, 1L, 1L),
        List.of(result.get("inserts"), result.get("updates"), result.get("deletes")));
    Cli.run("changeset", "apply", replica, changeset, "--invert").exits(0);
    assertEquals(before, stock(replica));
    Db.assertNoLeftovers(replica);
  }

  @Test
  void severalFilesAreOneTransaction() {
    Path bad = directory.resolve("bad");
    Cli.run("changeset", "invert", changeset, "-o", bad).exits(0);
    List<String> before = stock(replica);
    // The second undoes the first, the third does not fit any more: nothing of all three happens.
    Result result = Cli.run("changeset", "apply", replica, changeset, bad, bad).exits(13);
    result.says("conflict (").says(bad.toString());
    assertEquals(before, stock(replica));
    Cli.run("changeset", "apply", replica, changeset, bad).exits(0);
    assertEquals(before, stock(replica));
    // Undone from the last to the first.
    Cli.run("changeset", "apply", replica, changeset, bad, "--invert").exits(0);
    assertEquals(before, stock(replica));
  }

  @Test
  void whatSqliteKeepsSilentAboutIsAnError() {
    Path other = Db.create(directory, "other.db", "CREATE TABLE x(y)");
    Cli.run("changeset", "apply", "--json", other, changeset).exits(13).error("precondition");
    Path rekeyed =
        Db.create(directory, "rekeyed.db", "CREATE TABLE stock(id, item PRIMARY KEY, n)");
    Cli.run("changeset", "apply", rekeyed, changeset).exits(13).says("another primary key");
    Path narrow = Db.create(directory, "narrow.db", "CREATE TABLE stock(id INTEGER PRIMARY KEY)");
    Cli.run("changeset", "apply", narrow, changeset).exits(13).says("has 1 columns");
    Cli.run("changeset", "verify", changeset, "--db", narrow).exits(13);
    Cli.run("changeset", "apply", database, changeset, "--on-conflict", "omit")
        .exits(13)
        .says("nothing was applied");
    Cli.run("changeset", "apply", database, changeset, "--ignore-noop", "--allow-nothing").exits(0);
  }

  @Test
  void emptyTruncatedAndHostileFiles() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    Cli.run("changeset", "show", empty).exits(0);
    Cli.run("changeset", "apply", replica, empty).exits(13).says("nothing to apply");
    byte[] whole = Files.readAllBytes(changeset);
    Path cut = directory.resolve("cut");
    List<String> before = stock(replica);
    for (int length : new int[] {1, 7, whole.length / 2, whole.length - 1}) {
      Files.write(cut, java.util.Arrays.copyOf(whole, length));
      for (List<Object> command :
          List.<List<Object>>of(
              List.of("changeset", "apply", replica, cut, "--on-conflict", "omit"),
              List.of("changeset", "verify", cut),
              List.of("changeset", "concat", cut, "-o", directory.resolve("out")),
              List.of("changeset", "invert", cut, "-o", directory.resolve("out")))) {
        Result result = Cli.run(command.toArray()).exits(14);
        result.says("not a well-formed changeset: at byte ");
      }
    }
    assertEquals(before, stock(replica));
    assertFalse(Files.exists(directory.resolve("out")));
    assertEquals(List.of(), Db.beside(directory.resolve("out")));
    Cli.run("changeset", "show", directory).exits(1).says("directory");
    Cli.run("changeset", "show", directory.resolve("missing")).exits(1).says("no such file");
    Cli.run("changeset", "show", database).exits(14).says("at byte 0");
  }

  /** Two gigabytes are claimed. */
  @Test
  void claimedLengthsTakeNoMemory() throws IOException {
    byte[] hostile = {'T', 1, 1, 't', 0, 18, 0, 4, (byte) 0x87, -1, -1, -1, 0, 1, 2, 3};
    Path file = Files.write(directory.resolve("hostile"), hostile);
    for (Program program :
        List.of(
            Cli.command("changeset", "verify", file),
            Cli.command("changeset", "verify", "-").input(hostile))) {
      program
          .with("SQLITE_SAFE_JAVA_OPTS", "-Xmx32m")
          .run()
          .exits(14)
          .says("it ends inside a blob");
    }
  }

  /** Four times the heap, through everything that must not hold it. */
  @Test
  void filesLargerThanTheHeap() throws IOException {
    Path large = directory.resolve("large.db");
    int rows = Cli.LONG ? 2_000_000 : 300_000;
    Db.create(
        directory,
        "large.db",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<"
            + rows
            + ") INSERT INTO t SELECT i, randomblob(250) FROM c");
    Path base = Db.create(directory, "base.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    Path file = directory.resolve("large.changeset");
    Cli.run("changeset", "export", large, "--since", base, "-o", file).exits(0);
    assertTrue(Files.size(file) > 75_000_000, () -> file.toString());
    Path inverse = directory.resolve("inverse");
    Path both = directory.resolve("both");
    small("changeset", "invert", file, "-o", inverse).exits(0);
    small("changeset", "show", "--stat", inverse).exits(0);
    small("changeset", "concat", file, inverse, "-o", both).exits(0);
    assertEquals(0, Files.size(both));
    small("changeset", "apply", base, file).exits(0);
    assertEquals(rows, Db.integer(base, "SELECT count(*) FROM t"));
  }

  private static Result small(Object... words) {
    return Cli.command(words).with("SQLITE_SAFE_JAVA_OPTS", "-Xmx20m").run();
  }

  @Test
  void triggersCanBeLeftOut() {
    for (Path file : List.of(database, replica)) {
      Cli.run(
              "write",
              file,
              "CREATE TABLE log(id INTEGER PRIMARY KEY, what);"
                  + " CREATE TRIGGER logged AFTER INSERT ON stock BEGIN"
                  + " INSERT INTO log(what) VALUES(new.item); END")
          .exits(0);
    }
    Cli.run("changeset", "apply", replica, changeset, "--triggers", "off").exits(0);
    assertEquals(0, Db.integer(replica, "SELECT count(*) FROM log"));
    Cli.run("changeset", "apply", replica, changeset, "--invert").exits(0);
    Cli.run("changeset", "apply", replica, changeset).exits(0);
    // One of the two: the inverse inserts, too.
    assertEquals(2, Db.integer(replica, "SELECT count(*) FROM log"));
    assertEquals(
        Db.column(database, "SELECT sql FROM sqlite_schema ORDER BY name"),
        Db.column(replica, "SELECT sql FROM sqlite_schema ORDER BY name"));
  }

  @Test
  void fullTextIndexesThatDriftAreNamedAndMended() {
    Cli.run(
            "write",
            replica,
            "CREATE VIRTUAL TABLE words USING fts5(item, content='stock', content_rowid='id');"
                + " INSERT INTO words(words) VALUES('rebuild')")
        .exits(0);
    Result drifted = Cli.run("changeset", "apply", "--json", replica, changeset).exits(3);
    assertEquals(List.of("words"), Json.object(drifted.out()).get("ftsDrifted"));
    drifted.says("words");
    // The index has still what the inverse brings back.
    Cli.run("changeset", "apply", replica, changeset, "--invert").exits(0);
    Result mended = Cli.run("changeset", "apply", replica, changeset, "--rebuild-fts").exits(0);
    assertTrue(mended.out().contains("built again: words"), mended::toString);
    Cli.run("write", replica, "INSERT INTO words(words, rank) VALUES('integrity-check', 1)")
        .exits(0);
  }

  @Test
  void foreignKeysAreCheckedAtTheCommit() {
    String schema =
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p"
            + " REFERENCES p)";
    Path first = directory.resolve("first.db");
    Path second = directory.resolve("second.db");
    Path file = directory.resolve("children");
    for (Path each : List.of(first, second)) {
      Cli.run("write", "--create", each, schema).exits(0);
    }
    Cli.run("write", first, "INSERT INTO p VALUES(1)").exits(0);
    Cli.run("write", first, "INSERT INTO c VALUES(1, 1)", "--changeset", file).exits(0);
    Result refused = Cli.run("changeset", "apply", second, file).exits(13);
    refused.says("conflict (foreign-key)").says("c -> p (1)");
    assertEquals(0, Db.integer(second, "SELECT count(*) FROM c"));
    Result dry = Cli.run("changeset", "apply", second, file, "--dry-run").exits(13);
    assertTrue(dry.out().contains("c -> p: 1 row"), dry::toString);
    Cli.run("changeset", "apply", second, file, "--on", "foreign-key=omit").exits(0);
    assertEquals(1, Db.integer(second, "SELECT count(*) FROM c"));
    Db.assertNoLeftovers(second);
  }

  @Test
  void rebasedChangesGoOn() {
    Path theirs = changeset;
    Path ours = directory.resolve("ours");
    Path rebase = directory.resolve("rebase");
    Path send = directory.resolve("send");
    Cli.run("write", replica, "UPDATE stock SET n=1, item='screw' WHERE id=1", "--changeset", ours)
        .exits(0);
    Cli.run("changeset", "apply", replica, theirs, "--on-conflict", "omit", "--rebase-out", rebase)
        .exits(0);
    Cli.run("changeset", "rebase", ours, "--using", rebase, "-o", send).exits(0);
    Cli.run("changeset", "apply", database, send).exits(0);
    assertEquals(stock(replica), stock(database));
  }

  @Test
  void dryRunTellsEveryConflictAndChangesNothing() {
    String before = Db.sha256(database);
    Result dry = Cli.run("changeset", "apply", database, changeset, "--dry-run").exits(13);
    assertEquals(3, dry.out().lines().filter(line -> line.contains(", abort: ")).count());
    Result json =
        Cli.run("changeset", "apply", "--json", database, changeset, "--dry-run").exits(13);
    assertEquals(3, ((List<?>) Json.object(json.out()).get("rows")).size());
    assertEquals(before, Db.sha256(database));
  }

  @Test
  void whatIsAppliedCanBeCaptured() {
    Path captured = directory.resolve("captured");
    for (String method : List.of("triggers", "diff")) {
      Cli.run(
              "changeset",
              "apply",
              replica,
              changeset,
              "--changeset",
              captured,
              "--capture",
              method)
          .exits(0);
      assertEquals(
          Cli.run("changeset", "show", changeset).out(),
          Cli.run("changeset", "show", captured).out());
      Cli.run("changeset", "apply", replica, captured, "--invert").exits(0);
    }
  }

  @Test
  void standardInputAndOutput() throws IOException {
    byte[] bytes = Files.readAllBytes(changeset);
    Path inverse = directory.resolve("inverse");
    Cli.run("changeset", "invert", changeset, "-o", inverse).exits(0);
    Program.of(
            "sh",
            "-c",
            "\"$0\" changeset invert - -o - < \"$1\" > \"$2\"",
            Cli.launcher(),
            changeset,
            directory.resolve("piped"))
        .run()
        .exits(0);
    assertEquals(-1, Files.mismatch(inverse, directory.resolve("piped")));
    Cli.command("changeset", "apply", replica, "-").input(bytes).run().exits(0);
    assertEquals(stock(database), stock(replica));
  }

  @Test
  void sqlDoesTheSame() {
    String sql = Cli.run("changeset", "show", changeset, "--db", database, "--sql").exits(0).out();
    Cli.command("write", replica, "-f", "-")
        .input(sql.getBytes(StandardCharsets.UTF_8))
        .run()
        .exits(0);
    assertEquals(stock(database), stock(replica));
  }

  @Test
  void wrongArguments() {
    Cli.run("changeset").exits(2).says("no command given");
    Cli.run("changeset", "bogus").exits(2);
    Cli.run("changeset", "apply", replica).exits(2);
    Cli.run("changeset", "apply", replica, changeset, "--on", "constraint=replace").exits(2);
    Cli.run("changeset", "apply", replica, changeset, "--on", "nonsense").exits(2);
    Cli.run("changeset", "apply", replica, changeset, "--triggers", "perhaps").exits(2);
    Cli.run("changeset", "show", changeset, "--sql").exits(2).says("--db");
    Cli.run("changeset", "rebase", changeset, "-o", "x").exits(2).says("--using");
    Path patchset = directory.resolve("patchset");
    Cli.run("write", database, "DELETE FROM stock", "--patchset", patchset).exits(0);
    Cli.run("changeset", "invert", patchset, "-o", directory.resolve("x")).exits(2);
    Cli.run("changeset", "apply", replica, patchset, "--invert").exits(2).says("patchset");
    Cli.run("changeset", "concat", changeset, patchset, "-o", directory.resolve("x")).exits(2);
  }
}
