package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import io.sqlitesafe.it.kit.Worker;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups put in place of databases in every state that a disaster leaves. */
class RestoreIT {
  @TempDir Path directory;
  private Path db;
  private Path backup;

  @BeforeEach
  void makeBackup() {
    db =
        Db.create(
            directory,
            Db.AWKWARD,
            "CREATE TABLE t(v)",
            "CREATE TABLE filler(body)",
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 100)"
                + " INSERT INTO filler SELECT randomblob(900) FROM c",
            "INSERT INTO t VALUES('as it was')");
    backup = directory.resolve("backup");
    Cli.run("backup", db, backup).exits(0);
    Db.column(db, "UPDATE t SET v = 'by mistake' RETURNING v");
  }

  private static List<String> values(Path file) {
    return Db.column(file, "SELECT v FROM t");
  }

  private Path restore() {
    Map<String, Object> done = Cli.run("restore", "--json", backup, db).exits(0).json();
    assertEquals("restore", done.get("type"));
    assertEquals(true, done.get("manifest"));
    assertEquals(Db.sha256(backup), done.get("sha256"));
    assertEquals("full", Json.at(done, "verify", "level"));
    assertEquals(Db.sha256(backup), Db.sha256(db));
    assertEquals(List.of("as it was"), values(db));
    Path aside = Path.of((String) done.get("movedAside"));
    assertTrue(aside.getFileName().toString().startsWith(Db.AWKWARD + ".before-restore-"));
    return aside;
  }

  @Test
  void theFormerDatabaseIsMovedAside() {
    Path aside = restore();
    assertEquals(List.of("by mistake"), values(aside));
    assertEquals(List.of(aside.getFileName().toString().substring(Db.AWKWARD.length())), ends());
    // Again at once: the first one is not overwritten.
    assertTrue(!restore().equals(aside));
    assertEquals(List.of("by mistake"), values(aside));
  }

  /** What lies beside the database. */
  private List<String> ends() {
    return Db.beside(db).stream().map(name -> name.substring(Db.AWKWARD.length())).toList();
  }

  @Test
  void overNothing() throws IOException {
    Files.delete(db);
    Map<String, Object> done = Cli.run("restore", "--json", backup, db).exits(0).json();
    assertNull(done.get("movedAside"));
    assertEquals(List.of("as it was"), values(db));
    Db.assertNoLeftovers(db);
  }

  @Test
  void overAHotJournal() throws SQLException, IOException {
    Path crashed = directory.resolve("crashed.db");
    try (Connection connection = Db.open(db, "rw")) {
      Db.execute(connection, "PRAGMA cache_size=3");
      Db.execute(connection, "BEGIN IMMEDIATE");
      Db.execute(connection, "UPDATE filler SET body = zeroblob(900)");
      Files.copy(db, crashed);
      Files.copy(Db.sibling(db, "-journal"), Db.sibling(crashed, "-journal"));
      Db.execute(connection, "ROLLBACK");
    }
    db =
        Files.move(
            crashed,
            directory.resolve(Db.AWKWARD),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.move(Db.sibling(crashed, "-journal"), Db.sibling(db, "-journal"));
    Path aside = restore();
    assertEquals(0, Db.integer(aside, "SELECT count(*) FROM filler WHERE body = zeroblob(900)"));
    Db.assertSound(aside);
    assertEquals(1, ends().size());
  }

  @Test
  void overALogThatACrashedProgramLeft() {
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    try (Running open = Worker.program("keep-open", db).start()) {
      open.awaitOut("open");
      Cli.run("write", db, "UPDATE t SET v = 'in the log'").exits(0);
      open.kill();
    }
    assertTrue(Db.sibling(db, "-wal").toFile().length() > 0);
    Path aside = restore();
    assertEquals(List.of("in the log"), values(aside));
  }

  /** SQLite cannot recover it any more: the journals go with it, and never with the new file. */
  @ParameterizedTest
  @ValueSource(strings = {"-journal", "-wal"})
  void overADamagedDatabaseWithAJournal(String suffix) throws IOException {
    byte[] noise =
        "This is no database any more. "
            .repeat(400)
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Files.write(db, noise);
    Files.writeString(Db.sibling(db, suffix), "journal of the former one".repeat(100));
    Path aside = restore();
    assertEquals(noise.length, Files.size(aside));
    assertEquals(
        "journal of the former one".repeat(100), Files.readString(Db.sibling(aside, suffix)));
    assertEquals(List.of("as it was"), values(db));
    assertTrue(Files.notExists(Db.sibling(db, suffix)));
  }

  @Test
  void aHolderIsNamedAndNothingMoves() {
    try (Running holder = Cli.hold(db)) {
      Refusal.of(db, "restore", "--wait", "0", backup, db).expect(11, "pid " + holder.pid());
      holder.say("end");
      holder.await().exits(0);
    }
    assertEquals(List.of("by mistake"), values(db));
  }

  @Test
  void whoeverHasItOpenIsNamedAndNothingMoves() throws SQLException {
    try (Running open = Worker.program("keep-open", db).start()) {
      open.awaitOut("open");
      Refusal.of(db, "restore", backup, db).expect(15, "pid " + open.pid());
    }
    assertEquals(List.of("by mistake"), values(db));
    Db.assertNoLeftovers(db);
  }

  @Test
  void aBackupThatIsNotWhatItsManifestSays() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(backup.toFile(), "rw")) {
      file.seek(backup.toFile().length() - 100);
      file.write(7);
    }
    Refusal.of(db, "restore", backup, db).expect(14, "SHA-256");
    Cli.run("restore", "--drill", backup).exits(14).says("SHA-256");
    assertEquals(List.of("by mistake"), values(db));
  }

  @Test
  void aDamagedBackupWithoutAManifest() throws IOException {
    Files.delete(Db.sibling(backup, ".json"));
    try (RandomAccessFile file = new RandomAccessFile(backup.toFile(), "rw")) {
      file.seek(4096);
      file.write(new byte[4096]);
    }
    Refusal.of(db, "restore", backup, db).expect(14, "cannot be used");
    assertEquals(List.of("by mistake"), values(db));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void aCompressedBackupThatIsCutOff(String compression) throws IOException {
    Path packed = directory.resolve("packed");
    Cli.run("backup", "--no-manifest", "--compress", compression, db, packed).exits(0);
    try (RandomAccessFile file = new RandomAccessFile(packed.toFile(), "rw")) {
      file.setLength(file.length() * 2 / 3);
    }
    Refusal.of(db, "restore", packed, db).expect(14, "decompress");
  }

  @Test
  void whatIsNoBackup() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "no database at all. ".repeat(500));
    Refusal.of(db, "restore", text, db).expect(10, text + " is not");
    Refusal.of(db, "restore", directory.resolve("nothing"), db).expect(10, "there is no file");
    Refusal.of(db, "restore", directory, db).expect(10, "is not a regular file");
    Refusal.of(db, "restore", db, db).expect(15, "is the database itself");
    Files.writeString(Db.sibling(backup, "-wal"), "more");
    Refusal.of(db, "restore", backup, db).expect(15, "not a finished backup");
    Cli.run("restore", backup).exits(2);
  }

  @Test
  void aDrillTouchesNothing() throws IOException {
    String before = Db.sha256(db) + Db.beside(db);
    Path scratch = Files.createDirectory(directory.resolve("scratch"));
    Map<String, Object> done =
        Cli.command("restore", "--drill", "--json", backup)
            .with("TMPDIR", scratch.toString())
            .run()
            .exits(0)
            .json();
    assertEquals(true, done.get("drill"));
    assertEquals(Db.sha256(backup), done.get("sha256"));
    assertEquals(before, Db.sha256(db) + Db.beside(db));
    try (var files = Files.list(scratch)) {
      assertEquals(0, files.count());
    }
  }

  /** It would look as if that had been tried, too. */
  @Test
  void aDrillTakesNoDatabase() throws IOException {
    Refusal.of(db, "restore", "--drill", backup, db).expect(2, "is the database itself");
    Cli.run("restore", "--drill", db, backup).exits(2).says("is the database itself");
    Path bare = Files.copy(backup, directory.resolve("bare"));
    Path other = Db.create(directory, "other.db", "CREATE TABLE t(v)");
    Refusal.of(db, "restore", "--drill", bare, other).expect(2, "is it a database?");
    Refusal.of(db, "restore", "--drill", bare, directory.resolve("new.db")).expect(2, "new.db");
    Refusal.of(db, "restore", backup, db, bare).expect(2, "one backup and one database");
    Refusal.of(db, "restore", "--metrics", directory.resolve("m"), backup, db).expect(2, "drill");
  }

  @Test
  void aDrillTriesEveryBackup() throws IOException {
    Path second = directory.resolve("second.zst");
    Cli.run("backup", "--compress", "zstd", db, second).exits(0);
    Path third = Files.copy(backup, directory.resolve("third"));
    Path metrics = directory.resolve("x.prom");
    Result all = Cli.run("restore", "--drill", backup, second, third, "--metrics", metrics);
    all.exits(0);
    assertEquals(3, all.out().lines().filter(l -> l.contains(": can be restored: ")).count());
    String label = db.toRealPath().toString().replace("\"", "\\\"");
    String name = "{database=\"" + label + "\"} ";
    assertTrue(Files.readString(metrics).contains("sqlite_safe_drill_success" + name + "1"));
    assertTrue(Files.readString(metrics).contains("sqlite_safe_drill_backups" + name + "2"));

    Damage.resize(second, Files.size(second) - 5);
    Result some =
        Cli.run("restore", "--drill", "--json", backup, second, third, "--metrics", metrics);
    some.exits(14).error("damaged");
    List<?> each = (List<?>) some.json().get("backups");
    assertEquals(
        List.of(true, false, true), each.stream().map(b -> ((Map<?, ?>) b).get("ok")).toList());
    assertTrue(Files.readString(metrics).contains("sqlite_safe_drill_success" + name + "0"));
    assertTrue(Files.readString(metrics).contains("sqlite_safe_drill_last_success"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "zstd"})
  void aBackupThatHoldsNothingIsOnlyRestoredOnRequest(String compression) throws IOException {
    Path empty = Files.createFile(directory.resolve("empty.db"));
    Path nothing = directory.resolve("nothing");
    Cli.run("backup", "--compress", compression, empty, nothing).exits(0);
    Refusal.of(db, "restore", nothing, db).expect(15, "holds nothing");
    Cli.run("restore", "--drill", nothing).exits(0); // as its manifest says
    Files.delete(Db.sibling(nothing, ".json"));
    Cli.run("restore", "--drill", nothing).exits(15).says("--allow-empty");
    Cli.run("restore", "--allow-empty", nothing, db).exits(0);
    assertEquals(0, Db.integer(db, "SELECT count(*) FROM sqlite_schema"));
  }

  /** ANALYZE and AUTOINCREMENT leave tables of SQLite's own. */
  @Test
  void aBackupWithoutTablesHoldsNothing() {
    Path dropped =
        Db.create(
            directory,
            "dropped.db",
            "CREATE TABLE a(n INTEGER PRIMARY KEY AUTOINCREMENT)",
            "INSERT INTO a VALUES(1)",
            "ANALYZE",
            "DROP TABLE a");
    Refusal.of(db, "restore", dropped, db).expect(15, "no table");
  }

  /** The message names the backup, not what it was to replace. */
  @Test
  void aBackupThatWasCutOffIsNamed() throws IOException {
    Path cut = Files.copy(backup, directory.resolve("cut.db"));
    Damage.resize(cut, Files.size(backup) - 4000);
    Result result = Cli.run("restore", cut, directory.resolve("target.db")).exits(14);
    result.says(cut + " is damaged");
    assertTrue(!result.err().contains("target.db"), result::toString);
    assertTrue(Files.notExists(directory.resolve("target.db")));
  }

  /** Each member is compared: what is not so is found, by both commands that read manifests. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes",
        "sha256",
        "databaseBytes",
        "databaseSha256",
        "pageSize",
        "pageCount",
        "schemaVersion",
        "userVersion",
        "applicationId"
      })
  void everyMemberOfTheManifestIsCompared(String member) throws IOException {
    Path manifest = Db.sibling(backup, ".json");
    String text = Files.readString(manifest);
    Files.writeString(
        manifest,
        text.replaceFirst("(\"" + member + "\":\"?)[0-9a-f]{4}", "$1" + "1111")
            .replaceFirst("(\"" + member + "\":)[0-9]{1,3}([,}])", "$1" + "512$2"));
    assertTrue(!Files.readString(manifest).equals(text), text);
    Cli.run("restore", "--drill", backup).exits(14).says("not what its manifest says");
    Cli.run("integrity-check", backup).exits(14);
  }

  /** Inside with-lock the parent's lock is shared. */
  @Test
  void insideALockOfTheParent() {
    Cli.run("with-lock", db, "--", Cli.launcher(), "restore", "--wait", "0", backup, db).exits(0);
    assertEquals(List.of("as it was"), values(db));
  }
}
