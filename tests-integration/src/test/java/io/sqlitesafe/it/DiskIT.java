package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Full and read-only file systems: a clear error, nothing lost, no lock left behind. */
class DiskIT {
  private static final String FILL =
      "INSERT INTO t WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 400)"
          + " SELECT randomblob(9000) FROM c";

  @TempDir Path directory;
  private Path mounted;

  /** A file system of one megabyte. */
  private Path tmpfs() throws IOException {
    assumeTrue(Privileges.root(), "only root can mount a file system for this test");
    Path place = Files.createDirectory(directory.resolve("a mount"));
    Result result = Program.of("mount", "-t", "tmpfs", "-o", "size=1m", "none", place).run();
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

  private static Path create(Path place) {
    return Db.create(place, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('old')");
  }

  @Test
  void theDiskFillsUpInsideTheTransaction() throws IOException {
    Path db = create(tmpfs());
    Refusal.of(db, "write", db, FILL).expect(1, "full");
    assertValues(db, "old");
    Cli.run("write", db, "INSERT INTO t VALUES('new')").exits(0);
    assertValues(db, "old", "new");
  }

  /** No room for a page, and none for the lock's files; the directory entries may still fit. */
  @Test
  void theDiskIsFullAlready() throws IOException {
    Path place = tmpfs();
    Path db = create(place);
    Path ballast = place.resolve("ballast");
    try (OutputStream out = Files.newOutputStream(ballast)) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      // as wanted
    }
    Refusal.of(db, "write", db, "INSERT INTO t VALUES('new')").expect(1, "");
    Result seen = Cli.run("inspect-lock", "--json", db).exits(0);
    assertEquals("free", seen.json().get("verdict"), seen::toString);
    Cli.run("read", db, "SELECT * FROM t").exits(0);
    Files.delete(ballast);
    Cli.run("write", db, "INSERT INTO t VALUES('new')").exits(0);
    assertValues(db, "old", "new");
  }

  @Test
  void theResultCannotBePrinted() {
    assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
    Path db = create(directory);
    Result result =
        Cli.command("write", db, "INSERT INTO t VALUES('new') RETURNING v")
            .behind(List.of("sh", "-c", "exec \"$@\" > /dev/full", "sh"))
            .run()
            .exits(3);
    result.says("committed");
    assertValues(db, "old", "new");
  }

  @Test
  void aReadOnlyFileSystem() throws IOException {
    Path place = tmpfs();
    Path db = create(place);
    Program.of("mount", "-o", "remount,ro", place).run().exits(0);
    Refusal.of(db, "write", db, "INSERT INTO t VALUES('new')").expect(1, "ead-only file system");
    Refusal.of(db, "with-lock", db, "--", "true").expect(1, "ead-only file system");
    Result read = Cli.run("read", "--format", "list", db, "SELECT v FROM t").exits(0);
    assertTrue(read.out().contains("old"), read::toString);
    assertEquals("free", Cli.run("inspect-lock", "--json", db).exits(0).json().get("verdict"));
  }

  @Test
  void aReadOnlyDirectory() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Path db = create(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    List<String> ordinary = Privileges.ordinary();
    Cli.command("write", db, "INSERT INTO t VALUES('new')")
        .behind(ordinary)
        .run()
        .exits(1)
        .says("ermission denied");
    Cli.command("read", db, "SELECT v FROM t").behind(ordinary).run().exits(0);
    Cli.command("inspect-lock", db).behind(ordinary).run().exits(0);
    assertValues(db, "old");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void aReadOnlyFile() throws IOException {
    Path db = create(directory);
    Files.setPosixFilePermissions(db, PosixFilePermissions.fromString("r--r--r--"));
    Result result =
        Cli.command("write", db, "INSERT INTO t VALUES('new')")
            .behind(Privileges.ordinary())
            .run()
            .exits(1);
    result.says("hint: nothing was changed");
    assertValues(db, "old");
  }

  private static void assertValues(Path db, String... expected) {
    assertEquals(List.of(expected), Db.column(db, "SELECT v FROM t"));
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }
}
