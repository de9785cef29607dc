package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import io.sqlitesafe.it.kit.Worker;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups of databases that nobody writes to, and destinations of every kind. */
class BackupIT {
  private static final List<String> METHODS = List.of("auto", "online", "copy", "vacuum");
  private static final String ROWS =
      "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 500)"
          + " INSERT INTO t SELECT x, 'row ' || x FROM c";

  @TempDir Path directory;

  private Path database(String... first) {
    String[] sql = new String[first.length + 2];
    System.arraycopy(first, 0, sql, 0, first.length);
    sql[first.length] = "CREATE TABLE t(n INTEGER PRIMARY KEY, v)";
    sql[first.length + 1] = ROWS;
    return Db.create(directory, Db.AWKWARD, sql);
  }

  private static void assertCopy(Path copy) {
    Db.assertSound(copy);
    assertEquals(500, Db.integer(copy, "SELECT count(*) FROM t"));
    assertEquals(125250, Db.integer(copy, "SELECT sum(n) FROM t"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 65536})
  void everyPageSize(int pageSize) {
    Path db = database("PRAGMA page_size=" + pageSize);
    for (String method : METHODS) {
      Path copy = directory.resolve(method);
      Map<String, Object> made =
          Cli.run("backup", "--json", "--method", method, db, copy).exits(0).json();
      assertEquals((long) pageSize, made.get("pageSize"), made::toString);
      assertEquals(copy.toFile().length() / pageSize, made.get("pageCount"), made::toString);
      assertEquals(Db.sha256(copy), made.get("sha256"), made::toString);
      assertCopy(copy);
    }
    Db.assertNoLeftovers(db);
  }

  @Test
  void anEmptyDatabase() throws IOException {
    Path db = Files.createFile(directory.resolve("empty.db"));
    for (String method : METHODS) {
      Path copy = directory.resolve(method);
      Cli.run("backup", "--method", method, db, copy).exits(0);
      Db.assertSound(copy);
      assertEquals(0, Db.integer(copy, "SELECT count(*) FROM sqlite_schema"));
      Cli.run("integrity-check", copy).exits(0);
    }
  }

  @ParameterizedTest
  @CsvSource({"encrypted, 10, not a database", "truncated, 14, malformed", "missing, 10, no file"})
  void whatIsNoDatabaseIsNotCopied(String kind, int exit, String fragment) throws IOException {
    Path db = directory.resolve(Db.AWKWARD);
    if (kind.equals("encrypted")) {
      byte[] noise = new byte[40960];
      new Random(1).nextBytes(noise);
      Files.write(db, noise);
    } else if (kind.equals("truncated")) {
      database();
      try (RandomAccessFile file = new RandomAccessFile(db.toFile(), "rw")) {
        file.setLength(8192);
      }
    }
    Path copy = Files.writeString(directory.resolve("copy"), "the earlier one");
    for (String method : METHODS) {
      Refusal.of(db, "backup", "--overwrite", "--method", method, db, copy).expect(exit, fragment);
    }
    assertEquals("the earlier one", Files.readString(copy));
  }

  /**
   * A page that is damaged in the source is damaged in the copy: no reason to replace a good one.
   */
  @Test
  void aDamagedDatabaseDoesNotReplaceAGoodBackup() throws IOException {
    Path db = database();
    Path copy = directory.resolve("copy");
    Cli.run("backup", db, copy).exits(0);
    byte[] before = Files.readAllBytes(copy);
    try (RandomAccessFile file = new RandomAccessFile(db.toFile(), "rw")) {
      file.seek(3 * 4096);
      file.write(new byte[4096]);
    }
    Result text = Cli.run("backup", db, copy).exits(14);
    text.says("damaged");
    Cli.run("backup", "--json", "--verify", "full", db, copy).exits(14).error("damaged");
    assertArrayEquals(before, Files.readAllBytes(copy));
    Cli.run("backup", "--verify", "none", db, copy).exits(0);
    assertFalse(java.util.Arrays.equals(before, Files.readAllBytes(copy)));
  }

  /**
   * What is in the log and not in the file yet belongs to the backup; the source stays as it is.
   */
  @Test
  void aLogThatACrashedProgramLeft() throws IOException {
    Path db = database();
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    try (Running open = Worker.program("keep-open", db).start()) {
      open.awaitOut("open");
      Cli.run("write", db, "INSERT INTO t VALUES(0, 'in the log')").exits(0);
      open.kill();
    }
    Path log = Db.sibling(db, "-wal");
    assertTrue(Files.size(log) > 0);
    String before = Db.sha256(db) + Db.sha256(log);
    for (String method : METHODS) {
      Path copy = directory.resolve(method);
      Cli.run("backup", "--method", method, db, copy).exits(0);
      assertEquals(List.of(method + ".json"), Db.beside(copy));
      assertEquals(501, Db.integer(copy, "SELECT count(*) FROM t"), method);
      assertEquals(before, Db.sha256(db) + Db.sha256(log), method);
    }
    Cli.run("copy", db, directory.resolve("raw")).exits(0);
    assertEquals(501, Db.integer(directory.resolve("raw"), "SELECT count(*) FROM t"));
  }

  @Test
  void aWalDatabaseInPeaceIsLeftAsItWas() throws IOException {
    Path db = database();
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    String before = Db.sha256(db);
    for (String method : METHODS) {
      Cli.run("backup", "--method", method, db, directory.resolve(method)).exits(0);
      Db.assertNoLeftovers(db);
      assertEquals(before, Db.sha256(db), method);
    }
  }

  @Test
  void aHotJournalIsRolledBackFirst() throws SQLException, IOException {
    Path source = database();
    Path db = directory.resolve("crashed.db");
    try (Connection connection = Db.open(source, "rw")) {
      Db.execute(connection, "PRAGMA cache_size=3");
      Db.execute(connection, "BEGIN IMMEDIATE");
      Db.execute(connection, "UPDATE t SET v = zeroblob(500)");
      Files.copy(source, db);
      Files.copy(Db.sibling(source, "-journal"), Db.sibling(db, "-journal"));
      Db.execute(connection, "ROLLBACK");
    }
    Path copy = directory.resolve("copy");
    Cli.run("backup", db, copy).exits(0).says("rolled back the journal");
    assertEquals(0, Db.integer(copy, "SELECT count(*) FROM t WHERE v NOT LIKE 'row %'"));
    assertCopy(copy);
    Db.assertNoLeftovers(db);
  }

  @Test
  void aSourceDirectoryThatCannotBeWrittenTo() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("read only"));
    Path db = Files.move(database(), folder.resolve("app.db"));
    Files.setPosixFilePermissions(db, PosixFilePermissions.fromString("r--r--r--"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      for (String method : METHODS) {
        Path copy = directory.resolve(method);
        Cli.command("backup", "--method", method, db, copy)
            .behind(Privileges.ordinary())
            .run()
            .exits(0);
        assertCopy(copy);
        assertEquals(
            "r--r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
      }
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /** Without its index a log cannot be opened, and here no index can be made. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLogInADirectoryThatCannotBeWrittenTo(boolean crashed) throws IOException {
    Path folder = Files.createDirectory(directory.resolve("read only"));
    Path db = Files.move(database(), folder.resolve("app.db"));
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    if (crashed) {
      try (Running open = Worker.program("keep-open", db).start()) {
        open.awaitOut("open");
        Cli.run("write", db, "INSERT INTO t VALUES(0, 'in the log')").exits(0);
        open.kill();
      }
      Files.delete(Db.sibling(db, "-shm"));
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      for (String method : METHODS) {
        Path copy = directory.resolve(method);
        Cli.command("backup", "--method", method, db, copy)
            .behind(Privileges.ordinary())
            .run()
            .exits(0);
        assertEquals(crashed ? 501 : 500, Db.integer(copy, "SELECT count(*) FROM t"));
      }
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /** What is wrong with the data is no reason to have no backup of it. */
  @Test
  void brokenForeignKeysAreAWarning() {
    Path db =
        Db.create(
            directory,
            Db.AWKWARD,
            "PRAGMA foreign_keys=OFF",
            "CREATE TABLE p(id INTEGER PRIMARY KEY)",
            "CREATE TABLE c(p REFERENCES p)",
            "INSERT INTO c VALUES(7)");
    Path copy = directory.resolve("copy");
    Result result = Cli.run("backup", "--json", db, copy).exits(3);
    assertEquals(1L, Json.at(result.json(), "verify", "problems"), result::toString);
    assertEquals(1, ((List<?>) result.json().get("warnings")).size());
    assertEquals(Db.sha256(db), Db.sha256(copy));
    Cli.run("backup", db, copy).exits(3).says("warning");
  }

  @Test
  void permissionsAndOwnerAreTheSources() throws IOException {
    Path db = database();
    Files.setPosixFilePermissions(db, PosixFilePermissions.fromString("rw-r-----"));
    Path copy = directory.resolve("copy");
    boolean root = Privileges.root();
    if (root) {
      Program.of("chown", "65534:65534", db).run().exits(0);
    }
    Cli.run("backup", db, copy).exits(0);
    for (Path file : List.of(copy, Db.sibling(copy, ".json"))) {
      assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      assertEquals(Files.getOwner(db), Files.getOwner(file));
    }
  }

  @Test
  void aDirectoryAndAPattern() throws IOException {
    Path db = Files.move(database(), directory.resolve("app.db"));
    Path folder = Files.createDirectory(directory.resolve("backups"));
    String one =
        (String) Cli.run("backup", "--json", db, folder).exits(0).json().get("destination");
    assertTrue(one.matches(".*/backups/app-\\d{8}T\\d{6}Z\\.sqlite"), one);
    Cli.run("backup", db, folder + "/{file}.{utc:yyyy}", "--compress", "gzip").exits(0);
    String year = Integer.toString(java.time.Year.now(java.time.ZoneOffset.UTC).getValue());
    assertTrue(Files.exists(folder.resolve("app.db." + year + ".gz")), () -> year);
    Refusal.of(db, "backup", db, folder + "/{utc:bbbb}").expect(2, "time format");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "zstd"})
  void standardOutput(String compression) throws IOException {
    Path db = database();
    Path streamed = directory.resolve("streamed");
    Result result =
        Cli.command("backup", "--compress", compression, db, "-")
            .behind(
                List.of("sh", "-c", "out=$1; shift; exec \"$@\" >\"$out\"", "sh", streamed + ""))
            .with("TMPDIR", directory.toString())
            .run()
            .exits(0);
    result.says("quick check ok");
    Path restored = directory.resolve("restored.db");
    Cli.run("restore", streamed, restored).exits(0);
    assertEquals(Db.sha256(db), Db.sha256(restored));
    assertEquals(
        List.of(Db.AWKWARD, "restored.db", "streamed"), names(directory), "no scratch is left");
    Refusal.of(db, "backup", "--keep-last", "1", db, "-").expect(2, "--keep-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void aCompressedBackup(String compression) {
    Path db = database();
    Path copy = directory.resolve("copy");
    Map<String, Object> made =
        Cli.run("backup", "--json", "--compress", compression, db, copy).exits(0).json();
    assertEquals(compression, made.get("compression"));
    assertEquals(Db.sha256(copy), made.get("sha256"));
    assertEquals(copy.toFile().length(), made.get("bytes"));
    assertEquals(db.toFile().length(), made.get("databaseBytes"));
    Cli.run("integrity-check", copy).exits(0);
    Cli.run("restore", "--drill", copy).exits(0);
  }

  @Test
  void ifNothingHasChanged() throws IOException {
    Path db = database();
    Path folder = Files.createDirectory(directory.resolve("backups"));
    String[] backup = {"backup", "--json", "--if-changed", db.toString(), folder + "/{utc:n}.db"};
    assertEquals(false, Cli.run((Object[]) backup).exits(0).json().get("skipped"));
    Map<String, Object> second = Cli.run((Object[]) backup).exits(0).json();
    assertEquals(true, second.get("skipped"));
    assertEquals(2, names(folder).size());
    Cli.run("write", db, "INSERT INTO t VALUES(0, 'new')").exits(0);
    assertEquals(false, Cli.run((Object[]) backup).exits(0).json().get("skipped"));
    assertEquals(4, names(folder).size());
    Files.delete(Path.of((String) second.get("destination")));
    // The newest is still there.
    assertEquals(true, Cli.run((Object[]) backup).exits(0).json().get("skipped"));
  }

  /** Commits in WAL mode need not touch the change counter: the content decides. */
  @Test
  void ifNothingHasChangedInALog() throws IOException {
    Path db = database();
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    Path folder = Files.createDirectory(directory.resolve("backups"));
    String[] backup = {"backup", "--json", "--if-changed", db.toString(), folder + "/{utc:n}.db"};
    assertEquals(false, Cli.run((Object[]) backup).exits(0).json().get("skipped"));
    assertEquals(true, Cli.run((Object[]) backup).exits(0).json().get("skipped"));
    Cli.run("write", db, "UPDATE t SET v = 'row X' WHERE n = 1").exits(0);
    assertEquals(false, Cli.run((Object[]) backup).exits(0).json().get("skipped"));
    assertEquals(4, names(folder).size());
  }

  @Test
  void destinationsThatAreRefused() throws IOException, SQLException {
    Path db = database();
    Path used = Db.create(directory, "used.db", "CREATE TABLE t(v)");
    refused(db, db, "is the database itself");
    for (String command : List.of("vacuum-into", "copy")) {
      Refusal.of(db, command, db, db).expect(15, "is the database itself");
    }
    refused(db, Files.createSymbolicLink(directory.resolve("link"), db), "is the database itself");
    refused(db, Files.createLink(directory.resolve("hard"), db), "is the database itself");
    for (String suffix : List.of("-journal", "-wal", "-shm", ".lock")) {
      refused(db, Db.sibling(db, suffix), "belongs to the database");
    }
    try (Connection open = Db.open(used, "rw")) {
      Db.execute(open, "SELECT * FROM t");
      refused(db, used, "open in pid ");
    }
    try (Running holder = Cli.hold(used)) {
      refused(db, used, "is a database in use");
      holder.say("end");
      holder.await().exits(0);
    }
    Files.writeString(Db.sibling(used, "-journal"), "pages of another file");
    refused(db, used, "has a journal beside it");
    Path fifo = directory.resolve("fifo");
    Program.of("mkfifo", fifo).run().exits(0);
    refused(db, fifo, "is a named pipe");
    Path taken = Files.writeString(directory.resolve("app.json"), "{\"config\":1}");
    refused(db, directory.resolve("app"), "is another file");
    assertEquals("{\"config\":1}", Files.readString(taken));
    Refusal.of(db, "backup", db, directory.resolve("nowhere/copy")).expect(1, "no directory");
  }

  private static void refused(Path db, Path destination, String fragment) {
    Refusal.of(db, "backup", db, destination).expect(15, fragment);
  }

  @Test
  void vacuumIntoIsCompactAndCopyIsExact() {
    Path db = database();
    Db.column(db, "DELETE FROM t WHERE n > 10 RETURNING n");
    Path compact = directory.resolve("compact.db");
    Path exact = directory.resolve("exact.db");
    Map<String, Object> vacuum = Cli.run("vacuum-into", "--json", db, compact).exits(0).json();
    assertEquals("vacuum-into", vacuum.get("type"));
    assertEquals("vacuum", vacuum.get("method"));
    assertTrue(compact.toFile().length() < db.toFile().length());
    assertEquals(List.of("compact.db.json"), Db.beside(compact));
    Map<String, Object> copy = Cli.run("copy", "--json", db, exact).exits(0).json();
    assertEquals("copy", copy.get("type"));
    assertEquals(Db.sha256(db), Db.sha256(exact));
    assertEquals(List.of(), Db.beside(exact));
    assertEquals(10, Db.integer(compact, "SELECT count(*) FROM t"));
  }

  /** What SQLite itself would complete with zeros, and then find nothing wrong with. */
  @ParameterizedTest
  @CsvSource({"delete, 1", "delete, -1", "delete, 5000", "wal, 1", "wal, -1", "wal, 5000"})
  void aDatabaseThatWasCutOff(String mode, int length) throws IOException {
    Path db = database();
    Db.column(db, "PRAGMA journal_mode=" + mode);
    long size = Files.size(db);
    Damage.write(db, 92, new byte[4]); // its count of pages is not to be relied on, as SQLite sees
    Damage.resize(db, length < 0 ? size + length : length);
    Path copy = directory.resolve("copy");
    Refusal.of(db, "backup", db, copy).expect(14, Db.AWKWARD);
    for (String command : List.of("copy", "vacuum-into")) {
      Cli.run(command, db, copy).exits(14);
    }
    Cli.run("backup", "--method", "online", db, copy).exits(14);
    assertFalse(Files.exists(copy));
    Cli.run("integrity-check", db).exits(14);
  }

  /** A write-ahead log is worked off first: the copied file is all there is. */
  @Test
  void copyOfALogInUse() throws SQLException {
    Path db = database();
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    Path exact = directory.resolve("exact.db");
    try (Connection reader = Db.open(db, "rw")) {
      Db.execute(reader, "INSERT INTO t VALUES(0, 'in the log')");
      Cli.run("copy", db, exact).exits(0);
      assertEquals(501, Db.integer(exact, "SELECT count(*) FROM t"));
      Db.execute(reader, "BEGIN");
      Db.execute(reader, "SELECT * FROM t");
      Cli.run("write", db, "INSERT INTO t VALUES(-1, 'later')").exits(0);
      Cli.run("copy", "--overwrite", "--wait", "0", db, exact).exits(11).says("write-ahead log");
    }
    assertEquals(501, Db.integer(exact, "SELECT count(*) FROM t"));
  }

  /** The page at 1 GiB belongs to SQLite's locks and to no table. */
  @Test
  void acrossTheLockBytePage() {
    assumeTrue(Cli.LONG, "a database of more than a gigabyte: only with -Dsqlitesafe.long=true");
    Path db = Db.create(directory, "large.db", "PRAGMA page_size=65536", "CREATE TABLE t(v)");
    for (int i = 0; i < 12; i++) {
      Db.column(db, "INSERT INTO t VALUES(zeroblob(100000000)) RETURNING 1");
    }
    assertTrue(db.toFile().length() > 1L << 30);
    for (String method : METHODS) {
      Path copy = directory.resolve("copy");
      Cli.run("backup", "--method", method, db, copy).exits(0);
      assertEquals(12, Db.integer(copy, "SELECT count(*) FROM t WHERE length(v) = 100000000"));
    }
    Cli.run("restore", directory.resolve("copy"), db).exits(0);
    Db.assertSound(db);
  }
}
