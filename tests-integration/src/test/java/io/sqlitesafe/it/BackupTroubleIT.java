package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups that are killed, interrupted, or run out of room: the earlier one stays as it was. */
class BackupTroubleIT {
  private static final int KILLS = Cli.LONG ? 300 : 15;

  @TempDir Path directory;
  private Path mounted;

  private Path database(int megabytes) {
    return Db.create(
        directory,
        Db.AWKWARD,
        "CREATE TABLE t(v)",
        "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < "
            + megabytes
            + ") INSERT INTO t SELECT randomblob(1000000) FROM c");
  }

  private static List<String> temporaries(Path folder) {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(".sqlite-safe-tmp."))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void killedAtRandomMoments() {
    Path db = database(30);
    Path folder = directory.resolve("backups");
    assertTrue(folder.toFile().mkdir());
    Path copy = folder.resolve("copy.db");
    long started = System.nanoTime();
    Cli.run("backup", db, copy).exits(0);
    long span = (System.nanoTime() - started) / 1_000_000;
    Random random = new Random(1);
    int unfinished = 0;
    // Goes on until chance has hit the middle, too.
    for (int i = 0; i < KILLS || (unfinished == 0 && i < 20 * KILLS); i++) {
      Db.column(db, "UPDATE t SET v = randomblob(1000000) WHERE rowid = 1 RETURNING 1");
      String method = List.of("auto", "online", "vacuum").get(i % 3);
      String before = Db.sha256(copy);
      try (Running run = Cli.start("backup", "--method", method, db, copy)) {
        Await.pause(random.nextLong(span)); // the random moment, not an order
        run.kill();
      }
      unfinished += temporaries(folder).size() > 0 ? 1 : 0;
      if (!Db.sha256(copy).equals(before)) {
        Db.assertSound(copy); // the new one, then, and whole
      }
    }
    assertTrue(unfinished > 0, "no kill came in the middle");
    Cli.run("integrity-check", copy).exits(0);
    Cli.run("backup", db, copy).exits(0);
    assertEquals(List.of(), temporaries(folder));
    assertEquals(List.of("copy.db.json"), Db.beside(copy));
    Cli.run("integrity-check", copy).exits(0);
    // One that was killed at the lock is a dead owner, whom the next writer breaks without waiting.
    Cli.run("write", "--wait", "5s", db, "SELECT 1").exits(0);
    assertEquals("free", Cli.verdict(db));
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void interrupted(String signal, int exit) throws IOException {
    Path db = database(1);
    Path copy = Files.writeString(directory.resolve("copy"), "the earlier one");
    try (Running stranger =
        Program.of("python3", "-c", EXCLUSIVE, db).start()) { // keeps the copy from beginning
      stranger.awaitOut("exclusive");
      try (Running run = Cli.start("backup", "--overwrite", "--wait", "5m", db, copy)) {
        Await.until("the wait", () -> FileUse.openBy(real(db)).contains(run.pid()));
        run.signal(signal);
        run.await().exits(exit);
      }
    }
    assertEquals("the earlier one", Files.readString(copy));
    assertEquals(List.of(), temporaries(directory));
  }

  private static final String EXCLUSIVE =
      "import sqlite3, sys\n"
          + "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
          + "db.execute('BEGIN EXCLUSIVE')\n"
          + "print('exclusive', flush=True)\n"
          + "sys.stdin.read()\n";

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A limit on the size of files stands in for a disk that fills up while it is written to. */
  @ParameterizedTest
  @CsvSource({"auto, 1", "auto, 3000", "online, 3000", "vacuum, 3000"})
  void theDiskFillsUpWhileCopying(String method, int blocks) {
    Path db = database(4);
    Path copy = directory.resolve("copy");
    Cli.run("backup", db, copy).exits(0);
    String before = Db.sha256(copy);
    Db.column(db, "INSERT INTO t VALUES(1) RETURNING 1");
    Cli.command("backup", "--method", method, db, copy)
        .behind(List.of("sh", "-c", "n=$1; shift; ulimit -f $n; exec \"$@\"", "sh", blocks + ""))
        .run()
        .exits(1);
    assertEquals(before, Db.sha256(copy));
    assertEquals(List.of("copy.json"), Db.beside(copy));
    assertEquals(List.of(), temporaries(directory));
    Cli.run("integrity-check", copy).exits(0);
  }

  /** Random content does not shrink: there is room for one and a half of it, but not for two. */
  @ParameterizedTest
  @ValueSource(strings = {"zstd", "gzip"})
  void theDiskFillsUpWhileCompressing(String compression) throws IOException {
    Path db = database(4);
    Path place = tmpfs("size=7m");
    Path copy = Files.writeString(place.resolve("copy"), "the earlier one");
    Cli.run("backup", "--overwrite", "--compress", compression, db, copy)
        .exits(1)
        .says("o space left");
    assertEquals("the earlier one", Files.readString(copy));
    assertEquals(List.of(), temporaries(place));
  }

  private Path tmpfs(String options) throws IOException {
    assumeTrue(Privileges.root(), "only root can mount a file system for this test");
    Path place = Files.createDirectory(directory.resolve("a mount"));
    Result result = Program.of("mount", "-t", "tmpfs", "-o", options, "none", place).run();
    assumeTrue(result.exit() == 0, "no file system can be mounted here");
    mounted = place;
    return place;
  }

  @AfterEach
  void unmount() {
    if (mounted != null) {
      Program.of("umount", mounted).run().exits(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "online", "copy", "vacuum"})
  void anotherFileSystem(String method) throws IOException {
    Path db = database(2);
    Path copy = tmpfs("size=10m").resolve("copy");
    Cli.run("backup", "--method", method, db, copy).exits(0);
    Db.assertSound(copy);
    Cli.run("restore", copy, mounted.resolve("restored.db")).exits(0);
  }

  @Test
  void noRoomIsSeenBeforehand() throws IOException {
    Path db = database(2);
    Path place = tmpfs("size=3m");
    Path copy = place.resolve("copy");
    Cli.run("backup", db, copy).exits(0);
    String before = Db.sha256(copy);
    for (String command : List.of("backup", "vacuum-into", "copy")) {
      Refusal.of(db, command, db, copy).expect(15, "no room");
    }
    assertEquals(before, Db.sha256(copy));
    assertEquals(List.of(), temporaries(place));
    Refusal.of(copy, "restore", db, copy).expect(15, "no room");
  }

  /** Room for the file, but none for the names of more files: the manifest cannot be written. */
  @Test
  void noRoomForTheManifest() throws IOException {
    Path db = database(1);
    Path place = tmpfs("size=10m,nr_inodes=4");
    Path copy = place.resolve("copy");
    Cli.run("backup", "--no-manifest", db, copy).exits(0);
    Files.createFile(place.resolve("ballast"));
    String before = Db.sha256(copy);
    Db.column(db, "INSERT INTO t VALUES(1) RETURNING 1");
    Cli.run("backup", "--overwrite", db, copy).exits(1).says("o space left");
    assertEquals(before, Db.sha256(copy));
    Files.delete(place.resolve("ballast"));
    Cli.run("backup", "--overwrite", db, copy).exits(0);
    assertEquals(List.of("copy.json"), Db.beside(copy));
  }

  @Test
  void standardOutputIsFull() {
    assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
    Path db = database(1);
    Cli.command("backup", db, "-")
        .behind(List.of("sh", "-c", "exec \"$@\" > /dev/full", "sh"))
        .with("TMPDIR", directory.toString())
        .run()
        .exits(1)
        .says("o space left");
    assertEquals(List.of(), Db.beside(db));
  }

  @Test
  void aDirectoryThatCannotBeWrittenTo() throws IOException {
    Path db = database(1);
    Path folder = Files.createDirectory(directory.resolve("read only"));
    Files.setPosixFilePermissions(
        folder, java.nio.file.attribute.PosixFilePermissions.fromString("r-xr-xr-x"));
    Cli.command("backup", db, folder)
        .behind(Privileges.ordinary())
        .run()
        .exits(1)
        .says("ermission denied");
  }
}
