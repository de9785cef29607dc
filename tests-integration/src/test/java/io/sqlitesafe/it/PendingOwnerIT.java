package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of unpublished changesets that are not this user's to deal with. */
class PendingOwnerIT {
  private static final String TOKEN = "0123456789abcdef";
  private static final int PLANTER = 65534;
  private static final int COLLEAGUE = 65533;

  @TempDir Path directory;
  private Path db;
  private Path record;

  @BeforeEach
  void aDatabaseInADirectoryForEverybody() throws IOException {
    db = directory.resolve("a.db");
    record = directory.resolve("a.db.changeset-pending");
    Cli.run("write", "--create", db, "CREATE TABLE t(id INTEGER PRIMARY KEY, x)").exits(0);
    Cli.run("write", db, "INSERT INTO t VALUES(1, 'a')").exits(0);
  }

  private void shared(String mode) {
    assumeTrue(Privileges.root(), "files of another user can only be made by root");
    Program.of("chmod", mode, directory).run().exits(0);
  }

  /** The bytes of a changeset that deletes a row of a table, which is not there: "committed". */
  private static byte[] deletion(String table) {
    byte[] name = table.getBytes(StandardCharsets.UTF_8);
    byte[] changes = new byte[3 + name.length + 2 + 2 + 9];
    changes[0] = 'T';
    changes[1] = 1;
    changes[2] = 1;
    System.arraycopy(name, 0, changes, 3, name.length);
    int at = 3 + name.length + 1;
    changes[at] = 9;
    changes[at + 2] = 1;
    changes[at + 10] = 7;
    byte[] cut = new byte[at + 11];
    System.arraycopy(changes, 0, cut, 0, cut.length);
    return cut;
  }

  /** What a crashed writer leaves, or one who pretends to be such. */
  private Path leave(Path file, int owner) throws IOException {
    byte[] changes = deletion("t");
    Path temporary = file.resolveSibling(file.getFileName() + "." + TOKEN + ".tmp");
    Files.write(temporary, changes);
    Files.writeString(
        record,
        "sqlite-safe changeset-pending 1\n"
            + TOKEN
            + "\n"
            + file
            + "\nready "
            + changes.length
            + "\n");
    for (Path each : List.of(temporary, record)) {
      Program.of("chown", owner + ":" + owner, each).run().exits(0);
    }
    return temporary;
  }

  @ParameterizedTest
  @ValueSource(strings = {"precious", "a.db", "a.db-journal", "new"})
  void aPlantedRecordRenamesNothing(String victim) throws IOException {
    shared("1777");
    Path file = directory.resolve(victim);
    if (victim.equals("precious")) {
      Files.writeString(file, "precious");
    }
    Path temporary = leave(file, PLANTER);
    byte[] before = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    Cli.run("write", db, "SELECT 1").exits(0).says("uid " + PLANTER).says("left alone");
    if (victim.equals("precious")) {
      assertArrayEquals(before, Files.readAllBytes(file));
    }
    assertTrue(Files.exists(record));
    assertTrue(Files.exists(temporary));
    Cli.run("write", db, "SELECT 1", "--changeset", directory.resolve("c"))
        .exits(15)
        .says("no changeset can be published");
    assertFalse(Files.exists(directory.resolve("c")));
    assertEquals("free", Cli.verdict(db));
    assertEquals(1, count());
  }

  private long count() {
    return Db.integer(db, "SELECT count(*) FROM t");
  }

  /** Nobody else finishes it, and nothing of it is lost until its owner comes. */
  @Test
  void aColleaguesRecordIsForTheColleague() throws IOException {
    shared("2777");
    Program.of("chmod", "666", db).run().exits(0);
    Path file = directory.resolve("changes");
    leave(file, COLLEAGUE);
    List<String> planter = as(PLANTER);
    Cli.command("write", db, "SELECT 1").behind(planter).run().exits(0).says("left alone");
    Cli.command("write", db, "SELECT 1", "--patchset", directory.resolve("c"))
        .behind(planter)
        .run()
        .exits(15);
    Cli.command("write", db, "SELECT 1").behind(as(COLLEAGUE)).run().exits(0).says("published");
    assertArrayEquals(deletion("t"), Files.readAllBytes(file));
    assertFalse(Files.exists(record));
    Cli.command("write", db, "SELECT 1", "--patchset", directory.resolve("c"))
        .behind(planter)
        .run()
        .exits(0);
  }

  private static List<String> as(int user) {
    return List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups");
  }

  @Test
  void somebodyWhoSaysSoSettlesIt() throws IOException {
    shared("1777");
    Path file = directory.resolve("changes");
    leave(file, COLLEAGUE);
    Cli.run("write", db, "SELECT 1", "--resolve-pending").exits(0).says("published");
    assertArrayEquals(deletion("t"), Files.readAllBytes(file));
    assertFalse(Files.exists(record));

    Path precious = directory.resolve("precious");
    Files.writeString(precious, "precious");
    Path temporary = leave(precious, PLANTER);
    Cli.run("write", db, "SELECT 1", "--resolve-pending").exits(3).says("not its owner's");
    assertEquals("precious", Files.readString(precious));
    assertTrue(Files.exists(temporary));
    assertFalse(Files.exists(record));
  }

  /** Neither waits for the other end of a pipe, nor follows a link. */
  @ParameterizedTest
  @ValueSource(strings = {"mkfifo", "mkdir", "ln -s /dev/zero", "ln -s nowhere"})
  void whatIsNoFileIsNoRecord(String command) {
    Program.of("sh", "-c", command + " '" + record + "'").run().exits(0);
    Cli.run("write", db, "SELECT 1").exits(0).says("left alone");
    assertTrue(Files.exists(record, LinkOption.NOFOLLOW_LINKS));
    Cli.run("write", db, "SELECT 1", "--changeset", directory.resolve("c")).exits(15);
    Cli.run("write", db, "SELECT 1", "--changeset", directory.resolve("c"), "--resolve-pending")
        .exits(0);
    assertFalse(Files.exists(record, LinkOption.NOFOLLOW_LINKS));
  }

  /** What one's own crashed writer left is dealt with, as before, but never onto the database. */
  @Test
  void onesOwnRecordThatNamesTheDatabaseIsLeftAlone() throws IOException {
    byte[] changes = deletion("t");
    Files.write(directory.resolve("a.db." + TOKEN + ".tmp"), changes);
    Files.writeString(
        record,
        "sqlite-safe changeset-pending 1\n"
            + TOKEN
            + "\n"
            + db
            + "\nready "
            + changes.length
            + "\n");
    Cli.run("write", db, "SELECT 1").exits(0).says("is the database");
    assertEquals(1, count());
    assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(db)));
  }
}
