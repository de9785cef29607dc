package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A batch whose client waits for each answer, and the lock that it keeps between two of them. */
class KeepingIT {
  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void make() {
    db = Db.create(directory, "it's app.db", "CREATE TABLE t(v INTEGER)");
  }

  /** A client that sends a request once the one before it is answered. */
  private final class Client implements AutoCloseable {
    private final Running batch = Cli.start("batch");
    private int sent;

    /** Writes the number of the request; returns its answer. */
    Map<String, Object> write() {
      ask();
      return answer();
    }

    void ask() {
      sent++;
      batch.say("{\"write\":[\"" + db + "\",\"INSERT INTO t VALUES(" + sent + ")\"]}");
    }

    Map<String, Object> answer() {
      Map<String, Object> answer = Json.object(batch.awaitOut("\"request\":" + sent + ",").strip());
      assertEquals(0L, answer.get("exitCode"), answer::toString);
      return answer;
    }

    String token() {
      return token(write());
    }

    String token(Map<String, Object> answer) {
      Map<?, ?> output = (Map<?, ?>) ((List<?>) answer.get("output")).get(0);
      return String.valueOf(((Map<?, ?>) output.get("lock")).get("token"));
    }

    /** Stands still with the lock, and nothing under way; the token of that lock. */
    String stopWhileKept() {
      List<String> seen = new ArrayList<>();
      Await.until(
          "a client that stands still while it keeps the lock",
          () -> {
            String token = token();
            batch.signal("STOP");
            Await.until("its standstill", this::isStopped);
            if (Files.exists(Db.sibling(db, ".lock").resolve("claim." + token))) {
              seen.add(token);
              return true;
            }
            batch.signal("CONT"); // too late: it has given the lock up
            return false;
          });
      return seen.get(0);
    }

