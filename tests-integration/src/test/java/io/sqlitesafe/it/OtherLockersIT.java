package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that lock by the same name in other ways: the real ones, in both directions. */
class OtherLockersIT {
  private static final String DIRECTORY = "an empty lock directory of another program";
  private static final String FILE = "a lock file of another program";

  @TempDir Path directory;
  private Path db;
  private Path lock;

  @BeforeEach
  void makeDatabase() {
    db = Db.create(directory, "app.db", "CREATE TABLE t(v)");
    lock = Db.sibling(db, ".lock");
  }

  private Program locker(String what) {
    Path folder = Cli.module().resolve("lockers");
    if (what.startsWith("wasm") || what.startsWith("proper")) {
      assumeTrue(Program.exists("node") && Program.exists("npm"), what + " needs npm");
      Path packages = Cli.module().resolve("target/lockers");
      Result made = Program.of("sh", folder.resolve("install-node.sh"), packages).run();
      assumeTrue(made.exit() == 0, () -> what + " cannot be installed: " + made);
      return Program.of("node", folder.resolve("locker.js"), what, db)
          .with("NODE_PATH", packages.resolve("node_modules").toString());
    }
    // The distribution's, which has its packages.
    String python =
        Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";
    if (!what.equals("dotfile")) {
      boolean there = Program.of(python, "-c", "import filelock").run().exit() == 0;
      assumeTrue(there, what + " needs python3-filelock");
    }
    return Program.of(python, folder.resolve("locker.py"), what, db);
  }

  private Running held(String what) {
    Running running = locker(what).start();
    running.awaitOut("in");
    return running;
  }

