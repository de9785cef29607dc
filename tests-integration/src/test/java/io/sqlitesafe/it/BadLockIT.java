package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Things in the place of the lock that are not ours, or that lie: told, never touched. */
class BadLockIT {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final String OTHER = "f123456789abcdef0123456789abcdef";
  private static final String ESCAPES =
      "\\u001b[31mred\\u001b]0;title\\u0007\\r\\n\\u009b2J\\u202e";

  @TempDir Path directory;
  private Path db;
  private Path lock;

  @BeforeEach
  void makeDatabase() {
    db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('old')");
    lock = Db.sibling(db, ".lock");
  }

  @ParameterizedTest
  @CsvSource({
    "pipe, it is not a directory",
    "pipe for a claim, no file",
    "pipe for a heartbeat, no file",
    "pipe for a record, no file",
    "link to a directory, it is a symbolic link",
    "dangling link, it is a symbolic link",
    "strange name, notes.txt",
    "escape in a name, file of another make",
    "two claims, two claims",
    "record of another make, lock of ours",
  })
  void foreign(String kind, String fragment) throws IOException {
    make(kind);
    Refusal.of(db, "write", "--wait", "0", db, "DELETE FROM t").expect(15, fragment);
    Refusal.of(db, "with-lock", db, "--", "true").expect(15, fragment);
    Refusal.of(db, "break-stale", db).expect(15, fragment);
    Refusal.of(db, "break-stale", "--owner", TOKEN, "--force", db).expect(15, fragment);
    Result seen = Cli.run("inspect-lock", "--check", "--json", db).exits(15);
    assertEquals("foreign", seen.json().get("verdict"));
    Cli.run("read", db, "SELECT * FROM t").exits(0); // readers do not need the lock
  }

  private void make(String kind) throws IOException {
    switch (kind) {
      case "pipe" -> pipe(lock);
      case "pipe for a claim" -> pipe(Files.createDirectory(lock).resolve("claim." + TOKEN));
      case "pipe for a heartbeat" -> {
        claim();
        Files.delete(lock.resolve("heartbeat"));
        pipe(lock.resolve("heartbeat"));
      }
      case "pipe for a record" -> {
        claim();
        pipe(lock.resolve("owner.json"));
      }
      case "link to a directory" ->
          Files.createSymbolicLink(lock, Files.createDirectory(directory.resolve("elsewhere")));
      case "dangling link" -> Files.createSymbolicLink(lock, directory.resolve("gone"));
      case "strange name" -> Files.createFile(Files.createDirectory(lock).resolve("notes.txt"));
      case "escape in a name" ->
          Files.createFile(Files.createDirectory(lock).resolve("\u001b[31m\n\u009b.txt"));
      case "two claims" -> {
        claim();
        Files.createFile(lock.resolve("claim." + OTHER));
      }
      case "record of another make" ->
          Files.writeString(
              Files.createDirectory(lock).resolve("owner.json"), "{\"ownerId\":\"host:1:lock\"}");
      default -> throw new IllegalArgumentException(kind);
    }
  }

  /** Whoever opens it waits for ever. */
  private static void pipe(Path path) {
    Program.of("mkfifo", path).run().exits(0);
  }

