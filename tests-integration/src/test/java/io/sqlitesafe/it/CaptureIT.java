package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.changeset.ExactDifference;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code write --changeset} and {@code changeset export}, as one uses them. */
class CaptureIT {
  private static final String SQL =
      "UPDATE t SET v = 'B' WHERE k = 1; DELETE FROM t WHERE k = 2; INSERT INTO t VALUES(9, 'n')";

  @TempDir Path directory;
  private Path db;
  private Path file;

  @BeforeEach
  void create() {
    db =
        Db.create(
            directory,
            Db.AWKWARD,
            "CREATE TABLE t(k INTEGER PRIMARY KEY, v)",
            "CREATE TABLE nokey(a)",
            "CREATE VIRTUAL TABLE search USING fts5(body)",
            "INSERT INTO t VALUES(1, 'a'), (2, 'b')");
    file = directory.resolve("it's #1 ü.changeset");
  }

  private static String text(Path changeset) {
    try {
      return ExactDifference.text(Files.readAllBytes(changeset));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static final String EXPECTED =
      "\n  t DELETE [2, 'b'] -> []\n  t UPDATE [1, 'a'] -> [-, 'B']\n  t INSERT [] -> [9, 'n']";

  /** Nothing but the database and these. */
  private void assertFiles(Path... others) {
    try (Stream<Path> entries = Files.list(directory)) {
      assertEquals(
          Stream.concat(Stream.of(db), Stream.of(others)).sorted().toList(),
          entries.sorted().toList());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void bothMethodsGiveTheSameFile() throws IOException {
    Path before = directory.resolve("before.db");
    Files.copy(db, before);
    Path byTriggers = directory.resolve("triggers");
    Cli.run("write", db, SQL, "--dry-run", "--changeset", file).exits(0);
    assertFiles(before);
    Map<String, Object> result =
        Cli.run("write", db, SQL, "--changeset", byTriggers, "--capture", "triggers", "--json")
            .exits(0)
            .json();
    assertEquals(1L, Json.at(result, "changeset", "inserts"));
    assertEquals(1L, Json.at(result, "changeset", "updates"));
    assertEquals(1L, Json.at(result, "changeset", "deletes"));
    assertEquals(1L, Json.at(result, "changeset", "tables"));
    assertEquals(Files.size(byTriggers), Json.at(result, "changeset", "bytes"));
    assertEquals("triggers", Json.at(result, "changeset", "method"));
    assertEquals(byTriggers.toString(), Json.at(result, "changeset", "file"));
    assertEquals(EXPECTED, text(byTriggers));
    Files.copy(before, db, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Cli.run("write", db, SQL, "--changeset", file, "--capture", "diff", "--verify-capture")
        .exits(0);
    assertArrayEquals(Files.readAllBytes(byTriggers), Files.readAllBytes(file));
    assertFiles(before, byTriggers, file);
  }

  @Test
  void exportFindsTheSame() throws IOException {
    Path before = directory.resolve("before.db");
    Files.copy(db, before);
    Path exported = directory.resolve("exported");
    Cli.run("write", db, SQL, "--changeset", file).exits(0);
    Map<String, Object> result =
        Cli.run("changeset", "export", db, "--since", before, "-o", exported, "--verify", "--json")
            .exits(0)
            .json();
    assertEquals(1L, Json.at(result, "changeset", "updates"));
    assertTrue(((Long) Json.at(result, "pages", "different")) > 0, result::toString);
    assertEquals(List.of(), result.get("leftOut"));
    assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(exported));
    Cli.run(
            "changeset",
            "export",
            db,
            "--since",
            before,
            "-o",
            exported,
            "--no-pages",
            "--patchset")
        .exits(0);
    assertTrue(Files.size(exported) < Files.size(file));
    Cli.run("write", db, "INSERT INTO nokey VALUES(1); INSERT INTO search VALUES('x')").exits(0);
    result =
        Cli.run("changeset", "export", db, "--since", before, "-o", exported, "--json")
            .exits(3)
            .json();
    assertEquals(
        List.of("nokey", "search"),
        ((List<?>) result.get("leftOut"))
            .stream().map(each -> ((Map<?, ?>) each).get("table")).toList());
    Cli.run("write", db, "ALTER TABLE t ADD COLUMN more").exits(0);
    Files.delete(exported);
    Result differ =
        Cli.run("changeset", "export", db, "--since", before, "-o", exported, "--json").exits(13);
    assertTrue(differ.err().contains("columns [k (key 1), v] became"), differ::toString);
    assertFiles(before, file);
  }

  @Test
  void theBaselineMayBeACompressedBackup() throws IOException {
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    for (String compression : List.of("zstd", "gzip")) {
      Path backup = directory.resolve("backup " + compression);
      Cli.run("backup", db, backup, "--compress", compression).exits(0);
      Cli.run("write", db, SQL, "--changeset", file).exits(0);
      Path exported = directory.resolve("exported");
      Cli.command("changeset", "export", db, "--since", backup, "-o", exported, "--verify")
          .with("TMPDIR", temporary.toString())
          .run()
          .exits(0);
      assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(exported));
      Cli.run("changeset", "apply", db, exported, "--invert").exits(0);
      byte[] torn = Files.readAllBytes(backup);
      Files.write(backup, Arrays.copyOf(torn, torn.length / 2));
      Cli.command("changeset", "export", db, "--since", backup, "-o", exported)
          .with("TMPDIR", temporary.toString())
          .run()
          .exits(14)
          .says(backup.toString());
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void tellsWhatIsMissing() {
    String sql =
        "INSERT INTO nokey VALUES(1); INSERT INTO search VALUES('x'); CREATE TABLE u(k INTEGER"
            + " PRIMARY KEY)";
    for (String method : List.of("triggers", "diff")) {
      Result result =
          Cli.run("write", db, sql, "--changeset", file, "--capture", method, "--dry-run").exits(3);
      assertTrue(
          result.err().contains("not in the changeset: nokey: it has no PRIMARY KEY"),
          result::toString);
      assertTrue(
          result.err().contains("not in the changeset: search: it is a virtual table"),
          result::toString);
      assertTrue(
          result.err().contains("not in the changeset: u: it was created"), result::toString);
      Result refused =
          Cli.run(
                  "write",
                  db,
                  sql,
                  "--changeset",
                  file,
                  "--capture",
                  method,
                  "--require-complete",
                  "--json")
              .exits(13);
      assertTrue(refused.err().contains("\"table\":\"search\""), refused::toString);
      assertEquals(0, Db.integer(db, "SELECT count(*) FROM nokey"));
      // what a transaction leaves alone is no reason to refuse
      Cli.run(
              "write",
              db,
              "UPDATE t SET v = v",
              "--changeset",
              file,
              "--capture",
              method,
              "--require-complete")
          .exits(0);
    }
    assertFiles(file);
  }

  @Test
  void aFormerFileStaysUntilTheCommit() throws IOException {
    Files.writeString(file, "former");
    Cli.run("write", db, SQL + "; SELEC", "--changeset", file).exits(1);
    Cli.run("write", db, SQL, "--changeset", file, "--expect", "SELECT 1=2").exits(13);
    Cli.run("write", db, SQL, "--changeset", file, "--dry-run").exits(0);
    Cli.run(
            "write",
            db,
            "PRAGMA defer_foreign_keys=1; CREATE TABLE c(k INTEGER PRIMARY KEY, t REFERENCES t);"
                + " INSERT INTO c VALUES(1, 77)",
            "--changeset",
            file)
        .exits(1);
    assertEquals("former", Files.readString(file));
    assertFiles(file);
    Cli.run("write", db, SQL, "--patchset", file).exits(0);
    assertEquals('P', Files.readAllBytes(file)[0]);
    assertFiles(file);
  }

  /** What a crash between commit and rename leaves, and then a program that takes no lock. */
  @Test
  void anUncertainEndIsToldAndItsChangesKept() throws IOException, SQLException {
    Cli.run("write", db, SQL, "--changeset", file).exits(0);
    byte[] changes = Files.readAllBytes(file);
    String token = "0123456789abcdef";
    Files.move(file, directory.resolve(file.getFileName() + "." + token + ".tmp"));
    Files.writeString(
        Db.sibling(db, ".changeset-pending"),
        "sqlite-safe changeset-pending 1\n%s\n%s\nready %d\n"
            .formatted(token, file, changes.length));
    try (Connection connection = Db.open(db, "rw")) {
      Db.execute(connection, "INSERT INTO t VALUES(2, 'b')");
    }
    Result next = Cli.run("write", "--json", db, "SELECT 1").exits(3);
    assertEquals("uncertain", Json.at(next.json(), "pendingChangeset", "outcome"));
    assertTrue(next.err().contains("cannot tell whether the changes in"), next::toString);
    Path kept = directory.resolve(file.getFileName() + ".uncertain-" + token);
    assertArrayEquals(changes, Files.readAllBytes(kept));
    assertFiles(kept);
    Cli.run("write", "--json", db, "SELECT 1").exits(0);
  }

  @Test
  void whatIsAppliedIsCompleteUnlessItReachesAnIndex() throws SQLException {
    Path other = directory.resolve("other");
    Cli.run("write", db, SQL, "--changeset", file).exits(0);
    for (String method : List.of("triggers", "diff")) {
      for (String direction : List.of("--invert", "--triggers=on")) {
        applyCompletely(method, direction, other).exits(0);
      }
    }
    try (Connection connection = Db.open(db, "rw")) {
      Db.execute(
          connection,
          "CREATE TRIGGER found AFTER INSERT ON t BEGIN INSERT INTO search VALUES(new.v); END");
    }
    for (String method : List.of("triggers", "diff")) {
      Result refused = applyCompletely(method, "--invert", other).exits(13);
      assertTrue(refused.err().contains("search: it is a virtual table"), refused::toString);
    }
    assertEquals(0, Db.integer(db, "SELECT count(*) FROM t WHERE k = 2"));
  }

  private Result applyCompletely(String method, String direction, Path to) {
    return Cli.run(
        "changeset",
        "apply",
        db,
        file,
        direction,
        "--changeset",
        to,
        "--capture",
        method,
        "--require-complete");
  }

  @Test
  void worksWithAWriteAheadLog() {
    Cli.run("journal-mode", db, "wal").exits(0);
    Cli.run("write", db, SQL, "--changeset", file, "--verify-capture").exits(0);
    assertEquals(EXPECTED, text(file));
  }

  @Test
  void badArguments() {
    Cli.run("write", db, SQL, "--changeset", file, "--patchset", file).exits(2);
    Cli.run("write", db, SQL, "--verify-capture").exits(2);
    Cli.run("write", db, SQL, "--capture", "diff").exits(2);
    Cli.run("write", db, SQL, "--changeset", directory).exits(2);
    Cli.run("write", db, SQL, "--changeset", directory.resolve("no/such")).exits(2);
    Cli.run("write", db, SQL, "--changeset", "-").exits(2);
    Cli.run("changeset", "export", db, "-o", file).exits(2);
    Cli.run("changeset", "export", db, "--since", directory.resolve("none"), "-o", file).exits(10);
    Cli.run("changeset", "export", db, "--since", db, "-o", file, "--tables", "nope").exits(2);
    assertEquals(2, Db.integer(db, "SELECT count(*) FROM t"));
    assertFiles();
  }
}