  /** Nothing tells how long its owner has been silent. */
  private void makeOld() throws IOException {
    Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minusSeconds(3600)));
  }

  private void refused(String text) {
    Refusal.of(db, "write", "--wait", "300ms", db, "INSERT INTO t VALUES('ours')").expect(11, text);
    Refusal.of(db, "break-stale", db).expect(11, "");
    assertEquals("foreign", Cli.verdict(db));
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasm", "dotfile", "proper"})
  void anEmptyDirectoryIsNeverTakenOver(String what) throws IOException {
    try (Running other = held(what)) {
      assertTrue(Files.isDirectory(lock));
      makeOld();
      refused(DIRECTORY);
      assertEquals(
          "empty-directory", Json.at(Cli.inspect(db), "foreign", "kind"), "named for scripts");
      if (!what.equals("proper")) {
        Refusal.of(db, "break-stale", "--foreign", db).expect(11, "open in pid [" + other.pid());
      }
      Running ours = Cli.start("write", "--progress", "always", db, "INSERT INTO t VALUES('ours')");
      ours.awaitErr("waiting for the lock");
      other.say("end");
      other.awaitOut("done");
      ours.await().exits(0);
    }
    assertEquals(what.equals("proper") ? 1 : 2, Db.integer(db, "SELECT count(*) FROM t"));
    Db.assertNoLeftovers(db);
  }

  /** Its directory stays for ever; only a person can tell. */
  @ParameterizedTest
  @ValueSource(strings = {"wasm", "dotfile", "proper"})
  void whatAKilledOneLeavesIsRemovedOnAPersonsWord(String what) throws IOException {
    held(what).kill();
    makeOld();
    refused(DIRECTORY);
    Cli.run("break-stale", "--foreign", "--dry-run", db).exits(0);
    assertTrue(Files.isDirectory(lock));
    Path journal = Db.sibling(db, "-journal");
    byte[] left = Files.exists(journal) ? Files.readAllBytes(journal) : null;
    Files.writeString(journal, "a live one does not begin with a zero");
    Refusal.of(db, "break-stale", "--foreign", db).expect(11, "journal of a transaction");
    Files.delete(journal);
    if (left != null) {
      Files.write(journal, left);
    }
    Cli.run("break-stale", "--foreign", "--force", db).exits(0);
    Cli.run("write", "--wait", "0", db, "INSERT INTO t VALUES('ours')").exits(0);
    assertEquals(1, Db.integer(db, "SELECT count(*) FROM t"));
    Db.assertNoLeftovers(db);
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasm-try", "dotfile", "proper-try", "flock", "soft"})
  void oursKeepsThemOut(String what) {
    try (Running ours = Cli.hold(db)) {
      Running other = locker(what).start();
      other.awaitOut(
          switch (what) {
            case "wasm-try", "dotfile" -> "locked";
            case "proper-try" -> "ELOCKED";
            case "flock" -> "IsADirectoryError";
            default -> "Timeout";
          });
      other.close();
      assertEquals("held", Cli.verdict(db));
      ours.kill();
    }
    if (what.equals("wasm-try")) {
      locker(what).run().exits(0);
      assertEquals(0, Db.integer(db, "SELECT count(*) FROM t"), "a dead lock of ours holds, too");
    }
    Cli.run("write", "--wait", "0", db, "INSERT INTO t VALUES('ours')").exits(0);
    Db.assertNoLeftovers(db);
  }

  /** It looks at the time of the directory, which a heartbeat in it does not move. */
  @Test
  void properLockfileFindsUsAliveForAsLongAsWeHold() throws IOException {
    Program trying = locker("proper-try");
    try (Running ours = Cli.hold(db);
        Running other = trying.start()) {
      Set<FileTime> times = new HashSet<>();
      Await.until(
          "five changes of the directory's time",
          () ->
              times.add(time(lock)) && times.size() >= 5 || other.outSoFar().contains("NOTEMPTY"));
      other.say("end");
      other.awaitOut("end");
      assertEquals(List.of("ELOCKED", "end"), other.outSoFar().lines().toList());
      ours.say("end");
      ours.await().exits(0);
    }
  }

  private static FileTime time(Path path) {
    try {
      return Files.getLastModifiedTime(path);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** systemd-tmpfiles goes by the last of a file's times; the claim is never written to. */
  @Test
  void theClaimsTimeOfChangeMoves() throws IOException {
    try (Running ours = Cli.hold(db, "--heartbeat-interval", "1s", "--stale-after", "10s")) {
      Path claim = lock.resolve("claim." + Json.at(Cli.inspect(db), "owner", "token"));
      Object made = Files.getAttribute(claim, "unix:ctime");
      Await.until("a change", () -> !made.equals(attribute(claim, "unix:ctime")));
      assertEquals(0, Files.size(claim));
      ours.say("end");
      ours.await().exits(0);
    }
  }

  private static Object attribute(Path path, String name) {
    try {
      return Files.getAttribute(path, name);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aSoftFileLockIsWaitedFor() throws IOException {
    try (Running other = held("soft")) {
      makeOld();
      refused(FILE);
      Refusal.of(db, "break-stale", "--foreign", db).expect(11, "SoftFileLock");
      Running ours = Cli.start("write", "--progress", "always", db, "INSERT INTO t VALUES('ours')");
      ours.awaitErr("waiting for the lock");
      other.say("end");
      ours.await().exits(0);
    }
  }

  @Test
  void aFileThatAProcessHasLockedIsNeverRemoved() throws IOException {
    try (Running other = held("flock")) {
      refused(FILE);
      Refusal.of(db, "break-stale", "--foreign", "--force", db).expect(11, "FLOCK");
      other.say("end");
      other.awaitOut("done");
      other.await();
    }
    assertTrue(Files.isRegularFile(lock), "it stays for ever");
    Result doctor = Cli.run("doctor", db);
    assertTrue(doctor.out().contains(FILE), doctor::toString);
    Cli.run("break-stale", "--foreign", "--force", db).exits(0);
    assertFalse(Files.exists(lock));
    Cli.run("write", "--wait", "0", db, "INSERT INTO t VALUES('ours')").exits(0);
  }
}
