package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no database, or no longer: refused by name, untouched. */
class BadDatabaseIT {
  private static final int PAGE = 4096;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "missing, 10, there is no file",
    "missing directory, 10, there is no directory",
    "directory, 10, is a directory",
    "text, 10, not a database",
    "encrypted, 10, not a database",
    "fifo, 10, not a regular file",
    "without pages, 14, malformed",
    "cut inside a page, 14, malformed",
    "header only, 14, malformed",
    "dangling link, 10, there is no file",
  })
  void isRefused(String kind, int exit, String fragment) throws IOException {
    Path db = make(kind);
    Refusal.of(db, "write", db, "INSERT INTO t VALUES(1)").expect(exit, fragment);
    Refusal.of(db, "read", db, "SELECT count(*) FROM t WHERE v IS NOT NULL").expect(exit, fragment);
    if (exit == 10 && !fragment.contains("not a database")) {
      Refusal.of(db, "with-lock", db, "--", "true").expect(exit, fragment);
      Refusal.of(db, "journal-mode", db).expect(exit, fragment);
      Refusal.of(db, "checkpoint", db).expect(exit, fragment);
    }
  }

  private Path make(String kind) throws IOException {
    Path db = directory.resolve(Db.AWKWARD);
    switch (kind) {
      case "missing" -> {}
      case "missing directory" -> db = directory.resolve("no such/app.db");
      case "directory" -> Files.createDirectory(db);
      case "text" -> Files.writeString(db, "This is a text and no database. ".repeat(300));
      case "encrypted" -> {
        byte[] noise = new byte[8 * PAGE];
        new Random(1).nextBytes(noise);
        Files.write(db, noise);
      }
      case "fifo" -> Program.of("mkfifo", db).run().exits(0);
      case "without pages" -> cut(db, 10 * PAGE);
      case "cut inside a page" -> cut(db, 12 * PAGE + 999);
      case "header only" -> cut(db, 50);
      case "dangling link" -> Files.createSymbolicLink(db, directory.resolve("gone"));
      default -> throw new IllegalArgumentException(kind);
    }
    return db;
  }

  private void cut(Path db, long length) throws IOException {
    Db.create(
        directory,
        Db.AWKWARD,
        "CREATE TABLE t(v)",
        "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 200)"
            + " INSERT INTO t SELECT randomblob(900) FROM c");
    try (RandomAccessFile file = new RandomAccessFile(db.toFile(), "rw")) {
      file.setLength(length);
    }
  }

  @Test
  void unreadable() throws IOException {
    Path db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)");
    Files.setPosixFilePermissions(db, PosixFilePermissions.fromString("---------"));
    List<String> ordinary = Privileges.ordinary();
    Result write = Cli.command("write", db, "SELECT 1").behind(ordinary).run();
    write.exits(10).says("permission denied");
    Result read = Cli.command("read", "--json", db, "SELECT 1").behind(ordinary).run();
    read.exits(10).error("no-database");
    Db.assertNoLeftovers(db);
  }

  /** A mistyped name must not become a file, whatever the command. */
  @ParameterizedTest
  @ValueSource(strings = {"inspect-lock", "break-stale", "journal-mode", "checkpoint"})
  void noCommandMakesAFile(String command) {
    Path db = directory.resolve("mistyped.db");
    Refusal.of(db, command, db).expect(10, "there is no file");
  }

  @Test
  void aFailedCreationLeavesNoFile() {
    Path db = directory.resolve(Db.AWKWARD);
    Refusal.of(db, "write", "--create", db, "CREATE TABLE t(v); INSERT INTO nowhere VALUES(1)")
        .expect(1, "no such table: nowhere");
  }

  @Test
  void anEmptyFileIsAnEmptyDatabase() throws IOException {
    Path db = Files.createFile(directory.resolve(Db.AWKWARD));
    Refusal.of(db, "write", db, "INSERT INTO t VALUES(1)").expect(1, "no such table: t");
    Cli.run("write", db, "CREATE TABLE t(v); INSERT INTO t VALUES(7)").exits(0);
    assertEquals(7, Db.integer(db, "SELECT v FROM t"));
  }

  /** Everything works on names that shells, URIs and character sets stumble over. */
  @ParameterizedTest
  @ValueSource(strings = {Db.AWKWARD, "-rf.db", "a\nb.db", "x%20y?mode=memory", ":memory:"})
  void anyNameIsFine(String name) {
    assumeTrue(Path.of(name).toString().equals(name));
    Program write =
        Cli.command("write", "--create", "--", name, "CREATE TABLE t(v); INSERT INTO t VALUES(7)");
    write.in(directory).run().exits(0);
    Result read =
        Cli.command("read", "--format", "list", "--", name, "SELECT v FROM t").in(directory).run();
    assertEquals("7", read.exits(0).out().strip());
    assertEquals(7, Db.integer(directory.resolve(name), "SELECT v FROM t"));
    Db.assertNoLeftovers(directory.resolve(name));
  }

  /** The lock lies beside the file itself, whatever name it was called by. */
  @Test
  void symbolicLinksShareOneLock() throws IOException {
    Path db = Db.create(directory, "real.db", "CREATE TABLE t(v)");
    Path folder = Files.createDirectory(directory.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(folder.resolve("link.db"), db);
    try (Running holder = Cli.hold(link)) {
      assertEquals(List.of("real.db.lock"), Db.beside(db));
      assertEquals(List.of(), Db.beside(link));
      Cli.run("write", "--wait", "0", db, "DELETE FROM t").exits(11);
      holder.say("end");
      holder.await().exits(0);
    }
  }
}
