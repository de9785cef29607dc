package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Checking;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.PythonSession;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import io.sqlitesafe.it.kit.Untouched;
import io.sqlitesafe.it.kit.Verdicts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wherever a database lies and whoever uses it, checking it leaves everything as it is. */
class CheckTracesIT {
  private static final String ORPHAN = "INSERT INTO child VALUES(9999, 77, 'orphan', 0)";

  @TempDir Path directory;
  private Path place;
  private Checking checking;

  @BeforeEach
  void places() {
    checking = Checking.in(directory);
    place = checking.place();
  }

  private Path wal(String name) {
    Path db = Damage.sound(place, name);
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    return db;
  }

  @Test
  void restingDatabasesOfBothKinds() {
    Path journal = Damage.sound(place, Db.AWKWARD);
    Path wal = wal("wal.db");
    Untouched untouched = Untouched.of(place);
    Verdicts found = checking.check(0, journal, wal);
    untouched.check();
    found.ok(journal);
    found.ok(wal);
  }

  @Test
  void liveDatabaseWithARollbackJournal() {
    Path db = Damage.sound(place, "live.db");
    try (PythonSession writer = new PythonSession(db)) {
      writer.execute("BEGIN IMMEDIATE");
      writer.execute(ORPHAN);
      Untouched untouched = Untouched.of(place);
      checking.check(0, db).ok(db);
      untouched.check();
      writer.execute("COMMIT");
      checking.check(14, db).found(db, "kind", "foreign-key", "rowid", 9999L);
    }
  }

  /** What is only in the log counts. */
  @Test
  void liveDatabaseWithALog() {
    Path db = wal("live.db");
    try (PythonSession writer = new PythonSession(db)) {
      writer.execute(ORPHAN);
      writer.execute("BEGIN IMMEDIATE");
      Untouched untouched = Untouched.apartFromReaders(place);
      checking.check(14, db).found(db, "kind", "foreign-key", "rowid", 9999L);
      untouched.check();
      writer.execute("COMMIT");
    }
    assertEquals(List.of(), Db.beside(db));
  }

  /** The check would be the last to leave, and cannot remove the log: nobody may notice. */
  @Test
  void programsThatCloseADatabaseWithALogMeanwhile() {
    assumeTrue(Files.exists(Path.of("/proc/locks")), "who uses a file is only seen on Linux");
    Path db = wal("live.db");
    try (PythonSession writer = new PythonSession(db)) {
      writer.execute(
          "INSERT INTO docs(body) WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c"
              + " WHERE x < 400000) SELECT 'some text that makes the file grow' FROM c");
      writer.execute("INSERT INTO outer_text(outer_text) VALUES('rebuild')");
      try (Running running = checking.command(db).start()) {
        Await.until("the check has it open", () -> uses(running, db));
        writer.close();
        boolean stillOpen = uses(running, db);
        running.await().exits(0);
        assumeTrue(stillOpen, "the check was too quick for this test");
      }
    }
    assertEquals(List.of(), Db.beside(db));
  }

