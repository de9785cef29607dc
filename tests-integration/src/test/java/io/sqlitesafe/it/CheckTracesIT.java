package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
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
  private Path scratch;

  @BeforeEach
  void places() throws IOException {
    place = Files.createDirectory(directory.resolve("with the database"));
    scratch = Files.createDirectory(directory.resolve("scratch"));
  }

  private Program command(Object... files) {
    List<Object> all = new ArrayList<>(List.of("integrity-check", "--json"));
    all.addAll(Arrays.asList(files));
    return Cli.command(all.toArray()).with("TMPDIR", scratch.toString());
  }

  private Verdicts check(int exit, Object... files) {
    Verdicts verdicts = new Verdicts(command(files).run().exits(exit));
    assertScratchIsEmpty();
    return verdicts;
  }

  private void assertScratchIsEmpty() {
    try (Stream<Path> left = Files.list(scratch)) {
      assertEquals(List.of(), left.toList());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
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
    Verdicts found = check(0, journal, wal);
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
      check(0, db).ok(db);
      untouched.check();
      writer.execute("COMMIT");
      check(14, db).found(db, "kind", "foreign-key", "rowid", 9999L);
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
      check(14, db).found(db, "kind", "foreign-key", "rowid", 9999L);
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
      try (Running checking = command(db).start()) {
        Await.until("the check has it open", () -> uses(checking, db));
        writer.close();
        boolean stillOpen = uses(checking, db);
        checking.await().exits(0);
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
      Verdicts found = check(11, "--wait", "0", db);
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
    Verdicts found = check(14, with, without);
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
    Verdicts found = check(0, crashed);
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
      Result result = command(journal, wal, left, open).behind(ordinary).run().exits(14);
      untouched.check();
      Verdicts found = new Verdicts(result);
      found.ok(journal);
      found.ok(wal);
      found.found(left, "kind", "foreign-key", "rowid", 9999L);
      found.found(open, "kind", "foreign-key", "rowid", 9999L);
      assertScratchIsEmpty();
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
      Verdicts found = check(0, journal, wal);
      found.ok(journal);
      found.ok(wal);
    } finally {
      Program.of("umount", place).run().exits(0);
    }
  }

  // ---- compressed ------------------------------------------------------------------------------

  @Test
  void compressedBackups() throws IOException {
    assumeTrue(Program.exists("zstd") && Program.exists("gzip"), "needs zstd and gzip");
    Path sound = Damage.sound(place, "sound.db");
    Path damaged = Files.copy(sound, place.resolve("damaged.db"));
    long leaf = Damage.page(damaged, "child", "leaf");
    Damage.scramble(damaged, leaf);
    Path text = Files.writeString(place.resolve("text"), "no database");
    for (Path plain : List.of(sound, damaged, text)) {
      Program.of("zstd", "-q", plain).run().exits(0);
      Program.of("gzip", "-k", plain).run().exits(0);
    }
    Path nameless = Files.copy(Db.sibling(sound, ".zst"), place.resolve("without a suffix"));
    for (String suffix : List.of(".zst", ".gz")) {
      Path cut = Files.copy(Db.sibling(sound, suffix), place.resolve("cut" + suffix));
      Damage.resize(cut, Files.size(cut) / 2);
      Untouched untouched = Untouched.of(place);
      Verdicts found =
          check(
              14,
              Db.sibling(sound, suffix),
              Db.sibling(damaged, suffix),
              Db.sibling(text, suffix),
              cut,
              nameless);
      untouched.check();
      found.ok(Db.sibling(sound, suffix));
      found.ok(nameless);
      found.found(Db.sibling(damaged, suffix), "kind", "integrity", "table", "child", "page", leaf);
      found.found(cut, "kind", "file", "message", "cannot be decompressed");
      assertEquals("no-database", found.of(Db.sibling(text, suffix)).get("verdict"));
      assertEquals(
          suffix.equals(".gz") ? "gzip" : "zstd",
          found.of(Db.sibling(sound, suffix)).get("compression"));
    }
  }

  @Test
  void withoutRoomForDecompressionNothingIsBegun() throws IOException {
    assumeTrue(Privileges.root(), "only root can mount a file system for this test");
    assumeTrue(Program.exists("zstd"), "needs zstd");
    Path db =
        Db.create(
            place,
            "big.db",
            "CREATE TABLE t(x)",
            "INSERT INTO t WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 9000)"
                + " SELECT zeroblob(4000) FROM c");
    Program.of("zstd", "-q", db).run().exits(0);
    Path zst = Db.sibling(db, ".zst");
    // A pipe gives zstd no size to write into the frame, so only running out of room tells.
    Path unknown = place.resolve("unknown.zst");
    Program.of("sh", "-c", "cat \"$1\" | zstd -q > \"$2\"", "sh", db, unknown).run().exits(0);
    Result mounted = Program.of("mount", "-t", "tmpfs", "-o", "size=20m", "none", scratch).run();
    assumeTrue(mounted.exit() == 0, "no file system can be mounted here");
    try {
      Verdicts found = check(15, zst, unknown);
      for (Path file : List.of(zst, unknown)) {
        assertEquals("unsafe", found.of(file).get("verdict"), found::toString);
        assertTrue(found.of(file).get("hint").toString().contains("TMPDIR"));
      }
    } finally {
      Program.of("umount", scratch).run().exits(0);
    }
  }

  @Test
  void interruptedWhileItDecompresses() throws IOException {
    // More than can be decompressed before the signal comes: gzip turns zeros into very little.
    Path bomb = place.resolve("bomb.gz");
    Program.of("sh", "-c", "head -c 600000000 /dev/zero | gzip -1 > \"$1\"", "sh", bomb)
        .run()
        .exits(0);
    try (Running running = command(bomb).start()) {
      Await.until("a copy in the scratch directory", this::scratchIsInUse);
      running.signal("TERM");
      running.await().exits(143);
    }
    assertScratchIsEmpty();
  }

  private boolean scratchIsInUse() {
    try (Stream<Path> files = Files.walk(scratch)) {
      return files.count() > 2;
    } catch (IOException | java.io.UncheckedIOException vanishing) {
      return false;
    }
  }

  // ---- manifests -------------------------------------------------------------------------------

  private static Path manifest(Path backup, long bytes, String sha256) throws IOException {
    return Files.writeString(
        Db.sibling(backup, ".json"),
        """
        {"format":"sqlite-safe.manifest.v1","createdAt":"2026-11-24T02:00:03Z","software":"x",\
        "source":"/srv/app.db","method":"online","file":"b","bytes":%d,"sha256":"%s",\
        "compression":"none","databaseBytes":%d,"pageSize":4096,"pageCount":%d,\
        "sqliteVersion":"3","schemaVersion":1,"userVersion":0,"applicationId":0,\
        "checkLevel":"none","checkResult":"none","checkWarnings":0,"longestStallMs":0}
        """
            .formatted(bytes, sha256, bytes, bytes / 4096));
  }

  @Test
  void theManifestBesideIsCompared() throws IOException {
    Path right = Damage.sound(place, "right.db");
    String sha256 = Db.sha256(right);
    long bytes = Files.size(right);
    manifest(right, bytes, sha256);
    Path flipped = Files.copy(right, place.resolve("flipped.db"));
    Damage.write(flipped, 95, (byte) 7); // the number of the version that wrote it: harmless
    manifest(flipped, bytes, sha256);
    Path shorter = Files.copy(right, place.resolve("shorter.db"));
    manifest(shorter, bytes + 4096, sha256);
    Path garbage = Files.copy(right, place.resolve("garbage.db"));
    Files.writeString(Db.sibling(garbage, ".json"), "{\"format\":\"sqlite-safe.mani");
    Path foreign = Files.copy(right, place.resolve("foreign.db"));
    Files.writeString(Db.sibling(foreign, ".json"), "{\"name\":\"foreign\"}");
    Path overwritten = Files.writeString(place.resolve("overwritten.db"), "no database any more");
    manifest(overwritten, bytes, sha256);
    Untouched untouched = Untouched.of(place);

    Verdicts found = check(14, right, flipped, shorter, garbage, foreign, overwritten);

    untouched.check();
    found.ok(right);
    assertEquals("match", found.of(right).get("manifest"));
    found.found(flipped, "kind", "manifest", "message", "SHA-256");
    assertEquals("mismatch", found.of(flipped).get("manifest"));
    found.found(shorter, "kind", "manifest", "message", "bytes");
    found.found(garbage, "kind", "manifest", "message", "garbage.db.json");
    found.ok(foreign);
    assertEquals("none", found.of(foreign).get("manifest"));
    found.found(overwritten, "kind", "manifest");
    found.found(overwritten, "kind", "file", "message", "not a database");
  }
}
