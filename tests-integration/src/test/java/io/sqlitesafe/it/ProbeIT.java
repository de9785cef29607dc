package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code probe}, on one mount, on two that agree, and on two that are two worlds. */
class ProbeIT {
  @TempDir Path directory;
  private final List<Path> mounted = new ArrayList<>();

  @AfterEach
  void unmount() {
    for (Path place : mounted) {
      Program.of("umount", place).run().exits(0);
    }
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private void mount(Path place, Object... command) {
    Result result = Program.of(command).run();
    assumeTrue(result.exit() == 0, command[0] + " cannot mount here: " + result.err().strip());
    mounted.add(place);
  }

  private static Map<?, ?> check(Map<String, Object> report, String name) {
    for (Object each : (List<?>) report.get("checks")) {
      if (((Map<?, ?>) each).get("check").equals(name)) {
        return (Map<?, ?>) each;
      }
    }
    throw new AssertionError("no check " + name + " in " + report);
  }

  private static Object advice(Map<String, Object> report, String use) {
    return Json.at(report, "verdicts", use, "advice");
  }

  private static void assertNoScratch(Path place) throws IOException {
    assertEquals(List.of(), scratch(place));
  }

  private static List<Path> scratch(Path place) throws IOException {
    try (Stream<Path> entries = Files.list(place)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith("sqlite-safe-probe"))
          .toList();
    }
  }

