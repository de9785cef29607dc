package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of a database is never readable by more people than the database. */
class LikenessIT {
  private static final int NAMED = 65534;
  private static final int GROUP = 65533;

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void aDatabase() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    db = Db.create(directory, "a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
  }

  private void mode(Path file, String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
  }

  /** Runs a command line in the directory; {@code S} is the program. */
  private void shell(String umask, String line) {
    Program.of("sh", "-c", "umask " + umask + "; " + line)
        .with("S", Cli.launcher().toString())
        .in(directory)
        .run()
        .exits(0);
  }

  private static final String EVERYTHING =
      "$S write a.db \"INSERT INTO t(x) VALUES(1)\" --changeset c && $S backup a.db backup.db && $S"
          + " backup a.db packed.db.gz --compress gzip && $S copy a.db copy.db --manifest && $S"
          + " vacuum-into a.db vacuum.db && $S changeset invert c -o inverted && $S changeset"
          + " concat c inverted -o both && $S changeset export a.db --since backup.db -o exported"
          + " && $S changeset apply a.db inverted --rebase-out rebase --patchset p && $S restore"
          + " backup.db restored.db && printf '.once once\\n"
          + "SELECT * FROM t;\\n"
          + ".output output\\n"
          + ".dump\\n"
          + "' | $S shell a.db";

  private static final List<String> MADE =
      List.of(
          "c",
          "backup.db",
          "backup.db.json",
          "packed.db.gz",
          "packed.db.gz.json",
          "copy.db",
          "copy.db.json",
          "vacuum.db",
          "vacuum.db.json",
          "inverted",
          "both",
          "exported",
          "rebase",
          "p",
          "restored.db",
          "once",
          "output");

  @ParameterizedTest
  @CsvSource({
    "rw-------, 022, rw-------",
    "rw-r--r--, 022, rw-r--r--",
    "rw-r--r--, 077, rw-------",
    "rw-rw----, 027, rw-r-----",
    "rw-rw-rw-, 002, rw-rw-r--"
  })
  void whatIsMadeOfADatabase(String database, String umask, String made) throws IOException {
    mode(db, database);
    shell(umask, EVERYTHING);
    for (String each : MADE) {
      assertEquals(made, mode(each), each);
    }
  }

  /** Files that are there keep what they have, and get no more than the database has. */
  @ParameterizedTest
  @CsvSource({
    "rw-r--r--, rw-------, rw-------",
    "rw-------, rw-r--r--, rw-------",
    "rw-rw-r--, rw-rw----, rw-rw----"
  })
  void whatTakesTheirPlace(String database, String there, String after) throws IOException {
    mode(db, database);
    for (String each : List.of("c", "inverted", "exported", "rebase")) {
      mode(Files.createFile(directory.resolve(each)), there);
    }
    shell(
        "022",
        "cp -p a.db base.db && $S write a.db \"INSERT INTO t(x) VALUES(1)\" --changeset c"
            + " && $S changeset invert c -o inverted"
            + " && $S changeset export a.db --since base.db -o exported"
            + " && $S changeset apply a.db inverted --rebase-out rebase");
    for (String each : List.of("c", "inverted", "exported", "rebase")) {
      assertEquals(after, mode(each), each);
    }
  }

  /** Rows of an attached database are its rows, wherever they are seen from. */
  @Test
  void whatTheShellWritesOfAnAttachedDatabase() throws IOException {
    mode(db, "rw-------");
    Db.create(directory, "open.db", "CREATE TABLE p(a)");
    mode(Files.createFile(directory.resolve("there")), "rw-r--r--");
    shell(
        "022",
        "printf \"ATTACH 'a.db' AS o;\\n"
            + ".once rows\\n"
            + "SELECT * FROM o.t;\\n"
            + ".once there\\n"
            + "SELECT 1;\\n"
            + "\" | $S shell open.db");
    assertEquals("rw-------", mode("rows"));
    assertEquals("rw-r--r--", mode("there"), "what was there before is the user's own choice");
  }

