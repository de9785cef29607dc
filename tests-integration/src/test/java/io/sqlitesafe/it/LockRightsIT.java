package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever may write to the database may break its lock, whoever made that. Needs several users. */
class LockRightsIT {
  private static final String OWNER = "65534";
  private static final String GROUP = "65533";

  @TempDir Path directory;
  private Path home;
  private Path db;

  @BeforeEach
  void makeDatabase() throws IOException {
    assumeTrue(Privileges.root() && Program.exists("setpriv"), "needs root and setpriv");
    Program.of("chmod", "755", directory).run().exits(0);
    home = Files.createDirectory(directory.resolve("home"));
    db = Db.create(home, "app.db", "CREATE TABLE t(v)");
    Program.of("chown", "-R", OWNER + ":" + GROUP, home).run().exits(0);
    Program.of("chmod", "775", home).run().exits(0);
  }

  /** As a user of that number, in these groups. */
  private static List<String> as(String user, String group) {
    return List.of(
        "setpriv", "--reuid=" + user, "--regid=" + group, "--clear-groups", "env", "HOME=/");
  }

  private static Program umask(String umask, Program program) {
    return program.behind(List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
  }

  /** A lock whose owner was killed. */
  private void killed(List<String> who, String umask) {
    Program holder =
        Cli.command("with-lock", db, "--", "sh", "-c", "echo in; read line").behind(who);
    try (Running running = umask(umask, holder).start()) {
      running.awaitOut("in");
      running.kill();
    }
    assertTrue(Files.isDirectory(lock()), "it was killed");
  }

  private Path lock() {
    return Db.sibling(db, ".lock");
  }

  private static String rights(Path path) {
    return Program.of("stat", "-c", "%u:%g %a", path).run().exits(0).out().strip();
  }

  private static List<Path> entries(Path path) throws IOException {
    try (Stream<Path> list = Files.list(path)) {
      return new ArrayList<>(list.toList());
    }
  }

  @ParameterizedTest
  @CsvSource({"600,700,600", "640,750,640", "644,755,644", "660,770,660", "666,777,666"})
  void theLockHasTheRightsOfTheDatabase(String mode, String ofDirectory, String ofFile)
      throws IOException {
    Program.of("chmod", mode, db).run().exits(0);
    for (String umask : List.of("022", "077", "000")) {
      killed(List.of(), umask);
      assertEquals(OWNER + ":" + GROUP + " " + ofDirectory, rights(lock()), umask);
      for (Path file : entries(lock())) {
        assertEquals(OWNER + ":" + GROUP + " " + ofFile, rights(file), umask + " " + file);
      }
      // Not "silent": its record can be read, and its process is gone.
      Cli.command("write", "--wait", "0", db, "INSERT INTO t VALUES(1)")
          .behind(as(OWNER, GROUP))
          .run()
          .exits(0);
      Db.assertNoLeftovers(db);
    }
  }

  @ParameterizedTest
  @CsvSource({"022,false", "077,false", "022,true"})
  void membersOfItsGroupBreakEachOthersLocks(String umask, boolean inherited) {
    Program.of("chmod", "660", db).run().exits(0);
    Program.of("chmod", inherited ? "2770" : "770", home).run().exits(0);
    killed(as("65001", GROUP), umask);
    Cli.command("write", "--wait", "0", db, "INSERT INTO t VALUES(1)")
        .behind(as("65002", GROUP))
        .run()
        .exits(0);
    Db.assertNoLeftovers(db);
  }

  /** Their group is another than the database's, which they are in besides. */
  @Test
  void aMemberByASecondGroupGivesItTheFirst() {
    Program.of("chmod", "660", db).run().exits(0);
    Program.of("chmod", "770", home).run().exits(0);
    killed(
        List.of("setpriv", "--reuid=65001", "--regid=65001", "--groups=" + GROUP, "env", "HOME=/"),
        "022");
    assertEquals("65001:" + GROUP + " 770", rights(lock()));
    Cli.command("write", "--wait", "0", db, "INSERT INTO t VALUES(1)")
        .behind(as("65002", GROUP))
        .run()
        .exits(0);
  }

  @Test
  void aDefaultAclOfTheDirectoryCountsToo() {
    assumeTrue(Program.exists("setfacl"), "needs acl");
    Program set = Program.of("setfacl", "-m", "d:u:65003:rwx,u:65003:rwx", home);
    assumeTrue(set.run().exit() == 0, "needs a file system with ACLs");
    Program.of("setfacl", "-m", "u:65003:rw", db).run().exits(0);
    killed(List.of(), "077");
    Cli.command("write", "--wait", "0", db, "INSERT INTO t VALUES(1)")
        .behind(as("65003", "65003"))
        .run()
        .exits(0);
    Db.assertNoLeftovers(db);
  }

  /** One that a former version, or another make, has left. */
  @Test
  void whatThisUserMayNotRemoveIsSaid() {
    killed(List.of(), "022");
    Program.of("chown", "-R", "0:0", lock()).run().exits(0);
    Program.of("chmod", "755", lock()).run().exits(0);
    Program write =
        Cli.command("write", "--wait", "0", db, "INSERT INTO t VALUES(1)").behind(as(OWNER, GROUP));
    Result busy = write.run().exits(11);
    assertTrue(busy.err().contains("owner root"), busy::toString);
    assertTrue(busy.err().contains("which is dead"), busy::toString);
    Result judged = Cli.command("break-stale", db).behind(as(OWNER, GROUP)).run().exits(11);
    assertTrue(judged.err().contains("--owner"), judged::toString);

    // Whoever may rename in the directory gets rid of it by force, if not of what is left of it.
    String token = String.valueOf(Json.at(Cli.inspect(db), "owner", "token"));
    Cli.command("break-stale", "--owner", token, "--force", db).behind(as(OWNER, GROUP)).run();
    assertFalse(Files.exists(lock()));
    write.run().exits(0);
  }

  /** The message's own command does it, for the owner of the directory, sticky or not. */
  @ParameterizedTest
  @ValueSource(strings = {"755", "1777"})
  void theOwnerOfTheDirectoryBreaksByForce(String mode) {
    killed(List.of(), "022");
    Program.of("chown", "-R", "0:0", lock()).run().exits(0);
    Program.of("chmod", "755", lock()).run().exits(0);
    Program.of("chown", "65001", home).run().exits(0);
    Program.of("chmod", mode, home).run().exits(0);
    Program.of("chmod", "666", db).run().exits(0);
    List<String> user = as("65001", "65001");
    Program write = Cli.command("write", "--wait", "0", db, "INSERT INTO t VALUES(1)").behind(user);
    Result busy = write.run().exits(11);
    String command = busy.err().substring(busy.err().lastIndexOf("sqlite-safe break-stale"));
    Program named =
        Program.of("sh", "-c", command.replace("sqlite-safe ", "\"$0\" "), Cli.launcher());
    named.behind(user).run().exits(0);
    assertFalse(Files.exists(lock()));
    Cli.command("write", "--wait", "0", db, "INSERT INTO t VALUES(1)").behind(user).run().exits(0);
  }

  @Test
  void nobodyBreaksByForceInAStickyDirectory() {
    killed(List.of(), "022");
    Program.of("chown", "-R", "0:0", lock()).run().exits(0);
    Program.of("chown", "0:0", home).run().exits(0);
    Program.of("chmod", "1777", home).run().exits(0);
    String token = String.valueOf(Json.at(Cli.inspect(db), "owner", "token"));
    Result busy =
        Cli.command("break-stale", "--owner", token, "--force", db)
            .behind(as(OWNER, GROUP))
            .run()
            .exits(11);
    assertTrue(busy.err().contains("owner root"), busy::toString);
    assertFalse(busy.err().contains("dead"), "nobody has looked: " + busy);
    assertTrue(Files.exists(lock().resolve("claim." + token)));
  }

  @Test
  void readersMayBeMadeByWhoeverMayRead() throws IOException {
    Program.of("chmod", "644", db).run().exits(0);
    umask("077", Cli.command("access", db, "network-exclusive")).run().exits(0);
    assertEquals(OWNER + ":" + GROUP + " 777", rights(Db.sibling(db, ".lock.readers")));
    Program.of("chmod", "755", home).run().exits(0);
    Cli.command("access", db, "trusted").run().exits(0);
    Program.of("chmod", "640", db).run().exits(0);
    umask("022", Cli.command("access", db, "network-exclusive")).run().exits(0);
    assertEquals(OWNER + ":" + GROUP + " 770", rights(Db.sibling(db, ".lock.readers")));
  }
}
