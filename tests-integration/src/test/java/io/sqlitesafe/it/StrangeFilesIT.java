package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pipes, sockets and devices under each name that a database's files may have: whoever opens one
 * waits for ever, or reads without end. No command does, and none leaves a lock behind. By default
 * each command and each name is met; all commands on all names with {@code sqlitesafe.long}.
 */
class StrangeFilesIT {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final List<String> KINDS = List.of("pipe", "socket", "device");
  private static final Duration MUCH = Duration.ofMinutes(2); // --wait is 1 s

  private static final List<String> PLACES =
      List.of(
          "a.db.lock",
          "a.db.lock/claim." + TOKEN,
          "a.db.lock/owner.json",
          "a.db.lock/heartbeat",
          "a.db.lock/tmp." + TOKEN,
          "a.db.lock/x-later",
          "a.db.lock/.nfs0001",
          "a.db.lock.new." + TOKEN,
          "a.db.lock.new." + TOKEN + "/claim." + TOKEN,
          "a.db.lock.new." + TOKEN + "/owner.json",
          "a.db.lock.probe." + TOKEN,
          "a.db.lock.readers",
          "a.db.lock.readers/r." + TOKEN,
          "a.db.lock.work." + TOKEN,
          "a.db.lock.waiters",
          "a.db.lock.waiters/w." + TOKEN,
          "a.db.changeset-pending",
          "a.db.changeset-pending." + TOKEN,
          "a.db-journal",
          "a.db-wal",
          "a.db-shm");

  private static final List<List<Object>> COMMANDS =
      List.of(
          List.of("write", "a.db", "INSERT INTO t VALUES(1)", "--wait", "1s"),
          List.of("read", "a.db", "SELECT count(*) FROM t", "--wait", "1s"),
          List.of("backup", "a.db", "b.db", "--wait", "1s"),
          List.of("restore", "other.db", "a.db", "--wait", "1s"),
          List.of("vacuum-into", "a.db", "v.db", "--wait", "1s"),
          List.of("copy", "a.db", "c.db", "--wait", "1s"),
          List.of("integrity-check", "a.db"),
          List.of("recover", "a.db", "-o", "r.db", "--wait", "1s"),
          List.of("doctor", "a.db"),
          List.of("inspect-lock", "a.db"),
          List.of("break-stale", "a.db", "--wait", "1s"),
          List.of("break-stale", "--foreign", "--force", "a.db"),
          List.of("break-stale", "--owner", TOKEN, "--force", "a.db"),
          List.of("with-lock", "--wait", "1s", "a.db", "--", "true"),
          List.of(
              "changeset", "apply", "a.db", "some.changeset", "--allow-nothing", "--wait", "1s"),
          List.of("changeset", "export", "a.db", "--since", "other.db", "-o", "e.changeset"),
          List.of("journal-mode", "a.db", "wal", "--wait", "1s"),
          List.of("checkpoint", "a.db", "--wait", "1s"),
          List.of("access", "a.db", "network-exclusive", "--wait", "1s"),
          List.of("shell", "a.db", "--wait", "1s"),
          List.of("batch"));

  /** Done, or refused for a reason that is one of these places. */
  private static final Set<Integer> EXPECTED = Set.of(0, 3, 11, 15);

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabases() throws IOException {
    db = Db.create(directory, "a.db", "CREATE TABLE t(v INTEGER PRIMARY KEY)");
    Files.copy(db, directory.resolve("other.db"));
    Files.createFile(directory.resolve("some.changeset")); // no changes are a changeset
  }

  static Stream<List<Object>> cases() {
    List<List<Object>> all = new ArrayList<>();
    for (int i = 0; i < PLACES.size(); i++) {
      for (int k = 0; k < KINDS.size(); k++) {
        if (Cli.LONG || k == i % KINDS.size()) {
          all.add(List.of(PLACES.get(i), KINDS.get(k), i));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void keepsNobody(List<Object> which) throws IOException {
    String place = which.get(0).toString();
    int first = (Integer) which.get(2);
    makeDirectories(place);
    make(which.get(1).toString(), directory.resolve(place));
    for (int i = 0; i < (Cli.LONG ? COMMANDS.size() : 1); i++) {
      List<Object> words = COMMANDS.get((first + i) % COMMANDS.size());
      Result result = assertTimeoutPreemptively(MUCH, () -> run(words), () -> place + " " + words);
      assertTrue(EXPECTED.contains(result.exit()), () -> place + ": " + result);
      assertTrue(place.startsWith("a.db.lock/") || !heldByUs(place), () -> place + ": " + result);
    }
  }

  private Result run(List<Object> words) {
    String input =
        words.get(0).equals("batch")
            ? "{\"write\":[\"a.db\",\"INSERT INTO t VALUES(1)\"],\"wait\":\"1s\"}\n"
            : "SELECT count(*) FROM t;\n";
    return Cli.command(words.toArray()).in(directory).input(input).run();
  }

  private boolean heldByUs(String place) {
    Path lock = directory.resolve("a.db.lock");
    return !place.equals("a.db.lock") && Files.exists(lock, LinkOption.NOFOLLOW_LINKS);
  }

  /** A lock without a record where one is needed, and what else must be a directory. */
  private void makeDirectories(String place) throws IOException {
    Path parent = directory.resolve(place).getParent();
    Files.createDirectories(parent);
    if (place.startsWith("a.db.lock/") && !place.contains("/claim") && !place.contains(".nfs")) {
      Files.createFile(parent.resolve("claim." + TOKEN));
    }
    if (place.contains(".lock.work.") || place.contains("-pending.")) {
      Files.createDirectory(directory.resolve("a.db.lock.readers"));
    }
  }

  private void make(String kind, Path path) throws IOException {
    switch (kind) {
      case "pipe" -> Program.of("mkfifo", path).run().exits(0);
      case "socket" -> {
        Path bound = directory.resolve("s"); // an address has at most some 100 bytes
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(bound))
            .close();
        Files.move(bound, path);
      }
      default -> {
        boolean made = Program.of("mknod", path, "c", "1", "5").run().exit() == 0; // as /dev/zero
        assumeTrue(made, "needs root to make a device");
      }
    }
  }

  /** One that waits for a lock with a pipe in it hears of a signal. */
  @Test
  void whoWaitsCanBeEnded() throws IOException {
    Path lock = Files.createDirectory(Db.sibling(db, ".lock"));
    Files.createFile(lock.resolve("claim." + TOKEN));
    make("pipe", lock.resolve("x-later"));
    for (String signal : List.of("TERM", "INT")) {
      try (Running waiter =
          Cli.start("write", "--progress", "always", "--wait", "1h", db, "DELETE FROM t")) {
        waiter.awaitErr("waiting for the lock");
        waiter.signal(signal);
        assertEquals(signal.equals("TERM") ? 143 : 130, waiter.await().exit());
      }
    }
  }

  /** The owner loses nothing by it: its next beat puts a file in that place. */
  @Test
  void theOwnerPutsAFileInItsPlace() throws IOException {
    Path heartbeat = Db.sibling(db, ".lock").resolve("heartbeat");
    try (Running holder = Cli.hold(db, "--heartbeat-interval", "1s", "--stale-after", "10s")) {
      make("pipe", directory.resolve("pipe"));
      Files.move(
          directory.resolve("pipe"), heartbeat, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Await.until("a heartbeat that is a file", () -> Files.isRegularFile(heartbeat));
      assertEquals("held", Cli.verdict(db));
      holder.say("end");
      holder.await().exits(0);
    }
    Db.assertNoLeftovers(db);
  }
}