  /** The record of a changeset is acted on: nobody else may write it, whatever the umask is. */
  @Test
  void theRecordOfAChangesetIsWrittenByNobodyElse() throws Exception {
    Program writer =
        Program.of(
            "sh",
            "-c",
            "umask 000; exec \"$0\" write a.db 'INSERT INTO t(x) VALUES(1)' --changeset c",
            Cli.launcher());
    Path record = directory.resolve("a.db.changeset-pending");
    try (Connection reader = Db.open(db, "rw")) {
      Db.execute(reader, "BEGIN");
      Db.execute(reader, "SELECT count(*) FROM t"); // the commit has to wait for it
      try (Running running = writer.in(directory).start()) {
        Await.until("the record", () -> !running.isAlive() || Files.exists(record));
        String rights = mode("a.db.changeset-pending");
        assertTrue(rights.matches("rw-.-..-."), rights);
        Db.execute(reader, "COMMIT");
        running.await().exits(0);
      }
    }
  }

  /** For the collector, who need not be able to read the database. */
  @Test
  void metricsAreNoCopyOfADatabase() throws IOException {
    mode(db, "rw-------");
    shell("022", "$S backup a.db b.db --metrics new && $S backup a.db b.db --metrics new");
    assertEquals("rw-r--r--", mode("new"));
    mode(directory.resolve("new"), "rw-------");
    shell("022", "$S backup a.db b.db --metrics new");
    assertEquals("rw-------", mode("new"));
  }

  private static final String ACL =
      "import os, struct, sys\n"
          + "none = 0xffffffff\n"
          + "entries = [(1, 6, none), (2, 6, int(sys.argv[2])), (4, 0, none), (16, 6, none),"
          + " (32, 0, none)]\n"
          + "value = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e) for e in entries)\n"
          + "os.setxattr(sys.argv[1], 'system.posix_acl_' + sys.argv[3], value)\n";

  private void acl(Path file, String kind) {
    int set = Program.of("python3", "-c", ACL, file, NAMED, kind).run().exit();
    assumeTrue(set == 0, "this file system has no POSIX ACLs");
  }

  private int reads(String name, int user) {
    return Program.of("cat", directory.resolve(name))
        .behind(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"))
        .run()
        .exit();
  }

  /** The mode of such a file shows its mask as the group's permissions. */
  @Test
  void theGroupGetsNoMoreThanTheListGivesIt() throws IOException {
    assumeTrue(Privileges.root(), "files of another group can only be made by root");
    mode(db, "rw-r-----");
    Program.of("chgrp", String.valueOf(GROUP), db).run().exits(0);
    acl(db, "access");
    shell("002", EVERYTHING);
    for (String each : MADE) {
      assertEquals(0, reads(each, NAMED), each + ": the user of the list reads it");
      assertEquals(1, reads(each, GROUP), each + ": the group does not");
    }
    // A backup that no longer is what its manifest says is set aside, with the manifest.
    shell("002", "printf x >> backup.db; $S backup a.db backup.db; test $? = 3");
    for (String name : Db.beside(directory.resolve("backup.db"))) {
      assertEquals(1, reads(name, GROUP), name + ": the group does not");
    }
    shell("022", "$S restore backup.db a.db");
    assertEquals(0, reads("a.db", NAMED));
    assertEquals(1, reads("a.db", GROUP));
  }

  /** What the directory would give to new files does not count where the database gives less. */
  @Test
  void theDirectorysListGivesNothingThatTheDatabaseDoesNot() throws IOException {
    assumeTrue(Privileges.root(), "files of another user can only be made by root");
    mode(db, "rw-r-----");
    acl(directory, "default");
    shell("022", EVERYTHING);
    for (String each : MADE) {
      assertEquals(1, reads(each, NAMED), each);
    }
  }

  /** The same owner where that is possible, else nothing for its group. */
  @ParameterizedTest
  @ValueSource(strings = {"c", "backup.db", "packed.db.gz", "copy.db", "vacuum.db", "inverted"})
  void theOwnerIsTheDatabases(String name) throws IOException {
    assumeTrue(Privileges.root(), "files of another user can only be made by root");
    mode(db, "rw-r-----");
    Program.of("chown", NAMED + ":" + GROUP, db).run().exits(0);
    shell("022", EVERYTHING);
    String owner = Program.of("stat", "-c", "%u:%g", directory.resolve(name)).run().out();
    assertEquals(NAMED + ":" + GROUP, owner.strip());
    assertEquals("rw-r-----", mode(name));
  }
}
