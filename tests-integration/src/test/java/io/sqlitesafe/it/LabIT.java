package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Short rounds of the torture on real file systems of the laboratory, and what a fault does to one
 * command. How long a round lasts decides only how much it finds out, never whether it passes.
 */
class LabIT {
  private static final String NFS_FAULTS =
      "none,kill,stop,freeze,crash,cut,server-frozen,server-crash";

  @TempDir Path directory;

  @BeforeEach
  void needsPython() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "/usr/bin/python3 is missing");
  }

  @AfterEach
  void leavesNothingMounted() throws IOException {
    lab("down", "all").exits(0);
    String mounts = Files.readString(Path.of("/proc/self/mounts"));
    assertFalse(mounts.contains(directory.toString()), mounts);
  }

  private Program on(Object... words) {
    return Program.of(words)
        .with("SQLITESAFE_LAB", directory.resolve("lab").toString())
        .with("SQLITE_SAFE", Cli.launcher().toString());
  }

  private Result lab(Object... words) {
    List<Object> all = new ArrayList<>(List.of(Cli.module().resolve("lab/lab")));
    all.addAll(List.of(words));
    return on(all.toArray()).run();
  }

  /** Sets a mount up, or skips the test with the laboratory's own words. */
  private void up(String kind) {
    Result result = lab("up", kind);
    assumeTrue(result.exit() != 77, result.out().strip());
    result.exits(0);
  }

  private void torture(String mounts, String faults, String mode) {
    Path table = directory.resolve("table.md");
    Result result =
        on(
                "/usr/bin/python3",
                "-B",
                Cli.module().resolve("torture"),
                "--mounts",
                mounts,
                "--faults",
                faults,
                "--modes",
                mode,
                "--seconds",
                Cli.LONG ? 30 : 5,
                "--table",
                table)
            .run();
    assumeTrue(result.exit() != 77, result.out().strip());
    assertEquals(0, result.exit(), result::toString);
    assertTrue(result.out().contains("\"acknowledged\": "), result::toString);
  }

  @Test
  void localFileSystems() {
    torture("ext4,xfs,btrfs,tmpfs", "kill", "trusted");
  }

  @Test
  void faultsOfAFileSystemInUserSpace() {
    torture("fuse", "errno,lost-reply,delay", "network-exclusive");
  }

  @Test
  void sshfsWithoutItsCache() {
    torture("sshfs-uncached", "kill", "network-exclusive");
  }

  @Test
  void nfsWithFrozenAndCrashedClients() {
    up("nfs42");
    up("nfs3");
    aStrangersOpenFileOnNfs();
    aProbeOfTwoHosts();
    aWriteAsksTheServerSoOften();
    torture("nfs42", Cli.LONG ? NFS_FAULTS : "freeze", "trusted");
    torture("nfs3", Cli.LONG ? NFS_FAULTS : "crash", "trusted");
  }

  /**
   * A process that is no participant has a file of a dead lock open; the other client clears it.
   */
  private void aStrangersOpenFileOnNfs() {
    String db = "/mnt/nfs42/app.db";
    inGuestB("write", "--create", db, "CREATE TABLE t(v)").run().exits(0);
    String open =
        "mkdir %1$s.lock; echo > %1$s.lock/heartbeat; exec 9<%1$s.lock/heartbeat;"
            + " rm %1$s.lock/heartbeat; echo has it as %1$s.lock/.nfs*; read line";
    try (Running stranger =
        on(Cli.module().resolve("lab/lab"), "exec", "nfs42", "a", "sh", "-c", open.formatted(db))
            .start()) {
      stranger.awaitOut("has it as " + db + ".lock/.nfs0");
      inGuestB("write", "--wait", "0", db, "INSERT INTO t VALUES('in')").run().exits(0);
      stranger.say("end");
      stranger.await().exits(0);
    }
  }

  /** On NFS 3, whose clients believe a listing of the directory for up to a minute. */
  private void aProbeOfTwoHosts() {
    String directory = "/mnt/nfs3";
    List<Running> hosts = new ArrayList<>();
    for (String side : List.of("a", "b")) {
      List<Object> words =
          List.of(Cli.module().resolve("lab/lab"), "exec", "nfs3", side, Cli.launcher(), "probe");
      List<Object> all = new ArrayList<>(words);
      all.addAll(List.of(directory, "--join", "--time", "10s", "--json"));
      hosts.add(on(all.toArray()).start());
    }
    List<Result> results = hosts.stream().map(host -> host.await().exits(0)).toList();
    Result leader = results.get(results.get(0).out().contains("\"leads\":true") ? 0 : 1);
    for (String way : List.of("trusted-rollback", "network-exclusive-publish")) {
      Object advice = Json.at(leader.json(), "verdicts", way, "advice");
      assertEquals("fine", advice, leader::toString);
    }
    String listing = lab("exec", "nfs3", "a", "ls", "-A", directory).exits(0).out();
    assertFalse(listing.contains("sqlite-safe-probe"), listing);
  }

  /**
   * Counted by the client's kernel, so that this does not depend on the machine; in times of what
   * sqlite3 asks for the same.
   */
  private void aWriteAsksTheServerSoOften() {
    List<Object> words = new ArrayList<>();
    words.addAll(List.of(Cli.module().resolve("lab/lab"), "exec", "nfs42", "a"));
    words.addAll(List.of("env", "RUNS=3", "/usr/bin/python3", "-B"));
    words.add(Cli.module().resolve("bench/round_trips.py"));
    words.addAll(List.of("/mnt/nfs42", Cli.launcher(), "sqlite3", "write", "exclusive_rename"));
    Result result = on(words.toArray()).run().exits(0);
    Map<String, Integer> trips = new HashMap<>();
    result
        .out()
        .lines()
        .map(line -> line.split(" "))
        .forEach(fields -> trips.put(fields[0], Integer.parseInt(fields[1])));
    int peer = trips.get("sqlite3");
    assertTrue(peer > 10, result::toString);
    assertTrue(trips.get("write") <= WRITE * peer, result::toString);
    assertTrue(trips.get("exclusive_rename") <= BY_RENAME * peer, result::toString);
  }

  private static final double WRITE = 2.6;
  private static final double BY_RENAME = 3.6;

  private Program inGuestB(Object... words) {
    List<Object> all =
        new ArrayList<>(
            List.of(Cli.module().resolve("lab/lab"), "exec", "nfs42", "b", Cli.launcher()));
    all.addAll(List.of(words));
    return on(all.toArray());
  }

  /** The journal is removed, which is the commit, and the file system says that it is not. */
  @Test
  void aCommitWhoseReplyIsLostIsCalledUncertain() throws IOException {
    up("fuse");
    Path lab = directory.resolve("lab/fuse");
    Path db = lab.resolve("a/app.db");
    Cli.run("write", "--create", "--assume-network", db, "CREATE TABLE t(v)").exits(0);
    String rule =
        "[{\"operations\": \"unlink\", \"path\": \"-journal$\", \"errno\": \"EIO\", \"done\":"
            + " true}]";
    Files.writeString(lab.resolve("rules-a"), rule);
    Result result = Cli.run("write", "--json", "--assume-network", db, "INSERT INTO t VALUES('x')");
    Files.delete(lab.resolve("rules-a"));
    result.exits(16);
    assertTrue(result.err().contains("\"id\":\"uncertain\""), result::toString);
    Path served = lab.resolve("served/app.db");
    assertEquals(List.of("x"), Db.column(served, "SELECT v FROM t"));
    Db.assertNoLeftovers(served);
  }
}
