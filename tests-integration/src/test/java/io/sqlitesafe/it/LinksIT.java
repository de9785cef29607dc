package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file of two names has two locks and two journals: hard links, and mounts of one file. */
class LinksIT {
  private static final String LINKED = "has 2 names (hard links)";

  @TempDir Path directory;
  private Path db;
  private Path backup;
  private Path changeset;

  @BeforeEach
  void makeDatabase() {
    db =
        Db.create(
            directory,
            Db.AWKWARD,
            "CREATE TABLE t(k INTEGER PRIMARY KEY)",
            "INSERT INTO t VALUES(1)");
    backup = directory.resolve("backup");
    changeset = directory.resolve("changeset");
    Cli.run("backup", db, backup).exits(0);
    Path later = directory.resolve("later");
    Cli.run("copy", db, later).exits(0);
    Cli.run("write", later, "INSERT INTO t VALUES(2)").exits(0);
    Cli.run("changeset", "export", later, "--since", db, "-o", changeset).exits(0);
  }

  private Path link(String name) throws IOException {
    return Files.createLink(directory.resolve(name), db);
  }

  /** What is run to write by {@code command}. */
  private Program writing(String command, Path file, String... options) {
    List<Object> words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(Arrays.asList(options));
    String insert = "INSERT INTO t VALUES(3)";
    switch (command) {
      case "write", "write --dry-run" -> words.addAll(List.of(file, insert));
      case "write --changeset" -> words.addAll(List.of(directory.resolve("new"), file, insert));
      case "with-lock" -> words.addAll(List.of(file, "--", "touch", directory.resolve("ran")));
      case "journal-mode" -> words.addAll(List.of(file, "wal"));
      case "access" -> words.addAll(List.of(file, "network-exclusive"));
      case "restore" -> words.addAll(List.of(backup, file));
      case "changeset apply" -> words.addAll(List.of(file, changeset));
      case "batch" -> {
        String name = file.toString().replace("\"", "\\\"");
        String request = "{\"write\":[\"" + name + "\",\"" + insert + "\"]}\n";
        return Cli.command("batch").input(request);
      }
      default -> words.add(file);
    }
    Program program = Cli.command(words.toArray());
    return command.equals("shell") ? program.input(insert + ";\n") : program;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "write",
        "write --dry-run",
        "write --changeset",
        "with-lock",
        "shell",
        "batch",
        "journal-mode",
        "access",
        "restore",
        "changeset apply",
      })
  void whoWouldWriteIsRefused(String command) throws IOException {
    Path other = link("other.db");
    byte[] before = Files.readAllBytes(db);
    for (Path name : List.of(db, other)) {
      Result result = writing(command, name).run();
      if (command.equals("batch")) {
        assertTrue(result.exits(0).out().contains("\"exitCode\":15"), result::toString);
      } else {
        result.exits(15).says("--allow-links");
      }
      assertTrue((result.out() + result.err()).contains(LINKED), result::toString);
      Db.assertNoLeftovers(name);
    }
    assertTrue(Arrays.equals(before, Files.readAllBytes(db)));
    assertFalse(Files.exists(directory.resolve("ran")));
    assertFalse(Files.exists(directory.resolve("new")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"write", "with-lock", "shell", "journal-mode", "checkpoint", "changeset apply"})
  void aPersonMayKnowThatNobodyUsesTheOtherName(String command) throws IOException {
    link("other.db");
    writing(command, db, "--allow-links").run().exits(0);
  }

  /** The word of the surrounding command covers what runs inside it, and only that. */
  @Test
  void insideOfALockTheWordHoldsToo() throws IOException {
    link("other.db");
    Object[] inside = {Cli.launcher(), "write", db, "INSERT INTO t VALUES(3)"};
    List<Object> words = new ArrayList<>(List.of("with-lock", "--allow-links", db, "--"));
    words.addAll(List.of(inside));
    Cli.run(words.toArray()).exits(0);
    Path third = Db.create(directory, "third.db", "CREATE TABLE t(k)");
    Files.createLink(directory.resolve("fourth.db"), third);
    words.set(words.size() - 2, third);
    Cli.run(words.toArray()).exits(15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"backup", "vacuum-into", "copy"})
  void aCopyIsMadeWithAWarning(String command) throws IOException {
    link("other.db");
    Path copy = directory.resolve("made");
    Cli.run(command, db, copy).exits(3).says(LINKED);
    assertEquals(1, Db.integer(copy, "SELECT count(*) FROM t"));
    Db.assertNoLeftovers(db);
    Files.delete(copy);
    Files.deleteIfExists(directory.resolve("made.json"));
    Cli.run(command, "--allow-links", db, copy).exits(0);
  }

  @Test
  void whoReadsIsTold() throws IOException {
    link("other.db");
    String home = directory.toString(); // where it is noted which advice was given
    Result read =
        Cli.command("read", "--format", "list", db, "SELECT k FROM t")
            .with("XDG_STATE_HOME", home)
            .run();
    assertTrue(read.exits(0).says(LINKED).out().endsWith("1\n"), read::toString);
    Cli.command("journal-mode", db).with("XDG_STATE_HOME", home).run().exits(0);
    Cli.run("integrity-check", "--json", db).exits(3);
    Cli.run("integrity-check", "--allow-links", db).exits(0);
    Cli.run("doctor", db).exits(3);
    assertEquals(2L, Cli.inspect(db).get("links"));
    Files.createLink(directory.resolve("backup 2"), backup);
    Cli.run("integrity-check", backup).exits(0); // the manifest says what it must be
  }

  /** The journal may be older than what the other name has committed since. */
  @Test
  void aCopyRollsNothingBack() throws IOException {
    try (Running writer =
        Cli.start(
            "write",
            db,
            "PRAGMA cache_size=1; INSERT INTO t WITH RECURSIVE c(x) AS"
                + " (VALUES(10) UNION ALL SELECT x + 1 FROM c) SELECT x FROM c")) {
      Path journal = Db.sibling(db, "-journal");
      Await.until("pages that have spilled", () -> size(db) > 100_000 && size(journal) > 512);
      writer.kill();
    }
    link("other.db");
    byte[] journal = Files.readAllBytes(Db.sibling(db, "-journal"));
    for (String command : List.of("backup", "copy", "read")) {
      Object last = command.equals("read") ? "SELECT 1" : directory.resolve("made");
      Cli.run(command, db, last).exits(15).says(LINKED);
    }
    assertTrue(Arrays.equals(journal, Files.readAllBytes(Db.sibling(db, "-journal"))));
  }

  private static long size(Path file) {
    return file.toFile().length();
  }

  /** Before the lock there was one name. */
  @Test
  void aLinkThatWasMadeWhileWaiting() throws IOException {
    try (Running holder = Cli.hold(db);
        Running waiter =
            Cli.start("write", "--progress", "always", db, "INSERT INTO t VALUES(3)")) {
      waiter.awaitErr("waiting for the lock");
      link("other.db");
      holder.say("end");
      holder.await().exits(0);
      waiter.await().exits(15).says(LINKED);
    }
    Db.assertNoLeftovers(db);
    assertEquals(1, Db.integer(db, "SELECT count(*) FROM t"));
  }

  /** A restore has two names of the database for a moment, and may be killed then. */
  @Test
  void whatAKilledRestoreLeft() throws IOException {
    Path left = link(Db.AWKWARD + ".before-restore-20260101T000000Z");
    Cli.run("write", db, "INSERT INTO t VALUES(3)").exits(0);
    assertFalse(Files.exists(left));
    link(Db.AWKWARD + ".before-restore-20260101T000000Z");
    link("other.db");
    Cli.run("write", db, "INSERT INTO t VALUES(4)").exits(15);
    assertTrue(Files.exists(left));
  }

  @Test
  void aLogOfTwoNames() throws Exception {
    Cli.run("journal-mode", db, "wal").exits(0);
    try (var reader = Db.open(db, "rw")) {
      Db.execute(reader, "INSERT INTO t VALUES(3)"); // leaves a log, as long as it is open
      Files.createLink(directory.resolve("other-wal"), Db.sibling(db, "-wal"));
      Cli.run("write", db, "INSERT INTO t VALUES(4)").exits(15).says("-wal has 2 names");
      Cli.run("doctor", db).exits(3);
    }
  }

  // ---- mounts ----------------------------------------------------------------------------------

  /** Runs a script in a mount name space of its own: $0 is the program, $1 the database. */
  private Result inOwnNamespace(String script) throws IOException {
    assumeTrue(Privileges.root(), "only root can mount a file for this test");
    boolean works = Program.of("unshare", "-m", "true").run().exit() == 0;
    assumeTrue(works, "there are no mount name spaces here");
    return Program.of("unshare", "-m", "sh", "-euc", script, Cli.launcher(), db)
        .in(directory)
        .with("XDG_STATE_HOME", directory.toString())
        .run();
  }

  @Test
  void aMountOfTheFileAlone() throws IOException {
    String insert = "'INSERT INTO t(k) VALUES(NULL)'";
    Result result =
        inOwnNamespace(
            "s=$0 n=$(printf 'c d/a\\\\b\\n"
                + "#\\r"
                + " .db'); mkdir 'c d'; : >\"$n\"; mount --bind \"$1\" \"$n\"; ln -s \"$n\" link;"
                + " ln -s link 'link 2'; for f in \"$n\" link 'link 2'; do  \"$s\" write \"$f\" "
                + insert
                + " || echo write $?; \"$s\" with-lock \"$f\" -- touch ran || echo with-lock $?;"
                + "  \"$s\" restore backup \"$f\" || echo restore $?; done;"
                + " \"$s\" write --allow-links link "
                + insert
                + "; \"$s\" backup \"$n\" made || echo backup $?; \"$s\" inspect-lock --json \"$n\""
                + " | grep -o '\"fileMount\":true'; \"$s\" write \"$1\" "
                + insert
                + "; ls -A 'c d' | wc -l");
    String refused = "write 15\nwith-lock 15\nrestore 15\n";
    String out = result.exits(0).says("mount the directory").out();
    assertTrue(out.startsWith(refused + refused + refused), result::toString);
    assertTrue(out.contains("\nbackup 3\n\"fileMount\":true\n"), result::toString);
    assertEquals(3, Db.integer(db, "SELECT count(*) FROM t"));
    assertFalse(Files.exists(directory.resolve("ran")));
  }

  /** Who uses it by its own name can learn of the other one, where the mount table shows it. */
  @Test
  void aMountOfTheFileIsToldByItsOwnNameToo() throws IOException {
    Result result =
        inOwnNamespace(
            "mkdir 'c d' part; : >'c d/a b.db'; mount --bind \"$1\" 'c d/a b.db';"
                + " mount --bind . part; name=$(basename \"$1\");"
                + " \"$0\" doctor \"$1\" || echo doctor $?; \"$0\" inspect-lock \"$1\";"
                + " \"$0\" doctor \"part/$name\" || echo doctor $?");
    String told = "mounted at " + directory.toRealPath().resolve("c d/a b.db") + ", too";
    assertEquals(4, result.exits(0).out().split(java.util.regex.Pattern.quote(told), -1).length);
    assertEquals(3, result.out().split("doctor 3", -1).length, result::toString);
    Result alone = inOwnNamespace("mkdir whole; mount --bind . whole; \"$0\" doctor \"$1\" || :");
    assertFalse(alone.out().contains("mounted at"), alone::toString);
  }

  /** Mounted while the lock was waited for. */
  @Test
  void aMountThatWasMadeWhileWaiting() throws IOException {
    Result result =
        inOwnNamespace(
            "mkfifo go; \"$0\" with-lock \"$1\" -- sh -c 'echo in >go; read x <go; mount --bind"
                + " \"$1\" \"$1\"' sh \"$1\" & read x <go; \"$0\" write --progress always \"$1\""
                + " 'DELETE FROM t' 2>err & w=$!; until grep -q waiting err; do :; done; echo on"
                + " >go; wait $w || echo write $?");
    assertEquals("write 15\n", result.exits(0).out());
    assertEquals(1, Db.integer(db, "SELECT count(*) FROM t"));
  }

  /** A mount of the directory has the same lock; and a mount that is hidden counts no more. */
  @Test
  void aMountOfTheDirectory() throws IOException {
    Result result =
        inOwnNamespace(
            "mkdir here there; cp \"$1\" here/a.db; mount --bind here there; ln -s there/a.db link;"
                + " \"$0\" with-lock here/a.db -- \"$0\" write --wait 0 link 'INSERT INTO t"
                + " VALUES(7)'; \"$0\" with-lock link -- sh -c '! env -u SQLITE_SAFE_TOKEN \"$0\""
                + " write --wait 0 here/a.db \"DELETE FROM t\"' \"$0\"; mount --bind here/a.db"
                + " here/a.db; mount --bind there here; \"$0\" write here/a.db 'INSERT INTO t"
                + " VALUES(8)'; \"$0\" read --format list here/a.db 'SELECT count(*) FROM t'");
    assertTrue(result.exits(0).out().endsWith("3\n"), result::toString);
  }
}
