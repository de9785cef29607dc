package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading as another user, and where nothing can be written. */
class QuietReadIT {
  private static final List<String> OTHER =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
  private static final String COUNT = "SELECT count(*) FROM t";

  @TempDir Path directory;
  private Path place;
  private Path out;

  @BeforeEach
  void places() throws IOException {
    place = Files.createDirectory(directory.resolve("place"));
    out = Files.createDirectory(directory.resolve("out"));
    for (Path each : List.of(directory, place, out)) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
  }

  private Path idle() {
    return Db.create(
        place,
        "idle.db",
        "PRAGMA journal_mode=WAL",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "INSERT INTO t VALUES(1,'a')");
  }

  private List<Object[]> commands(Path db) {
    return List.of(
        new Object[] {"read", db, COUNT},
        new Object[] {"doctor", db},
        new Object[] {"backup", db, out.resolve("b.db")},
        new Object[] {"backup", "--method", "online", db, out.resolve("o.db")},
        new Object[] {"copy", db, out.resolve("c.db")},
        new Object[] {"vacuum-into", db, out.resolve("v.db")},
        new Object[] {
          "changeset", "export", db, "--since", out.resolve("b.db"), "-o", out.resolve("x.cs")
        },
        new Object[] {"integrity-check", db},
        new Object[] {"journal-mode", db},
        new Object[] {"shell", db});
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(each -> String.valueOf(each.getFileName())).sorted().toList();
    }
  }

  /** Files of another user beside it would keep the application from writing. */
  @Test
  void anotherUserLeavesNothingBesideAnIdleLog() throws IOException {
    assumeTrue(Privileges.root(), "only root can be another user");
    Path db = idle();
    for (Object[] words : commands(db)) {
      Result result =
          Cli.command(words).behind(OTHER).with("TMPDIR", "/tmp").input(COUNT + ";").run();
      assertTrue(result.exit() == 0 || result.exit() == 3, result::toString);
      assertEquals(List.of("idle.db"), names(place), result::toString);
    }
    Cli.command("checkpoint", db).behind(OTHER).run().exits(0);
    // Those who may not write the file fail, and leave nothing either.
    for (Object[] words :
        List.of(
            new Object[] {"write", db, "DELETE FROM t"},
            new Object[] {"journal-mode", db, "delete"},
            new Object[] {"with-lock", db, "--", "true"})) {
      Cli.command(words).behind(OTHER).run().exits(1).says("uid 65534 may not write " + db);
      assertEquals(List.of("idle.db"), names(place));
    }
  }

  /** The owner's own reads leave nothing either, and rows come as they are read. */
  @Test
  void theOwnerTidies() throws IOException {
    Path db = idle();
    Cli.run("read", db, COUNT).exits(0);
    Cli.command("shell", db).input(COUNT + ";").run().exits(0);
    assertEquals(List.of("idle.db"), names(place));
  }

  /** Rows of a file that somebody opened and wrote meanwhile are thrown away and read again. */
  @Test
  void whatWasReadWhileSomebodyWroteIsReadAgain() throws Exception {
    assumeTrue(Privileges.root(), "only root can be another user");
    Path db = idle();
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
    String slow =
        "SELECT count(*) FROM t; WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r LIMIT"
            + " 3000000) SELECT max(i) FROM r; SELECT count(*) FROM t";
    try (Running reader = Cli.command("read", "--format", "list", db, slow).behind(OTHER).start()) {
      // By its descriptor: it has the file open and no log.
      Await.until("the reader", () -> !reader.isAlive() || isOpenBy(reader.pid(), db));
      reader.signal("STOP"); // or it might be done before the writer has begun
      try (Connection writer = Db.open(db, "rw")) {
        Db.execute(writer, "INSERT INTO t VALUES(2,'b')");
        Db.execute(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
        reader.signal("CONT");
        Result result = reader.await().exits(0);
        assertEquals("", result.err()); // the file as it lies there is not what was read
        List<String> rows = result.out().lines().toList();
        assertEquals(rows.get(0), rows.get(2), rows::toString);
      }
    }
  }

  private static boolean isOpenBy(long pid, Path file) {
    Result result = Program.of("sh", "-c", "ls -l /proc/" + pid + "/fd").run();
    return result.out().contains(file.toString());
  }

  // ---- read-only places ------------------------------------------------------------------------

  /**
   * A database as a snapshot has it, with what a crash left beside it.
   *
   * @param suffix of a journal, of a log, or of the index of a log, which is there then too
   */
  private Path crashed(String suffix) throws Exception {
    Path live = Files.createDirectory(directory.resolve("live" + suffix)).resolve("crashed.db");
    boolean wal = !suffix.equals("-journal");
    try (Connection writer = Db.open(live, "rwc")) {
      Db.execute(writer, "PRAGMA journal_mode=" + (wal ? "WAL" : "DELETE"));
      Db.execute(writer, "PRAGMA cache_size=5");
      Db.execute(writer, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      Db.execute(writer, "INSERT INTO t VALUES(1, zeroblob(90000))");
      if (!wal) {
        Db.execute(writer, "BEGIN");
        Db.execute(writer, "UPDATE t SET v = zeroblob(80000)");
        Db.execute(writer, "INSERT INTO t VALUES(2, 0)");
      }
      Path copy = place.resolve("crashed.db");
      Files.copy(live, copy);
      Files.copy(Db.sibling(live, suffix), Db.sibling(copy, suffix));
      if (suffix.equals("-shm")) {
        Files.copy(Db.sibling(live, "-wal"), Db.sibling(copy, "-wal"));
      }
      return copy;
    }
  }

  private void readOnly() {
    Result result =
        Program.of(
                "sh",
                "-c",
                "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"",
                "sh",
                place)
            .run();
    assumeTrue(result.exit() == 0, "nothing can be mounted here");
  }

  private void everythingThatReads(Path db, String told) throws IOException {
    readOnly();
    try {
      List<String> before = names(place);
      for (Object[] words : commands(db)) {
        Result result = Cli.command(words).input(COUNT + ";").run();
        assertTrue(result.exit() == 0 || result.exit() == 3, result::toString);
        if (!List.of("journal-mode", "integrity-check").contains(words[0])) {
          assertTrue(result.err().contains(told), result::toString);
        }
        if (words[0].equals("shell")) {
          assertEquals("1\n", result.out());
        }
        assertEquals(before, names(place));
      }
    } finally {
      Program.of("umount", place).run().exits(0);
    }
  }

  @Test
  void anIdleLogOnAReadOnlyMount() throws IOException {
    everythingThatReads(idle(), "is the file as it lies there");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-wal", "-shm", "-journal"})
  void whatACrashLeftOnAReadOnlyMount(String left) throws Exception {
    // With the index beside it, SQLite reads a log as it lies there, into memory of its own.
    everythingThatReads(crashed(left), left.equals("-shm") ? "" : "is a recovered copy");
  }

  /** Messages name the files that were given, not copies that were made of them. */
  @Test
  void aCopyIsCalledByTheNameOfTheDatabase() throws Exception {
    assumeTrue(Privileges.root(), "only root can be another user");
    Path db = crashed("-journal");
    Path own = Db.create(out, "own.db", "CREATE TABLE other(id INTEGER PRIMARY KEY)");
    for (List<Path> each : List.of(List.of(db, own), List.of(own, db))) {
      Cli.command("changeset", "export", each.get(0), "--since", each.get(1), "-o", "-")
          .behind(OTHER)
          .with("TMPDIR", "/tmp")
          .run()
          .exits(13)
          .says("the schemas of " + each.get(0) + " and " + each.get(1) + " differ");
    }
  }

  /** A session that reads a copy goes back to the database once somebody has recovered it. */
  @ParameterizedTest
  @ValueSource(strings = {"main", "other"})
  void aShellSeesWhatWasDoneSince(String schema) throws Exception {
    assumeTrue(Privileges.root(), "only root can be another user");
    Path db = crashed("-journal");
    Path own = Db.create(out, "own.db", "CREATE TABLE x(y)");
    boolean main = schema.equals("main");
    try (Running shell =
        Cli.command("shell", main ? db : own).behind(OTHER).with("TMPDIR", "/tmp").start()) {
      if (!main) {
        shell.say("ATTACH '" + db + "' AS other;");
      }
      shell.say("SELECT 'before ' || count(*) FROM " + schema + ".t;");
      assertEquals("before 1", shell.awaitOut("before"));
      try (Connection application = Db.open(db, "rw")) {
        Db.execute(application, "INSERT INTO t VALUES(7, 'a')");
      }
      shell.say("SELECT 'after ' || count(*) FROM " + schema + ".t;");
      assertEquals("after 2", shell.awaitOut("after"));
    }
  }

  // ---- attached and compared databases
  // -----------------------------------------------------------

  /** What is attached, or a baseline, is read by the same way as the database itself. */
  private void beside(Path db, List<String> who) throws IOException {
    Path own = out.resolve("own.db");
    if (!Files.exists(own)) {
      Db.create(out, "own.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-rw-rw-"));
    }
    List<String> before = names(place);
    String count = "ATTACH '" + db + "' AS other; SELECT count(*) FROM other.t;";
    for (String sql :
        List.of(count, count + " BEGIN; INSERT INTO t(v) SELECT 1 FROM other.t; COMMIT;")) {
      Result shell =
          Cli.command("shell", own).behind(who).with("TMPDIR", "/tmp").input(sql).run().exits(0);
      assertEquals("1\n", shell.out(), shell::toString);
      assertEquals(before, names(place), shell::toString);
    }
    Result export =
        Cli.command("changeset", "export", own, "--since", db, "-o", "-")
            .behind(who)
            .with("TMPDIR", "/tmp")
            .run()
            .exits(0);
    assertEquals(before, names(place), export::toString);
  }

  @Test
  void whatIsAttachedIsLeftAsItIs() throws Exception {
    assumeTrue(Privileges.root(), "only root can be another user");
    beside(idle(), List.of());
    beside(place.resolve("idle.db"), OTHER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-wal", "-shm", "-journal"})
  void whatIsAttachedFromAReadOnlyPlace(String left) throws Exception {
    Path db = crashed(left);
    readOnly();
    try {
      beside(db, List.of());
    } finally {
      Program.of("umount", place).run().exits(0);
    }
  }

  // ---- a log in use
  // ------------------------------------------------------------------------------

  /**
   * The application comes and goes while another user reads. What lies beside its database is
   * always the application's.
   */
  @Test
  void aLogThatGoesWhileAnotherUserJoinsIt() throws Exception {
    assumeTrue(Privileges.root(), "only root can be another user");
    Path db = idle();
    String request = "{\"read\":[\"" + db + "\",\"" + COUNT + "\"],\"wait\":\"10s\"}\n";
    try (Running reader = Cli.command("batch", "--fail").behind(OTHER).start()) {
      reader.give(request.repeat(Cli.LONG ? 3000 : 300).getBytes(StandardCharsets.UTF_8));
      reader.closeInput();
      while (reader.isAlive()) {
        try (Connection application = Db.open(db, "rw")) {
          Db.execute(application, "PRAGMA busy_timeout=60000");
          Db.execute(application, "UPDATE t SET v = 'b'");
          requireOurs(db);
        }
        requireOurs(db);
      }
      Result result = reader.await();
      assertEquals("", result.err(), result::toString);
      result.exits(0);
      for (String answer : result.out().lines().toList()) {
        assertEquals(2, answer.split("count", -1).length, answer); // rows of one attempt alone
      }
    }
  }

  private static void requireOurs(Path db) throws IOException {
    for (String suffix : List.of("-wal", "-shm")) {
      try {
        assertEquals("root", Files.getOwner(Db.sibling(db, suffix)).getName(), suffix);
      } catch (NoSuchFileException gone) {
        // it comes and goes
      }
    }
  }
}