  @Test
  void aDirectoryOfThisHostIsFineAndLeftAsItWas() throws IOException {
    Path db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)");
    String before = Db.sha256(db);
    Map<String, Object> report =
        Cli.run("probe", db, "--time", "6s", "--rounds", "40", "--json").exits(0).json();
    assertEquals(directory.toString(), report.get("directory"));
    for (Object each : (List<?>) report.get("checks")) {
      assertTrue(!"bad".equals(((Map<?, ?>) each).get("state")), each::toString);
    }
    Map<?, ?> race = check(report, "race-mkdir");
    assertEquals(Map.of("1", race.get("rounds")), race.get("roundsByWinners"));
    // Who wins how often, is for the scheduler of a busy machine to say.
    assertEquals(race.get("rounds"), (long) race.get("wonHere") + (long) race.get("wonThere"));
    for (String check : List.of("sqlite-delete", "sqlite-wal", "locked-publish")) {
      Map<?, ?> written = check(report, check);
      assertTrue((long) written.get("commitsHere") + (long) written.get("commitsThere") > 0, check);
    }
    assertEquals(false, Json.at(report, "peer", "elsewhere"));
    assertEquals(true, report.get("safe"));
    assertEquals("fine", advice(report, "trusted-rollback"));
    assertEquals(before, Db.sha256(db));
    Db.assertNoLeftovers(db);
    assertNoScratch(directory);
  }

  @Test
  void theLowerLayerOfAnOverlayIsAnotherWorld() throws IOException {
    Path low = folder("low");
    Path merged = overlay("merged", low, folder("up"));
    Result result = Cli.run("probe", low, "--peer", merged, "--time", "6s", "--json").exits(15);
    assertEquals("unsafe", result.error("unsafe").get("id"));
    Map<String, Object> report = result.json();
    assertEquals("bad", check(report, "race-mkdir").get("state"), result::toString);
    assertEquals("bad", check(report, "same-files").get("state"), result::toString);
    assertEquals("refuse", advice(report, "network-exclusive-publish"));
    assertEquals(false, report.get("safe"));
    // Of the mount above it only the upper layer keeps something: overlayfs refuses to remove a
    // directory whose lower half was changed behind its back.
    assertNoScratch(low);
    // A writer is told what can be seen without trying.
    Path db = Db.create(low, "app.db", "CREATE TABLE t(v)");
    String told = told("write", db, "INSERT INTO t VALUES(1)").exits(15).err();
    assertTrue(told.contains("lower layer of overlay " + merged), told);
  }

  @Test
  void twoOverlaysOfOneUpperLayerAreRefused() throws IOException {
    Path low = folder("low");
    Path one = overlay("one", low, folder("up"));
    Path two = overlay("two", low, folder("up"));
    Result text = Cli.run("probe", one, "--peer", two, "--time", "5s").exits(15);
    assertTrue(text.out().contains("BAD  "), text::toString);
    assertNoScratch(one);
    Path db = one.resolve("app.db");
    Refusal.of(db, "write", "--create", db, "CREATE TABLE t(v)").expect(15, "database destroyed");
    Cli.run("write", "--create", "--assume-local", db, "CREATE TABLE t(v)").exits(0);
  }

  private Path overlay(String name, Path low, Path up) throws IOException {
    assumeTrue(Privileges.root(), "mounting an overlay needs root");
    Path merged = folder(name);
    Path work = folder("work-" + name);
    String layers = "lowerdir=" + low + ",upperdir=" + up + ",workdir=" + work;
    mount(merged, "mount", "-t", "overlay", "overlay", "-o", layers, merged);
    return merged;
  }

  @Test
  void twoMountsWithoutCommonLocksAreFoundOut() throws IOException {
    Path server = Path.of("/usr/lib/openssh/sftp-server");
    assumeTrue(
        Program.exists("sshfs") && Files.isExecutable(server),
        "sshfs and openssh-sftp-server are not installed");
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "/dev/fuse is not usable");
    Path served = folder("served");
    Path ssh = Files.writeString(directory.resolve("ssh"), "#!/bin/sh\nexec " + server + "\n");
    Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String name : List.of("a", "b")) {
      Path place = folder(name);
      mount(place, "sshfs", "-o", "ssh_command=" + ssh, "host:" + served, place);
    }
    Result result =
        Cli.run(
            "probe",
            directory.resolve("a"),
            "--peer",
            directory.resolve("b"),
            "--time",
            "8s",
            "--json");
    assertTrue(result.exit() == 0 || result.exit() == 15, result::toString);
    Map<String, Object> report = result.json();
    assertEquals("bad", check(report, "posix-locks").get("state"), result::toString);
    assertEquals("good", check(report, "race-mkdir").get("state"), result::toString);
    assertEquals("bad", check(report, "sqlite-wal").get("state"), result::toString);
    assertTrue(
        String.valueOf(check(report, "sqlite-wal").get("text")).startsWith("not tried"),
        result::toString);
    assertEquals("refuse", advice(report, "trusted-rollback"));
    assertEquals("refuse", advice(report, "trusted-wal"));
    assertEquals(true, Json.at(report, "peer", "elsewhere"));
    assertNoScratch(served);
  }

  @Test
  void twoProcessesFindEachOtherByTheDirectory() throws IOException {
    Set<Object> leads = new HashSet<>();
    try (Running one = Cli.start("probe", directory, "--join", "--time", "8s", "--json");
        Running two = Cli.start("probe", directory, "--join", "--time", "8s", "--json")) {
      for (Running each : List.of(one, two)) {
        Map<String, Object> report = each.await().exits(0).json();
        leads.add(report.get("leads"));
        if (report.get("leads").equals(true)) {
          assertEquals("good", check(report, "race-mkdir").get("state"), report::toString);
          assertEquals("good", check(report, "locked-publish").get("state"), report::toString);
        }
      }
    }
    assertEquals(Set.of(true, false), leads);
    assertNoScratch(directory);
  }

  @Test
  void whoWaitsAloneIsToldSo() throws IOException {
    Cli.run("probe", directory, "--join", "--time", "2s").exits(1).says("--join");
    assertNoScratch(directory);
  }

  @Test
  void whatAKilledProbeLeftTheNextOneSweeps() throws IOException {
    try (Running killed = Cli.start("probe", directory, "--time", "60s")) {
      List<ProcessHandle> children = new ArrayList<>();
      Await.until(
          "the other process to take part",
          () -> {
            children.clear();
            ProcessHandle.of(killed.pid()).ifPresent(p -> p.children().forEach(children::add));
            return !children.isEmpty() && exists("race-mkdir");
          });
      children.forEach(ProcessHandle::destroyForcibly); // else it tidies up
      killed.kill();
    }
    assertEquals(1, scratch(directory).size());
    Cli.run("probe", directory, "--time", "3s", "--rounds", "5").exits(0);
    assertNoScratch(directory);
  }

  private boolean exists(String inScratch) {
    try {
      List<Path> all = scratch(directory);
      return !all.isEmpty() && Files.exists(all.get(0).resolve(inScratch));
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aSignalEndsItAndItTidiesUp() throws IOException {
    try (Running probe = Cli.start("probe", directory, "--time", "60s")) {
      Await.until("the races", () -> exists("race-mkdir"));
      probe.signal("TERM");
      probe.await().exits(143);
    }
    assertNoScratch(directory);
  }

  @Test
  void badInputIsRefused() throws IOException {
    Path none = directory.resolve("none");
    Cli.run("probe", none).exits(10).says("there is no directory");
    Cli.run("probe", directory, "--peer", none).exits(10).says("there is no directory");
    Cli.run("probe", directory, "--peer", directory, "--join").exits(2).says("contradict");
    Cli.run("probe", directory, "--time", "1s").exits(2).says("--time");
    Cli.run("probe", directory, "--time", "5").exits(2).says("duration");
    Cli.run("probe", directory, "--rounds", "0").exits(2).says("--rounds");
    Cli.run("probe").exits(2);
    Cli.run("write", none, "SELECT 1", "--assume-local", "--assume-network")
        .exits(2)
        .says("contradict");
    Path closed = folder("closed");
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Cli.command("probe", closed)
        .behind(Privileges.ordinary())
        .run()
        .exits(1)
        .says("permission denied");
    assertNoScratch(directory);
  }

  /** With a state directory of its own: advice is given once. */
  private Result told(Object... words) {
    return Cli.command(words).with("XDG_STATE_HOME", directory.resolve("state").toString()).run();
  }
}
