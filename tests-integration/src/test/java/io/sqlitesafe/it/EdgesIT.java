package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams, exit statuses and messages at the edge of the program. */
class EdgesIT {
  private static final List<String> FULL = List.of("sh", "-c", "exec \"$@\" > /dev/full", "sh");

  @TempDir Path directory;

  private Path database() {
    return Db.create(
        directory,
        "app.db",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "INSERT INTO t VALUES(1,0)");
  }

  private static List<String> withJson(List<String> words) {
    List<String> all = new ArrayList<>(words);
    all.add(1, "--json");
    return all;
  }

  // ---- standard output that takes no more -----------------------------------------------------

  /** What is done is done, whatever becomes of the report: 3, and a word against a retry. */
  @Test
  void whatIsDoneIsNoFailureForLackOfRoomOnStandardOutput() throws IOException {
    assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
    Path db = database();
    Path copy = directory.resolve("replica.db");
    Files.copy(db, copy);
    Cli.run("write", db, "UPDATE t SET v = 1", "--changeset", directory.resolve("c.cs")).exits(0);
    List<List<String>> commands =
        List.of(
            List.of("write", "app.db", "UPDATE t SET v = 2 RETURNING v"),
            List.of("backup", "app.db", "b.db"),
            List.of("copy", "app.db", "c.db", "--overwrite"),
            List.of("vacuum-into", "app.db", "v.db", "--overwrite"),
            List.of("restore", "b.db", "r.db"),
            List.of("changeset", "export", "app.db", "--since", "b.db", "-o", "e.cs"),
            List.of("changeset", "invert", "c.cs", "-o", "i.cs"),
            List.of("changeset", "concat", "c.cs", "-o", "k.cs"),
            List.of("journal-mode", "app.db", "wal"),
            List.of("journal-mode", "app.db", "delete"),
            List.of("access", "app.db", "network-exclusive"),
            List.of("access", "app.db", "trusted"));
    for (List<String> words : commands) {
      full(words);
      if (!words.get(0).equals("changeset") && !words.get(0).equals("access")) {
        full(withJson(words));
      }
    }
    full(List.of("recover", "app.db", "-o", "recovered.db"));
    full(List.of("changeset", "apply", "replica.db", "c.cs"));
    assertEquals(1, Db.integer(copy, "SELECT v FROM t"));
    Db.assertNoLeftovers(db);
  }

  private void full(List<String> words) {
    Program program = Cli.command(words.toArray()).in(directory);
    program
        .behind(FULL)
        .run()
        .exits(3)
        .says("but cannot print the result")
        .says("do not run it again");
  }

  @Test
  void aReportThatIsNotPrintedIsAFailureWhereNothingWasDone() {
    assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
    Path db = database();
    for (String words : List.of("journal-mode", "access", "inspect-lock", "doctor")) {
      Cli.command(words, db).behind(FULL).run().exits(1);
    }
    Cli.command("read", db, "SELECT 1").behind(FULL).run().exits(1);
  }

  @ParameterizedTest
  @CsvSource({"INSERT INTO t(v) VALUES(9); SELECT * FROM t;, 3", "SELECT * FROM t;, 1"})
  void aScriptOfTheShell(String script, int status) {
    assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
    Cli.command("shell", database()).behind(FULL).input(script).run().exits(status);
  }

  /** As SIGPIPE ends other programs: {@code head} has seen enough. */
  @Test
  void aReaderThatHasSeenEnough() {
    Result result =
        Program.of(
                "bash",
                "-c",
                "\"$0\" read \"$1\" 'WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r"
                    + " LIMIT 300000) SELECT i FROM r' --format list | head -n 1; echo"
                    + " ${PIPESTATUS[0]}",
                Cli.launcher(),
                database())
            .run();
    assertEquals("1\n141\n", result.out(), result::toString);
    assertEquals("", result.err());
  }

