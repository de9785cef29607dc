package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs inside of a lock: handed on exactly, and never beside the next owner. */
class WithLockIT {
  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "processes are seen in /proc only");
    db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)");
  }

  /** The command has started when the owner is killed; it goes on until it is told a line. */
  private Running killedOwner(String script, Path fifo) throws IOException {
    Program.of("mkfifo", fifo).run().exits(0);
    Running owner = Cli.start("with-lock", db, "--", "sh", "-c", script, "sh", fifo);
    owner.awaitOut("in");
    assertEquals(137, owner.kill().exit());
    return owner;
  }

  private void refusedUntilTold(Path fifo) throws IOException {
    Result refused = Cli.run("write", "--wait", "0", db, "INSERT INTO t VALUES(1)").exits(11);
    refused.says("the command that it ran goes on");
    assertEquals("held", Cli.verdict(db));
    Cli.run("break-stale", "--wait", "0", db).exits(11);
    assertTrue(Files.exists(Db.sibling(db, ".lock")));
    // Opening a FIFO waits for the one who reads, who is still there.
    Program.of("sh", "-c", "echo end >\"$0\"", fifo).run().exits(0);
    Cli.run("write", "--wait", "1m", db, "INSERT INTO t VALUES(1)").exits(0);
    Db.assertNoLeftovers(db);
  }

  @Test
  void theCommandDiesWithUs() throws IOException {
    assumeTrue(Program.exists("setpriv"), "there is no setpriv of util-linux");
    Path fifo = directory.resolve("fifo");
    killedOwner("echo in; read x <\"$1\"", fifo).close();
    Cli.run("write", "--wait", "1m", db, "INSERT INTO t VALUES(1)").exits(0);
    Db.assertNoLeftovers(db);
  }

  /** Without setpriv the command itself goes on. */
  @Test
  void theCommandItselfGoesOn() throws IOException {
    Path bin = Files.createDirectory(directory.resolve("nothing in it"));
    Path fifo = directory.resolve("fifo");
    Program.of("mkfifo", fifo).run().exits(0);
    try (Running owner =
        Cli.command("with-lock", db, "--", "/bin/sh", "-c", "echo in; read x <\"$1\"", "sh", fifo)
            .with("PATH", bin.toString())
            .with("JAVA_HOME", System.getProperty("java.home")) // where the image has no runtime
            .start()) {
      owner.awaitOut("in");
      owner.kill();
      refusedUntilTold(fifo);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sh -c 'echo in; read x <\"$1\"' sh \"$1\" & wait",
        "setsid sh -c 'echo in; read x <\"$1\"' sh \"$1\" & wait",
        "SQLITE_SAFE_TOKEN=other sh -c 'echo in; read x <\"$1\"' sh \"$1\"; echo never",
      })
  void whatTheCommandStartedGoesOn(String script) throws IOException {
    Path fifo = directory.resolve("fifo");
    try (Running owner = killedOwner(script, fifo)) {
      refusedUntilTold(fifo);
    }
  }

  @Test
  void theRecordNamesTheCommandBeforeItRuns() throws IOException {
    for (int i = 0; i < 5; i++) {
      Path owner = Db.sibling(db, ".lock").resolve("owner.json");
      Result result = Cli.run("with-lock", db, "--", "sh", "-c", "echo $$; cat \"$0\"", owner);
      String pid = result.exits(0).out().lines().findFirst().orElseThrow();
      assertTrue(result.out().contains("\"worker\":{\"pid\":" + pid + ","), result::toString);
    }
  }

  /** The same process, arguments, streams, descriptors and environment as without a lock. */
  @Test
  void everythingIsHandedOn() throws IOException {
    Path program = directory.resolve("pro gram");
    Files.writeString(
        program,
        "#!/bin/sh\nprintf '%s|' \"$0\" \"$@\"; cat; ls /proc/self/fd | wc -l;"
            + " tr '\\0' '\\n' </proc/$$/environ | grep -v '^SQLITE_SAFE\\|^_=\\|^SHLVL' | sort;"
            + " echo err >&2; exit 7\n");
    program.toFile().setExecutable(true);
    Object[] words = {program, "a b", "", "c'\"d\n", "$HOME", "-e", "--"};
    List<Object> within = new java.util.ArrayList<>(List.of(Cli.launcher(), "with-lock", db, "--"));
    within.addAll(List.of(words));
    // Through a shell first, as by our launcher: it may put variables in order.
    List<String> shell = List.of("sh", "-c", "exec \"$@\"", "sh");
    Result plain = run(Program.of(words).behind(shell));
    Result locked = run(Program.of(within.toArray()));
    assertEquals(plain.exits(7).out(), locked.exits(7).out());
    assertEquals(plain.err(), locked.err());
  }

  private Result run(Program program) {
    return program
        .in(directory)
        .with("SOME", " value\nof two lines ")
        .with("IFS", "x")
        .input("input\n".getBytes(StandardCharsets.UTF_8))
        .run();
  }

  @Test
  void aProgramThatIsNotThere() {
    Cli.run("with-lock", db, "--", "no such program").exits(127).says("check the name");
    Cli.run("with-lock", db, "--", directory.resolve("nowhere/program")).exits(127);
    Cli.run("with-lock", db, "--", directory).exits(126);
    Cli.run("with-lock", db, "--", "").exits(127);
    Db.assertNoLeftovers(db);
  }
}