  /** What nobody locks by must keep nobody waiting, and no lock held. */
  @ParameterizedTest
  @ValueSource(strings = {"app.db.lock.new." + TOKEN, "app.db.lock.probe." + TOKEN})
  void aPipeAmongLeftovers(String name) {
    Path plain = Db.create(directory, "app.db", "CREATE TABLE t(v)");
    pipe(directory.resolve(name));
    pipe(directory.resolve("app.db.lock.work." + TOKEN));
    try (Running holder = Cli.hold(plain)) {
      Running waiter = Cli.start("write", "--progress", "always", plain, "INSERT INTO t VALUES(1)");
      waiter.awaitErr("waiting for the lock"); // one that has waited sweeps
      holder.say("end");
      holder.await().exits(0);
      waiter.await().exits(0);
    }
    Cli.run("access", plain, "network-exclusive").exits(0);
    pipe(Db.sibling(plain, ".lock.readers").resolve("r." + TOKEN));
    Cli.run("write", "--wait", "0", plain, "INSERT INTO t VALUES(2)").exits(0);
    Cli.run("read", "--wait", "0", plain, "SELECT count(*) FROM t").exits(0);
    Cli.run("inspect-lock", plain).exits(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipe", "file", "link"})
  void aMarkThatIsNoDirectoryIsNoMode(String kind) throws IOException {
    Path mark = Db.sibling(db, ".lock.readers");
    switch (kind) {
      case "pipe" -> pipe(mark);
      case "file" -> Files.createFile(mark);
      default -> Files.createSymbolicLink(mark, directory);
    }
    Refusal.of(db, "write", "--wait", "0", db, "DELETE FROM t").expect(15, "is no directory");
    Refusal.of(db, "read", db, "SELECT 1").expect(15, "is no directory");
    Refusal.of(db, "doctor", db).expect(15, "is no directory");
  }

  @Test
  void aPipeInPlaceOfAPendingRecord() {
    pipe(Db.sibling(db, ".changeset-pending"));
    Result seen = Cli.run("write", "--wait", "0", db, "INSERT INTO t VALUES('new')");
    assertTrue(seen.exits(0).err().contains("is a named pipe"), seen::toString);
    assertFalse(Files.exists(lock));
  }

  private void claim() throws IOException {
    Files.createDirectory(lock);
    Files.createFile(lock.resolve("claim." + TOKEN));
    Files.writeString(lock.resolve("heartbeat"), TOKEN + " 1\n");
  }

  private void record(String protocol, String text) throws IOException {
    Files.writeString(
        lock.resolve("owner.json"),
        "{\"protocol\":\"%s\",\"ownerId\":\"%s:4:%s\",\"target\":\"%s\",\"mode\":\"write\","
                .formatted(protocol, text, TOKEN, text)
            + "\"createdAt\":\"%s\",\"updatedAt\":\"%s\",\"command\":\"%s\",\"software\":\"%s\","
                .formatted(text, text, text, text)
            + "\"process\":{\"pid\":4,\"hostname\":\"%s\",\"bootId\":\"%s\"}}"
                .formatted(text, text));
  }

  @Test
  void aRecordOfAGigabyte() throws IOException {
    claim();
    try (RandomAccessFile huge = new RandomAccessFile(lock.resolve("owner.json").toFile(), "rw")) {
      huge.setLength(1L << 30); // sparse
    }
    Refusal.of(db, "write", "--wait", "0", db, "DELETE FROM t").expect(11, TOKEN);
    Refusal.of(db, "break-stale", "--wait", "0", db).expect(11, TOKEN);
    assertEquals("held", Cli.verdict(db));
  }

  @Test
  void aRecordFullOfEscapeSequences() throws IOException {
    claim();
    record("sqlite-session-safe.lock.v1", ESCAPES);
    Refusal.of(db, "write", "--wait", "0", db, "DELETE FROM t").expect(11, "pid 4");
    assertPrintable(Cli.run("inspect-lock", db).exits(0));
    assertPrintable(Cli.run("inspect-lock", "--json", db).exits(0));
    Result forced =
        Cli.run("break-stale", "--owner", TOKEN, "--force", db).exits(0); // tells whose it was
    assertPrintable(forced);
    Db.assertNoLeftovers(db);
  }

  private static void assertPrintable(Result result) {
    boolean control =
        (result.out() + result.err())
            .chars()
            .anyMatch(
                c ->
                    c != '\n'
                        && (Character.getType(c) == Character.CONTROL
                            || Character.getType(c) == Character.FORMAT));
    assertEquals(false, control, result::toString);
  }

  @Test
  void aRecordThatIsNoJson() throws IOException {
    claim();
    Files.writeString(lock.resolve("owner.json"), "{{{{".repeat(10_000));
    Refusal.of(db, "write", "--wait", "0", db, "DELETE FROM t").expect(11, TOKEN);
  }

  /** A later protocol's lock is never judged, not even with a proof; only a person may break it. */
  @Test
  void aRecordOfALaterProtocol() throws IOException {
    claim();
    record("sqlite-session-safe.lock.v9", "host");
    Refusal.of(db, "write", "--wait", "0", "--break", "stale", db, "DELETE FROM t")
        .expect(11, "protocol");
    Refusal.of(db, "break-stale", db).expect(11, "alive");
    Cli.run("break-stale", "--owner", TOKEN, "--force", db).exits(0);
    Db.assertNoLeftovers(db);
  }

  /** An owner killed between two steps of release or break: cleaned at once, by anybody. */
  @Test
  void anAbandonedLockIsTidied() throws IOException {
    claim();
    Files.delete(lock.resolve("claim." + TOKEN));
    assertEquals("abandoned", Cli.verdict(db));
    Cli.run("write", "--wait", "0", db, "INSERT INTO t VALUES('new')").exits(0);
    Db.assertNoLeftovers(db);
  }

  /** A process killed between two steps leaves one that nobody may write to. */
  @Test
  void aReservationIsTakenOver() throws IOException {
    Files.createDirectory(
        lock, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-xr-xr-x")));
    assertEquals("empty", Cli.verdict(db));
    Refusal.of(db, "write", "--wait", "0", db, "DELETE FROM t").expect(11, "on its way in");
    Cli.run("write", db, "INSERT INTO t VALUES('new')").exits(0); // within the usual --wait
    Db.assertNoLeftovers(db);
  }

  @Test
  void theOtherModeOfAccess() throws IOException {
    Files.createDirectory(Db.sibling(db, ".lock.readers"));
    Refusal.of(db, "write", "--access", "trusted", db, "DELETE FROM t")
        .expect(15, "network-exclusive");
    Refusal.of(db, "read", "--access", "trusted", db, "SELECT 1").expect(15, "network-exclusive");
  }

  @Test
  void theHolderIsNamed() {
    try (Running holder = Cli.hold(db)) {
      Result busy = Cli.run("write", "--json", "--wait", "0", db, "DELETE FROM t").exits(11);
      Map<String, Object> error = busy.error("lock-busy");
      assertEquals(holder.pid(), Json.at(error, "details", "pid"));
      Refusal.of(db, "write", "--wait", "0", db, "DELETE FROM t")
          .expect(11, "pid " + holder.pid() + " ");
      holder.say("end");
      holder.await().exits(0);
    }
  }
}