  // ---- standard output that is one of the command's files
  // ----------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "write app.db 'UPDATE t SET v = 1 RETURNING v' >> app.db",
        "read app.db 'SELECT * FROM t' 1<> app.db",
        "read app.db 'SELECT * FROM t' >> other-name.db",
        "backup app.db - >> link.db",
        "backup app.db b.db --progress always 2>> app.db",
        "read app.db 'SELECT 1' >> app.db 2>&1",
        "shell app.db >> app.db-journal",
        "inspect-lock app.db >> app.db",
        "integrity-check app.db >> app.db",
        "changeset show in.cs >> in.cs",
        "changeset concat in.cs -o - >> in.cs",
        "changeset export app.db --since base.db -o - >> base.db",
        "write app.db --file in.sql >> in.sql",
        "write app.db 'UPDATE t SET v = :v' --rows in.csv >> in.csv",
        "restore base.db new.db >> base.db",
        "with-lock app.db -- echo harm >> app.db",
        "capabilities >> app.db",
        "probe . --time 2s >> base.db",
        "integrity-check base.db >> app.db",
        "inspect-lock base.db >> app.db-journal",
        "changeset show in.cs >> backup.db.json",
        "restore backup.db new.db >> backup.db.json",
        "integrity-check backup.db >> backup.db.json",
        "shell base.db >> backup.db"
      })
  void standardOutputThatIsAFileOfTheCommand(String line) throws IOException {
    assumeTrue(Files.exists(Path.of("/proc/self/fd/1")), "there is no /proc");
    Path db = database();
    Db.create(directory, "base.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    Cli.run(
            "changeset",
            "export",
            db,
            "--since",
            directory.resolve("base.db"),
            "-o",
            directory.resolve("in.cs"))
        .exits(0);
    Files.writeString(directory.resolve("in.sql"), "SELECT 1;\n");
    Files.writeString(directory.resolve("in.csv"), "v\n1\n");
    Cli.run("backup", db, directory.resolve("backup.db")).exits(0);
    Files.createFile(directory.resolve("app.db-journal"));
    Files.createLink(directory.resolve("other-name.db"), db);
    Files.createSymbolicLink(directory.resolve("link.db"), db);
    String before = sums();
    Program.of("sh", "-c", "exec \"$0\" " + line, Cli.launcher())
        .in(directory)
        .input("SELECT * FROM t;")
        .run()
        .exits(15);
    assertEquals(before, sums());
  }

  private String sums() {
    return Program.of("sh", "-c", "sha256sum *").in(directory).run().out();
  }

  /** A file of its own, and one that is put in place under the name of standard output, may be. */
  @Test
  void standardOutputThatIsAnotherFile() {
    Path db = database();
    String[] lines = {
      "read app.db 'SELECT v FROM t' --format list > out",
      "backup app.db - > copy.db",
      "changeset export app.db --since copy.db -o /dev/stdout > out.cs"
    };
    for (String line : lines) {
      Program.of("sh", "-c", "exec \"$0\" " + line, Cli.launcher()).in(directory).run().exits(0);
    }
    Db.assertSound(directory.resolve("copy.db"));
    Db.assertSound(db);
  }

  // ---- streams that are not open ---------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"})
  void streamsThatAreNotOpenAtStart(String closed) {
    Path db = database();
    Program.of(
            "sh",
            "-c",
            "\"$@\" " + closed,
            "sh",
            Cli.launcher(),
            "write",
            db,
            "INSERT INTO t(v) VALUES(hex(zeroblob(5000))) RETURNING v")
        .run()
        .exits(0);
    assertEquals(2, Db.integer(db, "SELECT count(*) FROM t"));
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }

  /** A report may go nowhere; what is to be kept may not. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "backup app.db -",
        "recover app.db --sql",
        "changeset export app.db --since app.db -o -",
        "changeset invert empty.cs -o -",
        "changeset concat empty.cs empty.cs -o -",
        "changeset rebase empty.cs --using empty.cs -o -",
      })
  void aProductNeedsAnOutput(String line) throws IOException {
    Path db = database();
    Files.createFile(directory.resolve("empty.cs"));
    String name = line.replace("app.db", db.getFileName().toString());
    Program.of("sh", "-c", "exec \"$0\" " + name + " >&-", Cli.launcher())
        .in(directory)
        .run()
        .exits(1)
        .says("standard output is not open");
    // It is about this process's, not about that of the one that has started it.
    Program.of("sh", "-c", "exec \"$0\" " + name + " >out", Cli.launcher())
        .with("SQLITE_SAFE_NO_STDOUT", "1")
        .in(directory)
        .run()
        .exits(0);
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }

  // ---- exit statuses ---------------------------------------------------------------------------

  @Test
  void aProgramThatCannotBeRunUnderTheLock() throws IOException {
    Path db = database();
    Path text = Files.writeString(directory.resolve("text"), "echo");
    Cli.run("with-lock", db, "--", "no-such-program").exits(127).says("no such program");
    Cli.run("with-lock", db, "--", directory.resolve("nowhere")).exits(127);
    Cli.run("with-lock", db, "--", text).exits(126).says("cannot be executed");
    Cli.run("with-lock", db, "--", directory).exits(126);
    assertEquals("free", Cli.verdict(db));
  }

  @ParameterizedTest
  @CsvSource({"'', 0", "3, 3", "'3 13', 13", "'13 3', 13", "'10 13', 13"})
  void batchFailsWithTheWorstOfItsAnswers(String statuses, int expected) {
    Path db = database();
    StringBuilder requests = new StringBuilder();
    for (String status : statuses.isEmpty() ? new String[0] : statuses.split(" ")) {
      requests.append(
          switch (status) {
            case "3" -> "{\"doctor\":\"" + warned() + "\"}\n";
            case "10" -> "{\"read\":[\"" + db + ".none\",\"SELECT 1\"]}\n";
            default -> "{\"write\":[\"" + db + "\",\"DELETE FROM t\"],\"when\":\"SELECT 0\"}\n";
          });
    }
    requests.append("{\"read\":[\"" + db + "\",\"SELECT 1\"]}\n");
    Cli.command("batch", "--fail").input(requests.toString()).run().exits(expected);
    Cli.command("batch").input(requests.toString()).run().exits(0);
  }

  /** A database that the doctor has advice on. */
  private Path warned() {
    Path file = directory.resolve("warned.db");
    return Files.exists(file) ? file : Db.create(directory, "warned.db", "CREATE TABLE keyless(a)");
  }

  // ---- words -----------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "query, read",
    "select, read",
    "dump, .dump",
    "check, integrity-check",
    "status, inspect-lock",
    "vacuum, vacuum-into",
    "version, --version",
    "salvage, recover",
    "import, --rows",
    "prune, --keep-daily",
    "backpu, backup",
    "qeury, read DB",
    "vaccum, vacuum-into",
    "patch, changeset apply",
    "tables, .schema",
    "drill, --drill",
    "app.db, shell app.db"
  })
  void aCommandThatDoesNotExist(String word, String hint) {
    database();
    Result result = Cli.command(word, "x").in(directory).run().exits(2);
    result.says("there is no command \"" + word + "\"").says(hint);
    assertFalse(result.err().contains("generate-completion"), result::toString);
  }

  @Test
  void optionsBeforeTheCommand() {
    Path db = database();
    assertEquals(
        1L, Cli.run("--json", "write", db, "DELETE FROM t").exits(0).json().get("changes"));
    Cli.run("--progress", "never", "--quiet", "changeset", "--json", "verify", db).exits(14);
  }

  @Test
  void tooManyArgumentsAreCountedAndNotListed() {
    Path db = database();
    Result result = Cli.run("backup", db, "a", "b", "c", "d").exits(2).says("one DB and one DEST");
    assertTrue(result.err().contains("b and 2 more"), result::toString);
  }

  @Test
  void quietSaysNothingWhereAllWentWell() {
    Path db = database();
    Path copy = directory.resolve("q.db");
    List<Object[]> commands =
        List.of(
            new Object[] {"backup", db, copy},
            new Object[] {"copy", db, directory.resolve("q2.db")},
            new Object[] {"restore", copy, directory.resolve("q3.db")},
            new Object[] {"integrity-check", db},
            new Object[] {"journal-mode", db, "wal"},
            new Object[] {"checkpoint", db},
            new Object[] {"journal-mode", db, "delete"},
            new Object[] {"break-stale", db},
            new Object[] {"vacuum-into", db, directory.resolve("q4.db")},
            new Object[] {"restore", "--drill", copy, directory.resolve("q4.db")},
            new Object[] {"restore", "--drill", copy},
            new Object[] {"recover", db, "-o", directory.resolve("q5.db")},
            new Object[] {
              "write", db, "UPDATE t SET v = 1", "--changeset", directory.resolve("q.cs")
            },
            new Object[] {
              "changeset", "invert", directory.resolve("q.cs"), "-o", directory.resolve("i.cs")
            },
            new Object[] {"changeset", "verify", directory.resolve("q.cs")},
            new Object[] {"changeset", "apply", db, directory.resolve("i.cs")},
            new Object[] {
              "changeset", "export", db, "--since", copy, "-o", directory.resolve("x.cs")
            },
            new Object[] {"access", db, "network-exclusive"},
            new Object[] {"access", db, "trusted"},
            new Object[] {"with-lock", "--quiet", db, "--", "true"});
    for (Object[] words : commands) {
      Object[] quiet = new Object[words.length + 1];
      System.arraycopy(words, 0, quiet, 0, words.length);
      quiet[words.length] = "--quiet"; // with-lock's is its command's
      Result result = Cli.run(quiet).exits(0);
      assertEquals("", result.out() + result.err(), result::toString);
    }
    assertEquals("delete\n", Cli.run("journal-mode", "-q", db).exits(0).out());
  }

  /** Java would put another character in place of such a byte, and make another file. */
  @Test
  void namesThatAreNotUtf8() {
    Path db = database();
    String[] scripts = {
      "\"$0\" write --create \"$(printf 'b\\377.db')\" 'CREATE TABLE t(a)'",
      "\"$0\" backup app.db \"$(printf 'b\\377.db')\"",
      "\"$0\" write app.db \"INSERT INTO t(v) VALUES('$(printf '\\377')')\"",
      "printf '.backup b\\377\\n' | \"$0\" shell app.db",
      "printf '{\"backup\":[\"app.db\",\"b\\377\"]}\\n' | \"$0\" batch --fail"
    };
    for (String script : scripts) {
      Program.of("sh", "-c", script, Cli.launcher()).in(directory).run().exits(2);
    }
    assertEquals(List.of(), Db.beside(db));
  }

  /** Nor in the environment: another file would be made, and two names of databases be one. */
  @Test
  void variablesThatAreNotUtf8() {
    Path db = database();
    String log = "SQLITE_SAFE_LOCK_LOG=\"$(printf 'l\\377')\" \"$0\" write app.db 'SELECT 1'";
    Program.of("sh", "-c", log, Cli.launcher())
        .in(directory)
        .run()
        .exits(0)
        .says("not valid UTF-8");
    String id = "SQLITE_SAFE_ID=\"$(printf 'l\\377')\" \"$0\" backup app.db b.db";
    Program.of("sh", "-c", id, Cli.launcher()).in(directory).run().exits(2).says("SQLITE_SAFE_ID");
    assertEquals(List.of(), Db.beside(db));
  }

  // ---- who is in the way -----------------------------------------------------------------------

  @Test
  void aLockedDatabaseNamesTheProgramThatHasIt() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/locks")), "there is no /proc/locks");
    Path db = database();
    try (Connection other = Db.open(db, "rw")) {
      Db.execute(other, "BEGIN IMMEDIATE");
      long pid = ProcessHandle.current().pid();
      Result result = Cli.run("write", "--wait", "300ms", db, "DELETE FROM t").exits(11);
      result.says("pid " + pid + " (java").says("RESERVED");
    }
  }

  @Test
  void aCheckpointThatIsHeldUpNamesWho() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/locks")), "there is no /proc/locks");
    Path db = database();
    Cli.run("journal-mode", db, "wal").exits(0);
    try (Connection other = Db.open(db, "rw")) {
      Db.execute(other, "INSERT INTO t(v) VALUES(3)");
      other.setAutoCommit(false);
      try (var statement = other.createStatement();
          var rows = statement.executeQuery("SELECT * FROM t")) {
        assertTrue(rows.next());
        Cli.run("write", db, "INSERT INTO t(v) VALUES(4)").exits(0);
        Result result = Cli.run("checkpoint", "--wait", "0", db).exits(3);
        assertTrue(
            result.out().contains("held up by pid " + ProcessHandle.current().pid()),
            result::toString);
      }
    }
  }
}
