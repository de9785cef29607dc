package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network file system: sshfs, whose server is started by itself instead of over ssh. */
class NetworkIT {
  @TempDir Path directory;
  private Path served;
  private Path mounted;

  @BeforeEach
  void mount() throws IOException {
    Path server = Path.of("/usr/lib/openssh/sftp-server");
    assumeTrue(
        Program.exists("sshfs") && Files.isExecutable(server),
        "sshfs and openssh-sftp-server are not installed");
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "/dev/fuse is not usable");
    served = Files.createDirectory(directory.resolve("served"));
    Path place = Files.createDirectory(directory.resolve("mounted"));
    Path ssh = Files.writeString(directory.resolve("ssh"), "#!/bin/sh\nexec " + server + "\n");
    Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));
    Result result = Program.of("sshfs", "-o", "ssh_command=" + ssh, "host:" + served, place).run();
    assumeTrue(result.exit() == 0, "sshfs cannot mount here: " + result.err().strip());
    mounted = place;
  }

  @AfterEach
  void unmount() {
    if (mounted != null) {
      Program.of("fusermount3", "-u", mounted).run().exits(0);
    }
  }

  @Test
  void aWriteAheadLogIsRefusedWithTheCure() {
    Path origin = Db.create(served, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('old')");
    assertEquals(List.of("wal"), Db.column(origin, "PRAGMA journal_mode=WAL"));
    Path db = mounted.resolve(Db.AWKWARD);
    Refusal.of(db, "write", "--assume-network", db, "INSERT INTO t VALUES('new')")
        .expect(15, "journal-mode");
    Refusal.of(db, "read", db, "SELECT * FROM t").expect(15, "journal-mode");
    Refusal.of(db, "journal-mode", db, "wal").expect(15, "network file system");
    Cli.run("journal-mode", origin, "delete").exits(0);
    Cli.run("write", "--assume-network", db, "INSERT INTO t VALUES('new')").exits(0);
    assertEquals(List.of("old", "new"), Db.column(origin, "SELECT v FROM t"));
    Db.assertNoLeftovers(origin);
  }

  /** Without shared memory, which such a mount does not have, and under the lock by rename. */
  @Test
  void aWriteAheadLogIsEndedWhereOnlyNetworkExclusiveAccessIsServed() {
    Path origin = Db.create(served, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('old')");
    assertEquals(List.of("wal"), Db.column(origin, "PRAGMA journal_mode=WAL"));
    Path db = mounted.resolve(Db.AWKWARD);
    Refusal.of(db, "access", db, "network-exclusive", "--assume-network")
        .expect(15, "journal-mode");
    try (Running holder = Cli.hold(origin)) {
      Cli.run("journal-mode", "--wait", "0", "--assume-network", db, "delete")
          .exits(11)
          .says("locked by");
      holder.say("end");
      holder.await().exits(0);
    }
    assertEquals(
        "delete\n", Cli.run("journal-mode", db, "delete", "--assume-network").exits(0).out());
    assertEquals(List.of("delete"), Db.column(origin, "PRAGMA journal_mode"));
    Cli.run("access", db, "network-exclusive", "--assume-network").exits(0);
    Cli.run("write", "--assume-network", db, "INSERT INTO t VALUES('new')").exits(0);
    assertEquals(List.of("old", "new"), Db.column(origin, "SELECT v FROM t"));
    assertEquals(List.of(Db.AWKWARD + ".lock.readers"), Db.beside(origin));
  }

  /** Every command, with the other mount as the other host. */
  @Test
  void networkExclusiveAccess() {
    Path db = mounted.resolve(Db.AWKWARD);
    Path copy = directory.resolve("copy.db");
    Cli.run(
            "write",
            "--create",
            "--access",
            "network-exclusive",
            "--assume-network",
            db,
            "CREATE TABLE t(v)")
        .exits(0);
    Path origin = served.resolve(Db.AWKWARD);
    Cli.run("write", origin, "INSERT INTO t VALUES('a')").exits(0);
    Cli.run("write", "--assume-network", db, "INSERT INTO t VALUES('b')").exits(0);
    Refusal.of(db, "write", db, "DELETE FROM t").expect(15, "came out short");
    Cli.run("integrity-check", db).exits(0);
    Cli.run("backup", "--assume-network", db, copy).exits(0);
    Cli.run("write", "--assume-network", db, "DELETE FROM t").exits(0);
    Cli.run("restore", "--assume-network", copy, db).exits(0);
    Result rows = Cli.run("read", origin, "SELECT v FROM t", "--format", "list").exits(0);
    assertEquals("a\nb\n", rows.out());
    try (Running holder = Cli.hold(db, "--assume-network")) {
      Cli.run("write", "--wait", "0", origin, "DELETE FROM t").exits(11).says("locked by");
      Cli.run("read", "--wait", "0", origin, "SELECT v FROM t").exits(11).says("locked by");
      holder.say("end");
      holder.await().exits(0);
    }
    Db.assertSound(origin);
  }

  @Test
  void aWriterIsRefusedWhereThereAreNoLocks() {
    Path db = mounted.resolve(Db.AWKWARD);
    Refusal.of(db, "write", "--create", db, "CREATE TABLE t(v)").expect(15, "network-exclusive");
    Path origin = Db.create(served, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('a')");
    Refusal.of(db, "write", db, "DELETE FROM t").expect(15, "no locks between two mounts");
    Refusal.of(db, "with-lock", db, "--", "true").expect(15, "--assume-local");
    Map<String, Object> seen = Cli.inspect(db);
    assertEquals("refuse", Json.at(seen, "fileSystem", "policy", "trusted-rollback", "advice"));
    Cli.run("inspect-lock", db).exits(0);
    assertEquals(List.of("a"), Db.column(origin, "SELECT v FROM t"));
    Db.assertNoLeftovers(origin);
  }

  @Test
  void aReaderIsToldOnce() {
    Db.create(served, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('a')");
    Path db = mounted.resolve(Db.AWKWARD);
    Program read =
        Cli.command("read", db, "SELECT v FROM t", "--format", "list")
            .with("XDG_STATE_HOME", directory.resolve("state").toString());
    Result first = read.run().exits(0).says("note: fuse.sshfs on " + mounted);
    assertEquals("a\n", first.out());
    assertEquals("", read.run().exits(0).err());
  }

  @Test
  void aPersonMayKnowBetter() {
    Path db = mounted.resolve(Db.AWKWARD);
    Path origin = served.resolve(Db.AWKWARD);
    Cli.run(
            "write",
            "--create",
            "--assume-network",
            db,
            "CREATE TABLE t(v); INSERT INTO t VALUES('a')")
        .exits(0);
    assertEquals(true, Json.at(Cli.inspect(db), "fileSystem", "network"));
    Refusal.of(db, "journal-mode", db, "wal").expect(15, "network file system");
    try (Running holder = Cli.hold(db, "--assume-network")) {
      Cli.run("write", "--wait", "0", origin, "DELETE FROM t").exits(11);
      Cli.run("write", "--wait", "0", "--assume-local", db, "DELETE FROM t").exits(11);
      holder.say("end");
      holder.await().exits(0);
    }
    Cli.run("write", "--assume-local", db, "INSERT INTO t VALUES('b')").exits(0);
    assertEquals(List.of("a", "b"), Db.column(origin, "SELECT v FROM t"));
    Db.assertNoLeftovers(origin);
  }

  @Test
  void aLocalFileSystemMayBeSharedAllTheSame() {
    Path origin = Db.create(served, "shared.db", "CREATE TABLE t(v)");
    Refusal.of(origin, "journal-mode", "--assume-network", origin, "wal")
        .expect(15, "network file system");
    Cli.run("write", "--assume-network", origin, "INSERT INTO t VALUES('a')").exits(0);
  }
}