  private static boolean uses(Running process, Path file) {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return descriptors.anyMatch(d -> target(d).equals(file.toString() + "-shm"));
    } catch (IOException gone) {
      return false;
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  @Test
  void databaseThatAProgramKeepsToItself() {
    Path db = wal("alone.db");
    try (PythonSession owner = new PythonSession(db)) {
      owner.execute("PRAGMA locking_mode=EXCLUSIVE");
      owner.execute(ORPHAN);
      Untouched untouched = Untouched.of(place);
      Verdicts found = checking.check(11, "--wait", "0", db);
      untouched.check();
      assertEquals("lock-busy", found.of(db).get("verdict"));
    }
  }

  /** Copied without its -shm, or with the one of a process that is gone. */
  @Test
  void logThatACrashedProgramLeft() throws SQLException, IOException {
    Path db = wal("source.db");
    Path with = place.resolve("with.db");
    Path without = place.resolve("without.db");
    try (Connection writer = Db.open(db, "rw")) {
      Db.execute(writer, ORPHAN);
      for (Path copy : List.of(with, without)) {
        Files.copy(db, copy);
        Files.copy(Db.sibling(db, "-wal"), Db.sibling(copy, "-wal"));
      }
      Files.copy(Db.sibling(db, "-shm"), Db.sibling(with, "-shm"));
    }
    Untouched untouched = Untouched.apartFromReaders(place);
    Verdicts found = checking.check(14, with, without);
    untouched.check();
    found.found(with, "kind", "foreign-key", "rowid", 9999L);
    found.found(without, "kind", "foreign-key", "rowid", 9999L);
    assertTrue(found.of(without).get("notes").toString().contains("recovered copy"));
  }

  @Test
  void journalThatACrashedProgramLeft() throws SQLException, IOException {
    Path db = Damage.sound(place, "source.db");
    Path crashed = place.resolve("crashed.db");
    try (Connection writer = Db.open(db, "rw")) {
      Db.execute(writer, "PRAGMA cache_size=3");
      Db.execute(writer, "BEGIN IMMEDIATE");
      Db.execute(writer, "UPDATE child SET p = 77, note = note || zeroblob(200)");
      Files.copy(db, crashed);
      Files.copy(Db.sibling(db, "-journal"), Db.sibling(crashed, "-journal"));
      Db.execute(writer, "ROLLBACK");
    }
    Untouched untouched = Untouched.of(place);
    Verdicts found = checking.check(0, crashed);
    untouched.check();
    found.ok(crashed);
    assertTrue(found.of(crashed).get("notes").toString().contains("recovered copy"));
  }

  @Test
  void directoryAndFilesThatCannotBeWritten() throws SQLException, IOException {
    List<String> ordinary = Privileges.ordinary();
    Path journal = Damage.sound(place, "journal.db");
    Path wal = wal("wal.db");
    Path source = wal("source.db");
    Path left = place.resolve("left.db");
    Path open = place.resolve("open.db");
    try (Connection writer = Db.open(source, "rw")) {
      Db.execute(writer, ORPHAN);
      for (Path copy : List.of(left, open)) {
        Files.copy(source, copy);
        Files.copy(Db.sibling(source, "-wal"), Db.sibling(copy, "-wal"));
      }
      Files.copy(Db.sibling(source, "-shm"), Db.sibling(open, "-shm"));
    }
    for (Path each : List.of(journal, wal, left, Db.sibling(left, "-wal"))) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("r--r--r--"));
    }
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.setPosixFilePermissions(
          Db.sibling(open, suffix), PosixFilePermissions.fromString("r--r--r--"));
    }
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      Untouched untouched = Untouched.of(place);
      Result result = checking.command(journal, wal, left, open).behind(ordinary).run().exits(14);
      untouched.check();
      Verdicts found = new Verdicts(result);
      found.ok(journal);
      found.ok(wal);
      found.found(left, "kind", "foreign-key", "rowid", 9999L);
      found.found(open, "kind", "foreign-key", "rowid", 9999L);
      checking.assertScratchIsEmpty();
    } finally {
      Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void mediumThatCannotBeWritten() throws IOException {
    assumeTrue(Privileges.root(), "only root can mount a file system for this test");
    Result mounted = Program.of("mount", "-t", "tmpfs", "-o", "size=9m", "none", place).run();
    assumeTrue(mounted.exit() == 0, "no file system can be mounted here");
    try {
      Path journal = Damage.sound(place, "journal.db");
      Path wal = wal("wal.db");
      Program.of("mount", "-o", "remount,ro", place).run().exits(0);
      Verdicts found = checking.check(0, journal, wal);
      found.ok(journal);
      found.ok(wal);
    } finally {
      Program.of("umount", place).run().exits(0);
    }
  }

  /** SQLite deletes both, if it is asked at all. */
  @Test
  void whatLiesBesideAnEmptyFileIsSaved() throws IOException {
    Path wal = Files.createFile(place.resolve("wal.db"));
    Files.write(Db.sibling(wal, "-wal"), new byte[4152]);
    Path journal = Files.createFile(place.resolve("journal.db"));
    byte[] header = new byte[512];
    ByteBuffer.wrap(header).putLong(0xd9d505f920a163d7L).putInt(16, 2); // of two pages
    Files.write(Db.sibling(journal, "-journal"), header);
    Untouched untouched = Untouched.of(place);
    Verdicts found = checking.check(14, wal, journal);
    untouched.check();
    found.found(wal, "kind", "file", "message", "4152 bytes in wal.db-wal");
    found.found(journal, "kind", "file", "message", "512 bytes in journal.db-journal");
    for (Path db : new Path[] {wal, journal}) {
      Cli.run("read", db, "SELECT 1").exits(15).says("would delete");
      Cli.run("write", db, "CREATE TABLE t(v)").exits(15).says("would delete");
      Cli.run("backup", db, directory.resolve("copy")).exits(15).says("would delete");
    }
    assertEquals(4152, Files.size(Db.sibling(wal, "-wal")));
    assertEquals(512, Files.size(Db.sibling(journal, "-journal")));
  }
}
