package io.sqlitesafe.internal.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputRuleTest {
  private static final byte[] HEAD = "SQLite format 3\0 and so on".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void files() throws IOException {
    db = Files.write(directory.resolve("a.db"), HEAD);
    Files.write(directory.resolve("base.db"), HEAD);
    Files.write(directory.resolve("other.db"), HEAD);
    Files.createDirectory(directory.resolve("a.db.lock"));
    Files.createDirectory(directory.resolve("dir"));
    Files.writeString(directory.resolve("in"), "T");
    Files.writeString(directory.resolve("backup.gz"), "packed");
    Files.writeString(
        directory.resolve("backup.gz.json"), "{\"format\":\"sqlite-safe.manifest.v1\"}");
  }

  private OutputRule rule() {
    return new OutputRule()
        .database(db, "the database")
        .database(directory.resolve("base.db"), "the baseline")
        .file(directory.resolve("in"), "a file that is read");
  }

  private ErrorKind refused(Path name) {
    return assertThrows(SqliteSafeException.class, () -> rule().replaceable(name, "-o"), "" + name)
        .kind();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.db",
        "dir/../a.db",
        "A.DB-journal",
        "a.db-journal",
        "a.db-wal",
        "a.db-shm",
        "a.db-mj01234567",
        "a.db.lock/owner.json",
        "a.db.lock.readers",
        "a.db.lock.new.1",
        "a.db.changeset-pending",
        "a.db.changeset-pending.1",
        "base.db",
        "base.db-wal",
        "in",
        "other.db",
        "other.db-wal",
        "other.db.lock",
        "backup.gz",
        "backup.gz.json"
      })
  void whatMustNotBeWrittenTo(String name) throws IOException {
    Path file = directory.resolve(name);
    assertEquals(ErrorKind.UNSAFE, refused(file));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    Path second = Files.createSymbolicLink(directory.resolve("second"), link.getFileName());
    assertEquals(ErrorKind.UNSAFE, refused(link));
    assertEquals(ErrorKind.UNSAFE, refused(second));
    Path house = Files.createSymbolicLink(directory.resolve("house"), directory);
    assertEquals(ErrorKind.UNSAFE, refused(house.resolve(name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a.db", "base.db", "in", "other.db", "a.db-wal", "a.db.changeset-pending"})
  void hardLinksAreOtherNames(String name) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      Files.createFile(file);
    }
    assertEquals(ErrorKind.UNSAFE, refused(Files.createLink(directory.resolve("hard"), file)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a.db.txt", "b.db-journal", "in.2", "base.dbx", "a.d", "dir/a.db-wal", "x.json"})
  void othersMayBe(String name) throws IOException {
    Path file = directory.resolve(name);
    Path absent = rule().replaceable(file, "-o");
    Files.writeString(file, "something");
    assertEquals(file.toRealPath(), absent);
    assertEquals(absent, rule().replaceable(file, "-o"));
  }

  @Test
  void aLinkStaysOne() throws IOException {
    Path file = directory.toRealPath().resolve("file");
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
    assertEquals(file, rule().replaceable(link, "-o"));
    Files.createFile(file);
    assertEquals(file, rule().replaceable(link, "-o"));
  }

  @Test
  void directoriesAndNowhere() {
    assertEquals(ErrorKind.USAGE, refused(directory.resolve("dir")));
    assertEquals(ErrorKind.USAGE, refused(directory.resolve("none/x")));
    assertEquals(ErrorKind.USAGE, refused(directory.resolve("in/x")));
  }

  @Test
  void pipesAndDevicesAreWrittenThroughOrRefused() throws IOException, InterruptedException {
    Path pipe = directory.resolve("pipe");
    assumeTrue(
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no mkfifo here");
    assertEquals(ErrorKind.UNSAFE, refused(pipe));
    assertEquals(pipe, rule().writable(pipe, "-o"));
    Path none = Path.of("/dev/null");
    assumeTrue(Files.exists(none), "no /dev/null here");
    assertEquals(ErrorKind.UNSAFE, refused(none));
    assertEquals(none, rule().writable(none, "-o"));
  }

  @Test
  void whatThisProcessHasOpen() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "only /proc tells");
    Path file = Files.writeString(directory.resolve("open"), "open");
    try (var in = Files.newInputStream(file)) {
      assertTrue(in.read() > 0);
      assertEquals(ErrorKind.UNSAFE, refused(file));
    }
    rule().replaceable(file, "-o");
  }
}
