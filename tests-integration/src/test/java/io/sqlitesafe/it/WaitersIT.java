package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who waits, who had the lock and when: what users ask when somebody kept them out. */
class WaitersIT {
  private static final String INSERT = "INSERT INTO t VALUES(1)";

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void make() {
    db = Db.create(directory, "it's app.db", "CREATE TABLE t(v)");
  }

  private Running waiter() {
    Running waiter = Cli.start("write", "--wait", "5m", db, INSERT);
    Await.until("a waiter that shows itself", () -> !waiters().isEmpty());
    return waiter;
  }

  private List<?> waiters() {
    return (List<?>) Cli.inspect(db).get("waiters");
  }

  @Test
  void whoWaitsIsSeen() {
    try (Running holder = Cli.hold(db);
        Running waiter = waiter()) {
      Map<?, ?> seen = (Map<?, ?>) waiters().get(0);
      assertEquals(waiter.pid(), seen.get("pid"));
      assertEquals("write", seen.get("command"));
      assertTrue(String.valueOf(seen.get("since")).endsWith("Z"), seen::toString);
      String text = Cli.run("inspect-lock", db).exits(0).out();
      assertTrue(text.contains("waiting      pid " + waiter.pid() + " on "), text);

      Result busy = Cli.run("write", "--wait", "0", "--json", db, INSERT).exits(11);
      assertEquals(1L, Json.at(busy.error("lock-busy"), "details", "otherWaiters"));
      assertTrue(busy.err().contains("; 1 other waits"), busy::toString);
      holder.say("end");
      holder.await().exits(0);
      waiter.await().exits(0);
    }
    Db.assertNoLeftovers(db);
  }

  /** Where nobody waits nobody is counted. */
  @Test
  void aBusyLockWithoutOthers() {
    try (Running holder = Cli.hold(db)) {
      Result busy = Cli.run("write", "--wait", "0", db, INSERT).exits(11);
      assertFalse(busy.err().contains("wait\n"), busy::toString);
      assertEquals(List.of(), waiters());
      holder.say("end");
    }
  }

  @Test
  void aKilledWaiterIsForgotten() {
    try (Running holder = Cli.hold(db);
        Running waiter = waiter()) {
      waiter.kill();
      assertTrue(Files.exists(Db.sibling(db, ".lock.waiters")), "it cannot tidy up any more");
      assertEquals(List.of(), waiters());
      assertFalse(Files.exists(Db.sibling(db, ".lock.waiters")));
      holder.say("end");
      holder.await().exits(0);
    }
  }

  @Test
  void watchPrintsALineForEachChange() {
    try (Running watch = Cli.start("inspect-lock", "--watch", "--interval", "20ms", db)) {
      watch.awaitOut(" free");
      try (Running holder = Cli.hold(db)) {
        watch.awaitOut(" held: pid ");
        try (Running waiter = waiter()) {
          watch.awaitOut("; waiting: pid " + waiter.pid());
          holder.say("end");
          holder.await().exits(0);
          waiter.await().exits(0);
        }
      }
      Await.until(
          "a last line", () -> watch.outSoFar().lines().reduce("", (a, b) -> b).endsWith(" free"));
      List<String> lines = watch.outSoFar().lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        assertTrue(
            line.matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z (free|held|abandoned|empty).*"), line);
        String before = i == 0 ? "" : lines.get(i - 1);
        assertFalse(
            line.replaceFirst("^\\S+ ", "").equals(before.replaceFirst("^\\S+ ", "")), before);
      }
    }
  }

  @Test
  void eachLockIsLogged() throws IOException {
    Path log = directory.resolve("locks.jsonl");
    try (Running dead = Cli.hold(db)) {
      dead.signal("KILL");
      dead.await();
    }
    Cli.run("write", "--lock-log", log, db, INSERT).exits(0);
    Map<String, Object> line = onlyLine(log);
    assertEquals("lock", line.get("type"));
    assertEquals("write", line.get("command"));
    assertEquals(db.toString(), line.get("database"));
    assertEquals(Boolean.FALSE, line.get("lost"));
    assertTrue((long) line.get("heldMs") >= 0 && (long) line.get("waitedMs") >= 0, line::toString);
    String broken = String.valueOf(line.get("broken"));
    assertTrue(broken.contains("with-lock") && broken.contains("is gone"), broken);

    Files.move(log, directory.resolve("locks.jsonl.1"));
    Cli.command("write", db, INSERT).with("SQLITE_SAFE_LOCK_LOG", log.toString()).run().exits(0);
    assertEquals(List.of(), onlyLine(log).get("broken"));
  }

  private static Map<String, Object> onlyLine(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    assertEquals(1, lines.size(), lines::toString);
    return Json.object(lines.get(0));
  }

  /** A commit that gives the lock back is the end of a lock, too. */
  @Test
  void aPublicationIsLogged() throws IOException {
    Path log = directory.resolve("locks.jsonl");
    Cli.run("access", db, "network-exclusive").exits(0);
    Cli.run("write", "--lock-log", log, db, INSERT).exits(0);
    assertEquals("network-exclusive", onlyLine(log).get("access"));
  }

  @Test
  void aLogThatCannotBeWrittenIsNoReasonToFail() {
    for (String log : List.of(directory + "/none/log", directory.toString(), db.toString())) {
      Result result =
          Cli.command("write", db, INSERT).with("SQLITE_SAFE_LOCK_LOG", log).run().exits(0);
      assertTrue(result.err().contains("lock log"), result::toString);
    }
    assertEquals(3, Db.integer(db, "SELECT count(*) FROM t"));
  }

  @Test
  void aLogIsNoFileOfTheDatabase() {
    for (Object log : List.of(db, Db.sibling(db, "-journal"), directory)) {
      Result result = Cli.run("write", "--lock-log", log, db, INSERT);
      assertTrue(result.exit() == 2 || result.exit() == 15, result::toString);
      assertTrue(result.err().contains("--lock-log"), result::toString);
    }
    assertEquals(0, Db.integer(db, "SELECT count(*) FROM t"));
  }
}
