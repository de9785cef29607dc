package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell: by scripts here, at a terminal in {@code shell/test_shell.py}. */
class ShellIT {
  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() {
    db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(n INTEGER PRIMARY KEY, v)");
  }

  private Result script(String text, Object... options) {
    Object[] words = new Object[options.length + 2];
    words[0] = "shell";
    words[1] = db;
    System.arraycopy(options, 0, words, 2, options.length);
    return Cli.command(words).input(text).run();
  }

  private long count() {
    return Db.integer(db, "SELECT count(*) FROM t");
  }

  @Test
  void atATerminal() {
    assumeTrue(Program.exists("python3"), "python3 is not installed");
    Result result =
        Program.of("python3", "-B", "-m", "unittest", "-q")
            .with("SQLITE_SAFE_LAUNCHER", Cli.launcher().toString())
            .in(Cli.module().resolve("shell"))
            .run();
    assertEquals(0, result.exit(), result::toString);
    assertTrue(result.err().contains("Ran ") && !result.err().contains("Ran 0 "), result::toString);
  }

  @Test
  void aScriptStopsAtItsFirstError() {
    Result result =
        script("INSERT INTO t VALUES(1,'a');\nSELECT v\n FROM t;\nSELEC 1;\nDELETE FROM t;\n");
    result.exits(1).says("statement 3 (line 4)");
    assertEquals("a\n", result.out());
    assertEquals(1, count());
    Db.assertNoLeftovers(db);
  }

  @Test
  void anErrorInATransactionRollsItBack() {
    script("BEGIN;\nINSERT INTO t VALUES(1,'a');\nSELEC 1;\n")
        .exits(1)
        .says("the open transaction was rolled back");
    assertEquals(0, count());
    script("INSERT INTO t VALUES(1,'a');\nBEGIN;\nDELETE FROM t;\n")
        .exits(0); // and never committed
    assertEquals(1, count());
    Db.assertNoLeftovers(db);
  }

  @Test
  void anAtomicScriptIsAllOrNothing() {
    Result failed = script("INSERT INTO t VALUES(1,'a');\nSELECT 'x';\nSELEC 1;\n", "--atomic");
    failed.exits(1);
    assertEquals("", failed.out());
    assertEquals(0, count());
    script("INSERT INTO t VALUES(1,'a');\nCOMMIT;\n", "--atomic").exits(2);
    assertEquals(0, count());
    assertEquals(
        "x\n", script("INSERT INTO t VALUES(1,'a');\nSELECT 'x'", "--atomic").exits(0).out());
    assertEquals(1, count());
  }

  @Test
  void exitStatusesAreThoseOfWrite() {
    assertEquals(7, script(".exit 7\n").exit());
    script("DELETE FROM t;", "--read-only").exits(2);
    script("VACUUM;").exits(2);
    script(".nothing\n").exits(2).says("line 1");
    Cli.command("shell", directory.resolve("none.db")).input("SELECT 1;").run().exits(10);
    assertFalse(Files.exists(directory.resolve("none.db")));
    try (Running holder = Cli.hold(db)) {
      script("DELETE FROM t;", "--wait", "0").exits(11);
      assertEquals("0\n", script("SELECT count(*) FROM t;", "--wait", "0").exits(0).out());
      holder.say("end");
      holder.await().exits(0);
    }
  }

  @Test
  void takesPartInASurroundingLock() {
    Result result =
        Cli.run(
            "with-lock",
            db,
            "--",
            "sh",
            "-c",
            "echo \"BEGIN; INSERT INTO t VALUES(1,'a'); COMMIT;\" | \"$0\" shell \"$1\"",
            Cli.launcher(),
            db);
    result.exits(0);
    assertEquals(1, count());
  }

  @Test
  void jsonIsForPrograms() {
    assertEquals("{\"a\":1}\n", script("SELECT 1 AS a;", "--json").exits(0).out());
    script("SELEC", "--json").exits(1).error("failed");
  }

  @Test
  void aSignalRollsBackAndReleases() {
    try (Running shell = Cli.start("shell", db)) {
      shell.say("BEGIN; INSERT INTO t VALUES(1,'a'); SELECT 'in';");
      shell.awaitOut("in");
      shell.say(
          "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r) SELECT max(i) FROM r;");
      shell.signal("TERM");
      assertEquals(143, shell.await().exit());
    }
    assertEquals(0, count());
    Db.assertNoLeftovers(db);
  }

  @Test
  void aDumpOfAMillionRowsStreams() throws IOException {
    script(
            "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r LIMIT 1000000)"
                + " INSERT INTO t SELECT i, 'some text to make the row longer' FROM r;")
        .exits(0);
    Path dump = directory.resolve("dump.sql");
    Files.writeString(directory.resolve("in"), ".output '" + dump + "'\n.dump\n");
    Cli.command("shell", db)
        .with("SQLITE_SAFE_JAVA_OPTS", "-Xmx48m")
        .inputFrom(directory.resolve("in"))
        .run()
        .exits(0);
    try (var lines = Files.lines(dump)) {
      assertEquals(1_000_004, lines.count());
    }
  }
}
