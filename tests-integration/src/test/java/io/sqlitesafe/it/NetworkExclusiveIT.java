package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Network-exclusive access, by real processes: everybody follows the protocol, nobody is trusted.
 */
class NetworkExclusiveIT {
  private static final String BEAT = "--heartbeat-interval=1s";
  private static final String STALE = "--stale-after=10s";
  private static final int KILLS = Cli.LONG ? 60 : 4;
  private static final int RACERS = Cli.LONG ? 4 : 2;
  private static final int ROUNDS = Cli.LONG ? 50 : 5;

  /** Runs for some seconds, so that it can be stopped in the middle. */
  private static final String LONG_QUERY =
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000000)"
          + " SELECT count(*) FROM c";

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() {
    db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('old')");
    Cli.run("access", db, "network-exclusive").exits(0);
  }

  private Path readers() {
    return Db.sibling(db, ".lock.readers");
  }

  private List<String> markers() {
    try (var entries = Files.list(readers())) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Object inode() {
    return attribute("unix:ino");
  }

  private Object attribute(String name) {
    try {
      return Files.getAttribute(db, name);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Only what the mode is marked by is left, and the database is whole. */
  private void assertRows(String... expected) {
    assertEquals(List.of(expected), Db.column(db, "SELECT v FROM t"));
    Db.assertSound(db);
    assertEquals(List.of(db.getFileName() + ".lock.readers"), Db.beside(db));
    assertEquals(List.of(), markers());
  }

  // ---- what it does ----------------------------------------------------------------------------

  @Test
  void aCommitReplacesTheFile() {
    Object before = inode();
    Map<String, Object> report =
        Cli.run("write", "--json", db, "INSERT INTO t VALUES('new') RETURNING v").exits(0).json();
    assertEquals(1L, report.get("changes"));
    assertNotEquals(before, inode());
    assertRows("old", "new");
    Result rows = Cli.run("read", db, "SELECT v FROM t", "--format", "list").exits(0);
    assertEquals("old\nnew\n", rows.out());
    assertRows("old", "new");
  }

  @Test
  void whatChangesNothingReplacesNothing() {
    Object before = inode();
    Cli.run("write", db, "SELECT 1").exits(0);
    Cli.run("write", db, "UPDATE t SET v = 'x' WHERE v = 'none'").exits(0);
    Cli.run("write", "--dry-run", db, "DELETE FROM t").exits(0);
    Cli.run("write", db, "DELETE FROM t; SELEC").exits(1);
    Cli.run("write", db, "DELETE FROM t", "--when", "SELECT count(*) = 5 FROM t").exits(13);
    assertEquals(before, inode());
    assertRows("old");
  }

  /** Java sees of an ACL only its mask, as what the group may do. */
  @Test
  void anAccessControlListStays() {
    assumeTrue(Program.exists("setfacl"), "setfacl is not installed");
    Result set = Program.of("setfacl", "-m", "u:1:rw,g::r", db).run();
    assumeTrue(set.exit() == 0, "no ACLs here: " + set.err());
    String before = Program.of("getfacl", "-c", db).run().exits(0).out();
    assertTrue(before.contains("group::r--"), before);
    Cli.run("write", db, "INSERT INTO t VALUES('new')").exits(0);
    assertEquals(before, Program.of("getfacl", "-c", db).run().exits(0).out());
    assertRows("old", "new");
  }

  private static boolean hasAttributes(UserDefinedFileAttributeView view) {
    try {
      view.write("origin", ByteBuffer.wrap("here".getBytes(StandardCharsets.UTF_8)));
      return true;
    } catch (IOException notOnThisFileSystem) {
      return false;
    }
  }

  @Test
  void ownerPermissionsAndAttributesStay() throws IOException {
    Files.setPosixFilePermissions(db, PosixFilePermissions.fromString("rw-r-----"));
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(db, UserDefinedFileAttributeView.class);
    boolean extended = hasAttributes(view);
    boolean root = "root".equals(System.getProperty("user.name"));
    if (root) {
      Program.of("chown", "12345:23456", db).run().exits(0);
    }
    Cli.run("write", db, "INSERT INTO t VALUES('new')").exits(0);
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(db)));
    if (extended) {
      ByteBuffer value = ByteBuffer.allocate(view.size("origin"));
      view.read("origin", value);
      assertEquals("here", new String(value.array(), StandardCharsets.UTF_8));
    }
    if (root) {
      assertEquals(12345, attribute("unix:uid"));
      assertEquals(23456, attribute("unix:gid"));
    }
    assertRows("old", "new");
  }

  @Test
  void aNewDatabaseIsMarkedAsItIsMade() {
    Path made = directory.resolve("made.db");
    Cli.run("write", "--create", "--access", "network-exclusive", made, "SELEC").exits(1);
    assertFalse(Files.exists(made));
    assertEquals(List.of(), Db.beside(made));
    Cli.run("write", "--create", "--access", "network-exclusive", made, "CREATE TABLE t(v)")
        .exits(0);
    assertEquals(List.of("made.db.lock.readers"), Db.beside(made));
    Cli.run("write", made, "INSERT INTO t VALUES(1)").exits(0);
    assertEquals(List.of("1"), Db.column(made, "SELECT v FROM t"));
  }

  @Test
  void everyCommandWorks() {
    Path copy = directory.resolve("copy.db");
    for (String method : List.of("auto", "online", "copy", "vacuum")) {
      Cli.run("backup", "--method", method, db, copy).exits(0);
      assertEquals(List.of("old"), Db.column(copy, "SELECT v FROM t"));
    }
    Cli.run("copy", db, directory.resolve("exact.db")).exits(0);
    Cli.run("vacuum-into", db, directory.resolve("compact.db")).exits(0);
    Cli.run("integrity-check", db).exits(0);
    assertEquals("delete\n", Cli.run("journal-mode", db).exits(0).out());
    Cli.run("checkpoint", db).exits(0);
    Path changes = directory.resolve("all.changeset");
    Cli.run("write", db, "CREATE TABLE k(id INTEGER PRIMARY KEY, v)").exits(0);
    Cli.run("write", db, "INSERT INTO k VALUES(1, 'one')", "--changeset", changes).exits(0);
    Cli.run("backup", db, copy).exits(0);
    Cli.run("changeset", "apply", db, changes, "--invert").exits(0);
    assertEquals(0, Db.integer(db, "SELECT count(*) FROM k"));
    Path difference = directory.resolve("difference.changeset");
    Cli.run("changeset", "export", db, "--since", copy, "-o", difference).exits(0);
    Cli.run("changeset", "apply", copy, difference).exits(0);
    assertEquals(0, Db.integer(copy, "SELECT count(*) FROM k"));
    Result shell =
        Cli.command("shell", db)
            .input(
                "INSERT INTO t VALUES('shell');\nBEGIN;\nINSERT INTO t VALUES('two');\nCOMMIT;\n"
                    + "SELECT count(*) FROM t;\n")
            .run()
            .exits(0);
    assertTrue(shell.out().contains("3"), shell::toString);
    // The former copy was written to: it is not lost.
    Cli.run("backup", db, copy).exits(3).says("is not what its manifest says");
    Cli.run("write", db, "DELETE FROM t").exits(0);
    Cli.run("restore", copy, db).exits(0);
    assertEquals(List.of("old", "shell", "two"), Db.column(db, "SELECT v FROM t"));
    assertEquals(List.of(), markers());
    assertFalse(Files.exists(Db.sibling(db, ".lock")));
  }

  @Test
  void commandsUnderWithLockTakePart() {
    String script =
        "\"$1\" write \"$2\" \"INSERT INTO t VALUES('in')\" && \"$1\" read \"$2\" 'SELECT count(*)"
            + " AS n FROM t'";
    Result result =
        Cli.run("with-lock", db, "--", "sh", "-c", script, "sh", Cli.launcher(), db).exits(0);
    assertTrue(result.out().contains("2"), result::toString);
    assertRows("old", "in");
  }

  // ---- what it refuses -------------------------------------------------------------------------

  @Test
  void theModeIsEnforced() {
    Refusal.of(db, "write", "--access", "trusted", db, "DELETE FROM t").expect(15, "access");
    Refusal.of(db, "read", "--access", "trusted", db, "SELECT 1").expect(15, "access");
    Cli.run("read", "--access", "network-exclusive", db, "SELECT 1").exits(0);
    assertEquals("network-exclusive\n", Cli.run("access", db).exits(0).out());
    Cli.run("access", db, "trusted").exits(0);
    assertEquals(List.of(), Db.beside(db));
    Refusal.of(db, "read", "--access", "network-exclusive", db, "SELECT 1").expect(15, "access");
    Cli.run("write", db, "INSERT INTO t VALUES('trusted')").exits(0);
  }

  @Test
  void theModeIsNotChangedUnderAnybody() throws SQLException {
    try (Connection stranger = Db.open(db, "rw")) {
      Db.execute(stranger, "SELECT * FROM t");
      Refusal.of(db, "access", db, "trusted").expect(15, "is open in pid ");
    }
    Cli.run("access", db, "trusted").exits(0);
    try (Running holder = Cli.hold(db)) {
      Refusal.of(db, "access", "--wait", "0", db, "network-exclusive").expect(11, "locked by");
      holder.say("end");
      holder.await().exits(0);
    }
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    Refusal.of(db, "access", db, "network-exclusive").expect(15, "write-ahead log");
  }

  @Test
  void aWriteAheadLogIsRefused() {
    Refusal.of(db, "journal-mode", db, "wal").expect(15, "write-ahead log");
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    Refusal.of(db, "write", db, "DELETE FROM t").expect(15, "journal-mode");
    Refusal.of(db, "read", db, "SELECT 1").expect(15, "journal-mode");
    Cli.run("integrity-check", db).exits(15).says("journal-mode");
    Cli.run("journal-mode", db, "delete").exits(0);
    Cli.run("write", db, "INSERT INTO t VALUES('new')").exits(0);
    assertRows("old", "new");
  }

  @Test
  void aFileWithSeveralNamesIsRefused() throws IOException {
    Files.createLink(directory.resolve("other name"), db);
    Refusal.of(db, "write", db, "DELETE FROM t").expect(15, "hard links");
    String insert = "INSERT INTO t VALUES('new')";
    Refusal.of(db, "write", "--in-place", db, insert).expect(15, "--allow-links");
    Cli.run("write", "--in-place", "--allow-links", db, insert).exits(0);
    assertEquals(
        List.of("old", "new"), Db.column(directory.resolve("other name"), "SELECT v FROM t"));
  }

  // ---- several at once -------------------------------------------------------------------------

  @Test
  void writersDoNotOverlap() {
    Cli.run("write", db, "CREATE TABLE counter(n); INSERT INTO counter VALUES(0)").exits(0);
    for (int round = 0; round < ROUNDS; round++) {
      List<Running> racers = new ArrayList<>();
      for (int i = 0; i < RACERS; i++) {
        racers.add(Cli.start("write", "--wait", "5m", db, "UPDATE counter SET n = n + 1"));
        racers.add(Cli.start("read", "--wait", "5m", db, "SELECT n FROM counter"));
      }
      racers.forEach(racer -> racer.await().exits(0));
    }
    assertEquals(ROUNDS * RACERS, Db.integer(db, "SELECT n FROM counter"));
    assertRows("old");
  }

  @Test
  void aReaderThatIsStoppedAndBrokenFails() {
    try (Running reader = Cli.start("read", BEAT, STALE, db, LONG_QUERY)) {
      Await.until("the marker", () -> !markers().isEmpty() || !reader.isAlive());
      reader.signal("STOP");
      assertEquals(1, markers().size());
      Map<String, Object> report = Cli.inspect(db);
      assertEquals("network-exclusive", report.get("access"));
      assertEquals(reader.pid(), Json.at(firstOf(report.get("readers")), "pid"));
      Cli.run("write", "--wait", "0", db, "DELETE FROM t").exits(11).says("being read by");
      Cli.run("write", "--wait", "5m", BEAT, STALE, db, "INSERT INTO t VALUES('new')").exits(0);
      reader.signal("CONT");
      Result result = reader.await().exits(12).says("shared lock");
      assertEquals("", result.out());
    }
    assertRows("old", "new");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> firstOf(Object list) {
    return (Map<String, Object>) ((List<?>) list).get(0);
  }

  @Test
  void aWriterThatIsStoppedAndBrokenFails() {
    String slow = "INSERT INTO t " + LONG_QUERY;
    try (Running writer = Cli.start("write", BEAT, STALE, db, slow)) {
      Await.until("the image", () -> Db.beside(db).toString().contains(".lock.work."));
      writer.signal("STOP");
      Await.until(
          "the verdict stale",
          () ->
              Cli.run("inspect-lock", "--json", BEAT, STALE, db)
                  .json()
                  .get("verdict")
                  .equals("stale"));
      Cli.run("break-stale", BEAT, STALE, db).exits(0);
      Cli.run("write", db, "INSERT INTO t VALUES('successor')").exits(0);
      writer.signal("CONT");
      writer.await().exits(12).says("was broken");
    }
    assertRows("old", "successor");
  }

  // ---- killed ----------------------------------------------------------------------------------

  private Program traced(String inject, Object... words) {
    String call = inject.substring(0, inject.indexOf(':'));
    List<String> strace =
        List.of("strace", "-f", "-o", "/dev/null", "-e", "trace=" + call, "-e", "inject=" + inject);
    assumeTrue(
        Program.exists("strace") && Program.of("true").behind(strace).run().exit() == 0,
        "strace is not installed, or may not trace here");
    return Cli.command(words).behind(strace);
  }

  /** The second rename of a write is its commit, the first that of its lock. */
  @Test
  void killedBeforeTheCommit() {
    Object before = inode();
    Result killed =
        traced(
                "rename:signal=KILL:when=2",
                "write",
                BEAT,
                STALE,
                db,
                "INSERT INTO t VALUES('killed')")
            .run();
    assertNotEquals(0, killed.exit());
    assertEquals(before, inode());
    Cli.run("write", BEAT, STALE, db, "INSERT INTO t VALUES('next')").exits(0);
    assertRows("old", "next");
  }

  /**
   * After the rename comes the sync of the directory; before it those of the owner's record, of
   * changeset and record, each with its directory, and of the claim.
   */
  @Test
  void killedAfterTheCommit() {
    Path changes = directory.resolve("made.changeset");
    Cli.run("write", db, "CREATE TABLE k(id INTEGER PRIMARY KEY)").exits(0);
    Result killed = null;
    for (int call = 6; call <= 12; call++) {
      killed =
          traced(
                  "fsync:signal=KILL:when=" + call,
                  "write",
                  BEAT,
                  STALE,
                  db,
                  "INSERT INTO k VALUES(" + call + ")",
                  "--changeset",
                  changes)
              .run();
      Cli.run("write", BEAT, STALE, db, "SELECT 1").exits(0);
      boolean committed = Db.integer(db, "SELECT count(*) FROM k") > 0;
      assertEquals(committed, Files.exists(changes), "at sync " + call);
      if (committed) {
        break;
      }
    }
    assertTrue(Files.exists(changes), "no kill came after the commit");
    assertNotEquals(0, killed.exit());
    Db.assertSound(db);
  }

  @Test
  void killedAtRandomMoments() {
    Cli.run("write", db, "CREATE TABLE log(i)").exits(0);
    List<String> acknowledged = new ArrayList<>();
    long started = System.nanoTime();
    Cli.run("write", db, "SELECT 1").exits(0);
    long span = (System.nanoTime() - started) / 1_000_000;
    for (int i = 0; i < KILLS; i++) {
      try (Running writer =
          Cli.start("write", "--json", BEAT, STALE, db, "INSERT INTO log VALUES(" + i + ")")) {
        Await.pause(span / 2 + span * i / KILLS / 2); // the random moment, not an order
        Result result = writer.kill();
        if (result.out().endsWith("}\n")) {
          acknowledged.add(String.valueOf(i));
        }
      }
      Db.assertSound(db);
      Cli.run("write", BEAT, STALE, db, "UPDATE t SET v = " + i).exits(0);
      assertTrue(Db.column(db, "SELECT i FROM log").containsAll(acknowledged));
    }
    Db.assertSound(db);
  }

  // ---- in place --------------------------------------------------------------------------------

  @Test
  void inPlaceKeepsTheFile() {
    Object before = inode();
    Cli.run("write", "--in-place", db, "INSERT INTO t VALUES('new')").exits(0);
    assertEquals(before, inode());
    assertRows("old", "new");
  }

  @Test
  void aCrashedInPlaceWriterIsRolledBackByReadersAndWriters() {
    crashInPlace();
    Result read = Cli.run("read", BEAT, STALE, db, "SELECT v FROM t", "--format", "list").exits(0);
    assertEquals("old\n", read.out());
    crashInPlace();
    Result write = Cli.run("write", "--json", BEAT, STALE, db, "INSERT INTO t VALUES('new')");
    assertEquals(true, write.exits(0).json().get("recoveredJournal"));
    assertRows("old", "new");
  }

  /** The fourth sync is that of the database, after those of journal and directory. */
  private void crashInPlace() {
    traced(
            "fsync:signal=KILL:when=4",
            "write",
            "--in-place",
            BEAT,
            STALE,
            db,
            "UPDATE t SET v = 'killed'")
        .run();
    assertTrue(firstByteOfJournal() > 0, () -> "no hot journal: " + Db.beside(db));
  }

  private int firstByteOfJournal() {
    try (InputStream in = Files.newInputStream(Db.sibling(db, "-journal"))) {
      return in.read();
    } catch (IOException none) {
      return -1;
    }
  }

  @Test
  void anInPlaceCommitThatOutlivesItsLockIsUncertain() throws IOException {
    try (Running writer =
        traced(
                "fsync:delay_enter=5000000:when=3",
                "write",
                "--in-place",
                db,
                "INSERT INTO t VALUES('uncertain')")
            .start()) {
      Await.until("the commit", () -> firstByteOfJournal() > 0 || !writer.isAlive());
      try (var claims = Files.newDirectoryStream(Db.sibling(db, ".lock"), "claim.*")) {
        Files.delete(claims.iterator().next()); // a break
      }
      writer.await().exits(16).says("integrity check");
    }
    Db.assertSound(db);
  }
}
