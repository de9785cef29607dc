package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Untouched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file that is locked is the one that SQLite opens, whatever it is called. */
class NamesIT {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sub\\a.db",
        "a?mode=ro",
        "a%2fb",
        "file:a.db",
        ":memory:",
        "a;b",
        "a'b\"c",
        "a\nb",
        "a\rb\tc",
        "a\u0001\u001b[1mb",
        "a&cache=shared",
        "$HOME",
        "\u00e9\u2603",
      })
  void aNameIsAName(String name) throws IOException {
    // What the name might be taken for.
    Files.createDirectories(directory.resolve("sub"));
    for (String decoy : List.of("sub/a.db", "a", "a.db")) {
      Db.create(directory, decoy, "CREATE TABLE t(v)", "INSERT INTO t VALUES('decoy')");
    }
    run("write", "--create", name, "CREATE TABLE t(v)").exits(0);
    assertTrue(Files.isRegularFile(directory.resolve(name)));
    // Inside of its lock a write takes part in it; one of another owner waits.
    String both =
        "\"$0\" write --wait 0 \"$1\" 'INSERT INTO t VALUES(1)' && env -u SQLITE_SAFE_TOKEN \"$0\""
            + " write --wait 0 \"$1\" 'INSERT INTO t VALUES(2)'";
    run("with-lock", name, "--", "sh", "-c", both, Cli.launcher(), name).exits(11);
    run("vacuum-into", name, "copy of " + name).exits(0);
    assertEquals("1\n", run("read", "--format", "list", name, "SELECT v FROM t").out());
    assertEquals(List.of("1"), Db.column(directory.resolve("copy of " + name), "SELECT v FROM t"));
    for (String decoy : List.of("sub/a.db", "a", "a.db")) {
      assertEquals(List.of("decoy"), Db.column(directory.resolve(decoy), "SELECT v FROM t"));
    }
    Db.assertNoLeftovers(directory.resolve(name));
  }

  private Result run(Object... words) {
    return Cli.command(words).in(directory).run();
  }

  /** A disk that is not mounted: the kernel refuses such a name, Java makes a file of it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "write --create new/ 'CREATE TABLE t(v)'",
        "write app.db/ 'DELETE FROM t'",
        "read app.db/. 'SELECT 1'",
        "write app.db 'UPDATE t SET v = 2' --changeset new/",
        "write app.db 'UPDATE t SET v = 2' --lock-log new/",
        "write app.db -f script.sql/",
        "write app.db 'INSERT INTO t VALUES(:v)' --rows rows.csv/",
        "backup app.db copy.db --metrics new/",
        "restore backup.db new/",
        "restore backup.db new//",
        "restore backup.db app.db/",
        "restore backup.db/ app.db",
        "restore --drill backup.db/",
        "restore --drill backup.db --metrics new/.",
        "integrity-check app.db/",
        "recover app.db -o new/",
        "with-lock app.db/ -- true",
        "changeset export app.db --since backup.db -o new/",
        "changeset export app.db --since backup.db/ -o new",
        "changeset concat in.cs -o new/",
        "changeset concat in.cs/ -o new",
        "changeset rebase in.cs --using in.cs/ -o new",
        "changeset apply app.db in.cs --rebase-out new/"
      })
  void aNameThatEndsAsADirectorys(String line) throws IOException {
    Path db = Db.create(directory, "app.db", "CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
    Cli.run("backup", db, directory.resolve("backup.db")).exits(0);
    for (String name : List.of("script.sql", "rows.csv", "in.cs")) {
      Files.createFile(directory.resolve(name));
    }
    Untouched untouched = Untouched.of(directory);
    Program.of("sh", "-c", "exec \"$0\" " + line, Cli.launcher())
        .in(directory)
        .run()
        .exits(2)
        .says("ends as the name of a directory");
    untouched.check();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "backup app.db ''",
        "copy app.db ''",
        "vacuum-into '' copy.db",
        "restore '' app.db",
        "restore app.db ''",
        "integrity-check ''",
        "recover app.db -o ''",
        "write app.db 'SELECT 1' --changeset ''",
        "backup app.db copy.db --metrics ''"
      })
  void aNameThatIsEmpty(String line) {
    Db.create(directory, "app.db", "CREATE TABLE t(v)");
    Untouched untouched = Untouched.of(directory);
    Program.of("sh", "-c", "exec \"$0\" " + line, Cli.launcher())
        .in(directory)
        .run()
        .exits(2)
        .says("is empty");
    untouched.check();
  }

  @ParameterizedTest
  @ValueSource(strings = {".once new/", ".output new/.", ".backup new/", ".open new/", ".cd new/"})
  void aNameInTheShellThatEndsAsADirectorys(String line) throws IOException {
    Path db = Db.create(directory, "app.db", "CREATE TABLE t(v)");
    Untouched untouched = Untouched.of(directory);
    Cli.command("shell", db)
        .in(directory)
        .input(line + "\nSELECT 1;\n")
        .run()
        .says("ends as the name of a directory");
    untouched.check();
  }

  /** A relative target below a directory that looks like a URI. */
  @Test
  void aDirectoryThatLooksLikeAnAddress() throws IOException {
    Files.createDirectories(directory.resolve("file:x?vfs=none"));
    Db.create(directory, "a.db", "CREATE TABLE t(v)");
    for (String command : List.of("backup", "vacuum-into", "copy")) {
      String target = "file:x?vfs=none/" + command;
      run(command, "a.db", target).exits(0);
      assertTrue(Files.size(directory.resolve(target)) > 0);
    }
  }

  /** SQLite would delete it as soon as somebody opens the database that it belongs to. */
  @ParameterizedTest
  @ValueSource(strings = {"-journal", "-wal", "-shm"})
  void theNameOfAJournal(String suffix) throws IOException {
    run("write", "--create", "new.db" + suffix, "CREATE TABLE t(v)").exits(15);
    assertFalse(Files.exists(directory.resolve("new.db" + suffix)));
    Path odd = Db.create(directory, "odd.db" + suffix, "CREATE TABLE t(v)");
    run("write", odd.getFileName(), "INSERT INTO t VALUES(1)").exits(0); // there is no odd.db
    Db.create(directory, "x", "CREATE TABLE t(v)");
    Files.move(directory.resolve("x"), directory.resolve("odd.db"));
    run("write", odd.getFileName(), "INSERT INTO t VALUES(1)").exits(15);
  }

  @Test
  void aNameToWhichNothingCanBeAdded() {
    for (String name : List.of("x".repeat(212), "\u00e9".repeat(106), "x".repeat(255))) {
      run("write", "--create", name, "CREATE TABLE t(v)").exits(15).says("too long");
    }
    String longest = "x".repeat(211);
    run("write", "--create", longest, "CREATE TABLE t(v)").exits(0);
    run("access", longest, "network-exclusive").exits(15).says("at most 204 bytes");
    run("write", longest, "INSERT INTO t VALUES(1)").exits(0);
    Db.assertNoLeftovers(directory.resolve(longest));
  }

  /** Java reads what is no UTF-8 as another name, and other text. */
  @Test
  void whatIsNoText() {
    String script = "\"$0\" write --create \"$(printf 'a\\377')\" 'CREATE TABLE t(v)'";
    Program.of("sh", "-c", script, Cli.launcher()).in(directory).run().exits(2).says("UTF-8");
    Db.create(directory, "a.db", "CREATE TABLE t(v)");
    script = "\"$0\" write a.db \"INSERT INTO t VALUES('$(printf 'caf\\351')')\"";
    Program.of("sh", "-c", script, Cli.launcher()).in(directory).run().exits(2).says("UTF-8");
    run("write", "a.db", "INSERT INTO t VALUES('\uFFFD')").exits(0);
    assertEquals(List.of("\uFFFD"), Db.column(directory.resolve("a.db"), "SELECT v FROM t"));
  }

  @Test
  void linksOnTheWay() throws IOException {
    Path sub = Files.createDirectories(directory.resolve("one/two"));
    Db.create(sub, "a.db", "CREATE TABLE t(v)");
    Files.createSymbolicLink(directory.resolve("deep"), sub);
    Files.createSymbolicLink(directory.resolve("name"), Path.of("deep/../two/a.db"));
    Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
    for (String name : List.of("name", "deep/a.db", "deep/../two/a.db", ".//./one//two/a.db")) {
      run("with-lock", name, "--", "test", "-d", sub.resolve("a.db.lock")).exits(0);
      run("write", name, "INSERT INTO t VALUES(1)").exits(0);
    }
    assertEquals(4, Db.integer(sub.resolve("a.db"), "SELECT count(*) FROM t"));
    run("write", "--create", "loop", "CREATE TABLE t(v)").exits(10);
  }

  /** A link of /proc leads to a file that may have no name, or another one. */
  @Test
  void aDescriptor() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "there is no /proc");
    Path db = Db.create(directory, "a.db", "CREATE TABLE t(v)");
    String script = "exec 5<a.db; \"$0\" write /proc/self/fd/5 'INSERT INTO t VALUES(1)'";
    Program.of("sh", "-c", script, Cli.launcher()).in(directory).run().exits(0);
    assertEquals(1, Db.integer(db, "SELECT count(*) FROM t"));
    for (String command : List.of("write --create", "read")) {
      script = "exec 5<a.db; mv a.db b; \"$0\" " + command + " /proc/self/fd/5 'SELECT 1'; x=$?;";
      script += "cp b c; mv b a.db; exec 6<c; rm c; \"$0\" " + command;
      script += " /proc/self/fd/6 'SELECT 1'; echo $x $?";
      Result result = Program.of("sh", "-c", script, Cli.launcher()).in(directory).run();
      assertTrue(result.exits(0).out().endsWith("0 15\n"), result::toString);
    }
    assertEquals(List.of(), Db.beside(directory.resolve("c")));
  }

  /** What is proposed can be copied into a shell. */
  @Test
  void aCommandInAHint() {
    Path db = Db.create(directory, "a; it's $x.db", "CREATE TABLE t(v)");
    String word = "'" + db.toString().replace("'", "'\\''") + "'";
    Cli.run("read", "--access", "network-exclusive", db, "SELECT 1")
        .exits(15)
        .says("access " + word + " network-exclusive");
  }
}
