package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import io.sqlitesafe.it.kit.Worker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 at random moments: whatever was acknowledged is there, and the next writer gets in. */
class KillIT {
  private static final int KILLS = Cli.LONG ? 2000 : 200;
  private static final int SESSIONS = Cli.LONG ? 400 : 40;
  private static final int LANES = 2;

  @TempDir Path directory;

  @Test
  void writersOfTheCommandLine() throws InterruptedException {
    Path db = Db.create(directory, Db.AWKWARD, "CREATE TABLE log(lane INT, i INT)");
    long span = timeOfOneWrite(db);
    Set<String> acknowledged = new ConcurrentSkipListSet<>();
    Set<Throwable> troubles = Collections.synchronizedSet(new java.util.HashSet<>());
    Thread[] lanes = new Thread[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      int number = lane;
      lanes[lane] =
          new Thread(
              () -> {
                try {
                  killInALane(db, number, span, acknowledged);
                } catch (Throwable e) {
                  troubles.add(e);
                }
              });
      lanes[lane].start();
    }
    for (Thread lane : lanes) {
      lane.join();
    }
    troubles.forEach(
        trouble -> {
          throw new AssertionError(trouble);
        });
    Set<String> missing = new TreeSet<>(acknowledged);
    missing.removeAll(Db.column(db, "SELECT lane || ' ' || i FROM log"));
    assertEquals(Set.of(), missing);
    assertTrue(acknowledged.size() < KILLS, "no kill came before an acknowledgement");
    // A real write: a journal without content is not hot, and stays until the next one needs its
    // name.
    Cli.run("write", db, "INSERT INTO log VALUES(-1, -1)").exits(0);
    Db.assertSound(db);
    assertNoLock(db);
  }

  private static long timeOfOneWrite(Path db) {
    long started = System.nanoTime();
    Cli.run("write", db, "SELECT 1").exits(0);
    return (System.nanoTime() - started) / 1_000_000;
  }

  private static void killInALane(Path db, int lane, long span, Set<String> acknowledged) {
    Random random = new Random(lane);
    for (int i = 0; i < KILLS / LANES; i++) {
      String sql = "INSERT INTO log VALUES(" + lane + ", " + i + ")";
      try (Running writer = Cli.start("write", "--json", db, sql)) {
        Await.pause(random.nextLong(span * 5 / 4)); // the random moment, not an order
        Result result = writer.kill();
        if (result.exit() == 0 || result.out().endsWith("}\n")) {
          acknowledged.add(lane + " " + i);
        } else {
          assertEquals(137, result.exit(), result::toString);
        }
      }
      if (i % 10 == 9) {
        Cli.run("write", "--json", db, "SELECT count(*) FROM log").exits(0);
      }
    }
  }

  @Test
  void aProcessThatCommitsAllTheTime() throws IOException {
    Path db =
        Db.create(
            directory,
            Db.AWKWARD,
            "CREATE TABLE log(run INT, i INT)",
            "CREATE TABLE filler(body)",
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 60)"
                + " INSERT INTO filler SELECT randomblob(900) FROM c");
    Random random = new Random(7);
    int hot = 0;
    for (int run = 0; run < SESSIONS; run++) {
      long acknowledged = killedSession(db, run, random.nextLong(60));
      boolean hotJournal = hasHotJournal(db);
      Result next = Cli.run("write", "--json", db, "UPDATE filler SET body = 0").exits(0);
      assertEquals(hotJournal, next.json().get("recoveredJournal"), next::toString);
      hot += hotJournal ? 1 : 0;
      long last = Db.integer(db, "SELECT coalesce(max(i), -1) FROM log WHERE run = " + run);
      assertTrue(last >= acknowledged, "acknowledged " + acknowledged + ", but there is " + last);
      assertTrue(last <= acknowledged + 1, "more than one commit without an acknowledgement");
      assertEquals(last + 1, Db.integer(db, "SELECT count(*) FROM log WHERE run = " + run), "gaps");
      assertNoLock(db);
    }
    assertTrue(hot > 0, "no kill came inside a transaction");
    Db.assertSound(db);
  }

  /** The journal's first byte is not zero once SQLite may have begun to change the file itself. */
  private static boolean hasHotJournal(Path db) throws IOException {
    Path journal = Db.sibling(db, "-journal");
    if (!Files.exists(journal)) {
      return false;
    }
    try (InputStream bytes = Files.newInputStream(journal)) {
      return bytes.read() > 0;
    }
  }

  /** The number of the last acknowledged commit. */
  private static long killedSession(Path db, int run, long millis) {
    try (Running writer = Worker.program("insert", db, run).start()) {
      writer.awaitOut("ack 1");
      Await.pause(millis); // the random moment, not an order
      String out = writer.kill().out();
      String complete = out.substring(0, out.lastIndexOf('\n'));
      return Long.parseLong(complete.substring(complete.lastIndexOf(' ') + 1));
    }
  }

  /** Prepared directories of the killed may stay for a while: they block nobody. */
  private static void assertNoLock(Path db) {
    assertTrue(Files.notExists(Db.sibling(db, ".lock")), () -> Db.beside(db).toString());
    assertTrue(Files.notExists(Db.sibling(db, "-journal")), () -> Db.beside(db).toString());
  }
}
