package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Too few descriptors, too little memory, no place for temporary files, a closed directory: one
 * line that says it and what to do, nothing changed, no lock left.
 */
class ShortageIT {
  @TempDir Path directory;
  private Path place;

  @BeforeEach
  void files() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    place = Files.createDirectory(directory.resolve("place"));
    Db.create(
        place, "app.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1,0)");
    Db.create(place, "base.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    Cli.run("changeset", "export", in("app.db"), "--since", in("base.db"), "-o", in("in.cs"))
        .exits(0);
  }

  private Path in(String name) {
    return place.resolve(name);
  }

  static Stream<String> commands() {
    return Stream.of(
        "write app.db 'UPDATE t SET v = 1'",
        "write app.db 'UPDATE t SET v = 1' --changeset out.cs",
        "read app.db 'SELECT * FROM t'",
        "backup app.db b.db",
        "copy app.db c.db",
        "vacuum-into app.db v.db",
        "restore base.db new.db",
        "restore --drill base.db",
        "integrity-check app.db",
        "inspect-lock app.db",
        "break-stale app.db",
        "with-lock app.db -- true",
        "changeset export app.db --since base.db -o out.cs",
        "changeset apply base.db in.cs",
        "changeset show in.cs",
        "changeset invert in.cs -o out.cs",
        "shell app.db",
        "journal-mode app.db wal",
        "checkpoint app.db",
        "access app.db",
        "doctor app.db",
        "recover app.db -o r.db",
        "probe .",
        "capabilities");
  }

  private Result limited(String limit, String line) {
    return Program.of("bash", "-c", limit + "; exec \"$0\" " + line, Cli.launcher())
        .in(place)
        .input("SELECT 1;")
        .run();
  }

  private void requireOneLine(Result result) {
    List<String> lines = result.err().lines().toList();
    assertTrue(lines.size() <= 2 && lines.get(0).startsWith("sqlite-safe: "), result::toString);
    assertTrue(lines.size() == 1 || lines.get(1).startsWith("  hint: "), result::toString);
    for (String each : List.of("java", "Exception", "a bug", "jspawnhelper")) {
      assertTrue(!result.err().contains(each), result::toString);
    }
  }

  private void requireNoLock() {
    Db.assertNoLeftovers(in("app.db"));
    Db.assertNoLeftovers(in("base.db"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void fewDescriptors(String line) {
    String before = Db.sha256(in("app.db"));
    Result result = limited("ulimit -n 16", line).exits(1);
    result.says("no more than 16 files open").says("ulimit -n 64");
    requireOneLine(result);
    assertEquals(before, Db.sha256(in("app.db")));
    requireNoLock();
  }

  /** Between too few and enough: it works, or says that they are too few. */
  @ParameterizedTest
  @ValueSource(ints = {14, 20, 24, 28, 32, 40})
  void someDescriptors(int number) {
    for (String line :
        List.of(
            "write app.db 'UPDATE t SET v = 1' --changeset out.cs",
            "backup app.db b.db --overwrite",
            "with-lock app.db -- true")) {
      Result result = limited("ulimit -n " + number, line);
      if (result.exit() != 0) {
        requireOneLine(result.exits(1).says("files open"));
      }
      requireNoLock();
    }
  }

  @Test
  void fewDescriptorsAsJson() {
    Result result = limited("ulimit -n 16", "read app.db 'SELECT 1' --json").exits(1);
    assertTrue(String.valueOf(result.error("failed").get("message")).contains("16 files"));
  }

  /** With less than 4 MB a JVM does not get as far as us, and says so in its own words. */
  @ParameterizedTest
  @CsvSource({"-Xmx4m", "-Xmx8m"})
  void aTinyHeap(String most) {
    for (String line :
        List.of(
            "write app.db 'UPDATE t SET v = 1'",
            "backup app.db b.db --overwrite",
            "doctor app.db")) {
      Result result = limited("export SQLITE_SAFE_JAVA_OPTS=" + most, line);
      if (result.exit() != 0 && result.exit() != 3) {
        assertTrue(
            result.err().contains("SQLITE_SAFE_JAVA_OPTS") || result.err().contains("heap"),
            result::toString);
        assertTrue(!result.err().contains("\tat "), result::toString);
      }
      requireNoLock();
    }
  }

  private static final String BIG_ROWS =
      "read app.db \"WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r LIMIT 40)"
          + " SELECT zeroblob(30000000) FROM r\" --format json";

  /** Out of memory in the middle of the work. */
  @Test
  void aHeapThatIsUsedUp() {
    Result result = limited("export SQLITE_SAFE_JAVA_OPTS=-Xmx24m", BIG_ROWS + " > /dev/null");
    result.exits(1);
    // Whose memory it was, SQLite's or the runtime's, depends on the moment.
    assertTrue(result.err().toLowerCase(Locale.ROOT).contains("out of memory"), result::toString);
    requireOneLine(result);
    requireNoLock();
  }

  // ---- temporary files
  // ---------------------------------------------------------------------------

  /** Those that need one say which directory is missing; the others do not need it. */
  @ParameterizedTest
  @MethodSource("commands")
  void noDirectoryForTemporaryFiles(String line) {
    Result result = limited("export TMPDIR=/nowhere/at/all", line);
    if (result.exit() != 0 && result.exit() != 3) {
      requireOneLine(result);
      result.exits(1).says("the temporary directory /nowhere/at/all does not exist");
      result.says("TMPDIR");
    }
    requireNoLock();
  }

  @ParameterizedTest
  @ValueSource(strings = {"restore --drill base.db", "backup app.db - > /dev/null"})
  void aDirectoryForTemporaryFilesThatIsClosed(String line) throws IOException {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Result result =
        Program.of("sh", "-c", "exec \"$0\" " + line, Cli.launcher())
            .behind(Privileges.ordinary())
            .with("TMPDIR", closed.toString())
            .in(place)
            .run()
            .exits(1);
    requireNamed(result, closed, "555");
  }

  /** Who, what, whose it is, and what its mode is. */
  private void requireNamed(Result result, Path what, String mode) {
    requireOneLine(result);
    String uid = Program.of("id", "-u").run().out().strip();
    String owner = Program.of("stat", "-c", "%U:%G", what).run().out().strip();
    result.says("uid " + uid + " may not ").says(what.toString());
    result.says("belongs to " + owner).says("has mode " + mode);
  }

  // ---- a directory that nothing can be written in
  // ------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "write app.db 'UPDATE t SET v = 1'",
        "backup app.db b.db",
        "copy app.db c.db",
        "vacuum-into app.db v.db",
        "restore base.db new.db",
        "restore base.db app.db",
        "with-lock app.db -- true",
        "changeset export app.db --since base.db -o out.cs",
        "changeset invert in.cs -o out.cs",
        "changeset apply app.db in.cs",
        "journal-mode app.db wal",
        "access app.db network-exclusive",
        "recover app.db -o r.db",
        "write new.db --create 'CREATE TABLE t(a)'"
      })
  void aClosedDirectory(String line) throws IOException {
    List<String> who = Privileges.ordinary();
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      Result result =
          Program.of("sh", "-c", "exec \"$0\" " + line, Cli.launcher())
              .behind(who)
              .in(place)
              .run()
              .exits(1);
      requireNamed(result, place, "555");
    } finally {
      Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