    private boolean isStopped() {
      try {
        String stat = Files.readString(Path.of("/proc/" + batch.pid() + "/stat"));
        return stat.substring(stat.lastIndexOf(')')).startsWith(") T");
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    void end() {
      batch.closeInput();
      batch.await().exits(0);
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  private List<Long> rows() {
    return Db.column(db, "SELECT v FROM t ORDER BY rowid").stream().map(Long::valueOf).toList();
  }

  private static List<Long> upTo(int n) {
    return LongStream.rangeClosed(1, n).boxed().toList();
  }

  @Test
  void theLockIsKeptBetweenAnswers() {
    try (Client client = new Client()) {
      List<String> tokens = new ArrayList<>(List.of(client.token()));
      Await.until(
          "two writes under one lock",
          () -> {
            tokens.add(client.token());
            return tokens.get(tokens.size() - 2).equals(tokens.get(tokens.size() - 1));
          });
      client.end();
      assertEquals(upTo(client.sent), rows());
    }
    Db.assertNoLeftovers(db);
  }

  /** Nobody has to call it off: the client says no more, and does not end. */
  @Test
  void anIdleLockIsGivenUp() {
    try (Client client = new Client()) {
      client.write();
      Await.until("the release", () -> Db.beside(db).isEmpty());
      assertTrue(client.batch.isAlive());
      client.write();
      client.end();
    }
    Db.assertNoLeftovers(db);
  }

  @Test
  void killedWhileItKeepsTheLock() {
    try (Client client = new Client()) {
      client.stopWhileKept();
      client.batch.kill();
      Cli.run("write", db, "INSERT INTO t VALUES(-1)")
          .exits(0)
          .says("broke the lock of pid " + client.batch.pid());
      List<Long> expected = new ArrayList<>(upTo(client.sent));
      expected.add(-1L);
      assertEquals(expected, rows());
    }
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }

  /** Another one has written meanwhile; who comes back goes on with a lock of its own. */
  @Test
  void brokenWhileItStandsStill() {
    try (Client client = new Client()) {
      String token = client.stopWhileKept();
      String text = Cli.run("inspect-lock", db).exits(0).out();
      assertTrue(text.contains("kept         for the next write since "), text);
      Cli.run("break-stale", "--owner", token, "--force", db).exits(0);
      Cli.run("write", db, "INSERT INTO t VALUES(-1)").exits(0);
      List<Long> expected = new ArrayList<>(upTo(client.sent));
      expected.add(-1L);
      client.ask(); // is there before it goes on
      client.batch.signal("CONT");
      assertNotEquals(token, client.token(client.answer()));
      expected.add((long) client.sent);
      client.end();
      assertEquals(expected, rows());
    }
    Db.assertNoLeftovers(db);
  }

  @Test
  void toldToEndWhileItKeepsTheLock() {
    for (String how : List.of("TERM", "INT", "the end of its input")) {
      try (Client client = new Client()) {
        client.stopWhileKept();
        if (how.length() > 4) {
          client.batch.closeInput();
        } else {
          client.batch.signal(how);
        }
        client.batch.signal("CONT");
        Result result = client.batch.await();
        assertEquals(how.equals("TERM") ? 143 : how.equals("INT") ? 130 : 0, result.exit(), how);
      }
      Db.assertNoLeftovers(db);
    }
  }

  /** Runs while a client writes without a pause, which is never idle for long. */
  private void meanwhile(Client client, Object... words) {
    client.write();
    try (Running other = Cli.start(words)) {
      while (other.isAlive()) {
        client.write();
      }
      other.await().exits(0);
    }
    client.write();
    List<Long> rows = rows();
    assertEquals(client.sent, rows.get(rows.size() - 1));
  }

  /** Each of these needs the lock, some the file too; a log can be begun and ended. */
  @Test
  void othersGetTheLock() {
    Path backup = directory.resolve("a.backup");
    String insert = "INSERT INTO t VALUES(-1)";
    try (Client client = new Client()) {
      // Who does not want to wait does so for one hand-over.
      meanwhile(client, "write", "--wait", "0", db, insert);
      meanwhile(client, "write", "--wait", "0", db, insert);
      meanwhile(client, "with-lock", "--wait", "1m", db, "--", "true");
      meanwhile(client, "journal-mode", "--wait", "1m", db, "wal");
      meanwhile(client, "write", "--wait", "1m", db, insert);
      meanwhile(client, "backup", "--wait", "1m", db, backup);
      meanwhile(client, "journal-mode", "--wait", "1m", db, "delete");
      client.end();
      assertEquals(client.sent, Db.integer(db, "SELECT count(*) FROM t WHERE v > 0"));
    }
    assertEquals(3, Db.integer(db, "SELECT count(*) FROM t WHERE v = -1"));
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }

  /** What is written after a restore goes into the restored file. */
  @Test
  void restoredBetweenTwoWrites() {
    Path backup = directory.resolve("a.backup");
    Cli.run("write", db, "INSERT INTO t VALUES(-1)").exits(0);
    Cli.run("backup", db, backup).exits(0);
    try (Client client = new Client()) {
      meanwhile(client, "restore", "--wait", "1m", backup, db);
      client.end();
      List<Long> rows = rows();
      assertEquals(-1L, rows.get(0));
      List<Long> since = LongStream.rangeClosed(rows.get(1), client.sent).boxed().toList();
      assertEquals(since, rows.subList(1, rows.size()), "each write since, and none before");
    }
    Db.assertSound(db);
    // The former database stays, for who wants it back.
    assertTrue(Db.beside(db).stream().allMatch(name -> name.contains(".before-restore-")));
  }

  /** A mark is set while all users are stopped; who goes on all the same finds it. */
  @Test
  void anotherModeOfAccess() {
    try (Client client = new Client()) {
      meanwhile(client, "access", "--wait", "1m", db, "network-exclusive");
      meanwhile(client, "access", "--wait", "1m", db, "trusted");
      client.end();
      assertEquals(upTo(client.sent), rows());
    }
    Db.assertNoLeftovers(db);
  }

  /** The connection of none of them stays, and with it the log. */
  @Test
  void manyAtOnce() {
    Cli.run("journal-mode", db, "wal").exits(0);
    List<Client> clients = IntStream.range(0, 3).mapToObj(i -> new Client()).toList();
    try {
      for (int i = 0; i < 20; i++) {
        clients.forEach(Client::write);
      }
      clients.forEach(Client::end);
    } finally {
      clients.forEach(Client::close);
    }
    assertEquals(60, Db.integer(db, "SELECT count(*) FROM t"));
    Db.assertNoLeftovers(db);
  }
}
