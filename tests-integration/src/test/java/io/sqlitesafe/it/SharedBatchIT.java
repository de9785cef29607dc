package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of a batch that are committed together: nobody can tell but by the clock. */
class SharedBatchIT {
  private static final String[] SCHEMA = {
    "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INT CHECK(n < 90))",
    "CREATE TABLE part(id INTEGER PRIMARY KEY, item INT REFERENCES item ON DELETE CASCADE, n INT)",
    "CREATE TABLE pair(a, b, PRIMARY KEY(a, b)) WITHOUT ROWID",
    "CREATE TABLE log(id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT)",
    "CREATE VIRTUAL TABLE words USING fts5(text)",
    "CREATE VIEW shown AS SELECT id, name FROM item",
    "CREATE TRIGGER added AFTER INSERT ON item BEGIN INSERT INTO log(what) VALUES(new.name); END",
    "CREATE TRIGGER undone BEFORE INSERT ON pair WHEN new.a = 7 BEGIN SELECT raise(ROLLBACK, 'no');"
        + " END",
    "CREATE TRIGGER refused BEFORE UPDATE ON pair WHEN new.b = 3 BEGIN SELECT raise(ABORT, 'no');"
        + " END"
  };

  private static final String[] WRITES = {
    "INSERT INTO item(name, n) VALUES('n' || ?1, ?2)",
    "INSERT INTO item(name, n) VALUES('n' || ?1, ?2) ON CONFLICT(name) DO UPDATE SET n = n + 1",
    "INSERT OR IGNORE INTO item(name, n) VALUES('n' || ?1, ?2)",
    "REPLACE INTO item(id, name, n) VALUES(?1, 'n' || ?2, ?1) RETURNING id, name",
    "INSERT OR FAIL INTO pair SELECT ?1 + column1, ?2 FROM (VALUES(0), (1), (2))",
    "INSERT OR ROLLBACK INTO item(name, n) VALUES('n' || ?1, 1)",
    "INSERT INTO part(item, n) VALUES(?1, ?2)",
    "DELETE FROM item WHERE id = ?1",
    "UPDATE pair SET b = ?1 WHERE a = ?2",
    "UPDATE item SET n = n + 40 WHERE id % 3 = ?1 % 3 RETURNING n",
    "INSERT INTO words VALUES('word' || ?1 || ' and word' || ?2)",
    "DELETE FROM words WHERE words MATCH 'word' || ?1",
    "INSERT INTO part(item, n) SELECT id, ?1 FROM item; SELECT sum(n), count(*) FROM part",
    "INSERT INTO log(what) VALUES(last_insert_rowid() || '/' || total_changes())",
    "CREATE TABLE IF NOT EXISTS more(x); INSERT INTO more VALUES(?1)",
    "INSERT INTO nowhere VALUES(1)",
    "INSERT INTO item(name) VALUES('x' || ?1); INSERT INTO item(name) VALUES('x' || ?2)",
    "SELECT count(*) FROM shown WHERE id > ?1",
    "UPDATE pair SET a = a || ?1 WHERE b = abs(-9223372036854775808)",
    "DELETE FROM part WHERE rowid IN (SELECT rowid FROM part LIMIT ?1)"
  };

  @TempDir Path directory;

  /** Quoted for JSON; there is nothing in the statements that needs more. */
  private static String request(Path db, String sql, int one, int two, String more) {
    String numbered = sql.replace("?1", String.valueOf(one)).replace("?2", String.valueOf(two));
    return "{\"write\":[\"" + db + "\",\"" + numbered + "\"]" + more + "}";
  }

  private static List<String> requests(Path db, long seed, int count) {
    Random random = new Random(seed);
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String more =
          switch (random.nextInt(12)) {
            case 0 -> ",\"when\":\"SELECT count(*) % 2 FROM item\"";
            case 1 -> ",\"expect\":\"SELECT count(*) FROM part=" + random.nextInt(4) + "\"";
            case 2 -> ",\"dry-run\":true";
            default -> "";
          };
      String sql = WRITES[random.nextInt(WRITES.length)];
      requests.add(request(db, sql, random.nextInt(10), random.nextInt(10), more));
    }
    return requests;
  }

  /** Commits since the file was made (sqlite.org/fileformat.html, "file change counter"). */
  private static long commits(Path db) {
    try (RandomAccessFile file = new RandomAccessFile(db.toFile(), "r")) {
      file.seek(24);
      return file.readInt();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> allAtOnce(List<String> requests) {
    String input = String.join("\n", requests) + "\n";
    return Cli.command("batch").input(input).run().exits(0).out().lines().toList();
  }

  /** Gives each request when the last one is answered, so that there is nothing to share. */
  private static List<String> oneByOne(List<String> requests) {
    try (Running batch = Cli.start("batch")) {
      for (int i = 0; i < requests.size(); i++) {
        batch.say(requests.get(i));
        batch.awaitOut("\"request\":" + (i + 1) + ",");
      }
      batch.closeInput();
      return batch.await().exits(0).out().lines().toList();
    }
  }

  /** Without times and tokens. */
  private static String essence(String answer) {
    return answer
        .replaceAll("\"lock\":\\{[^}]*\\}", "")
        .replaceAll("\"elapsedMs\":\\d+", "")
        .replaceAll("/(shared|alone)\\.db", "/db");
  }

  private static String content(Path db) {
    return Program.of("sqlite3", db, ".dump").run().exits(0).out();
  }

  @Test
  void answersAndContentAreThoseOfSingleCommits() {
    long seed = Long.getLong("sqlitesafe.seed", System.nanoTime());
    int rounds = Cli.LONG ? 100 : 6;
    long together = 0;
    long single = 0;
    for (int round = 0; round < rounds; round++, seed++) {
      Path shared = Db.create(directory, "shared.db", SCHEMA);
      Path alone = Db.create(directory, "alone.db", SCHEMA);
      if (round % 3 == 2) {
        Cli.run("access", shared, "network-exclusive").exits(0);
        Cli.run("access", alone, "network-exclusive").exits(0);
      }
      long before = commits(shared);
      List<String> quick = allAtOnce(requests(shared, seed, 150));
      List<String> slow = oneByOne(requests(alone, seed, 150));
      assertEquals(slow.size(), quick.size());
      for (int i = 0; i < slow.size(); i++) {
        assertEquals(essence(slow.get(i)), essence(quick.get(i)), "seed " + seed + ", " + i);
      }
      assertEquals(content(alone), content(shared), "seed " + seed);
      together += commits(shared) - before;
      single += commits(alone) - before;
      for (Path db : List.of(shared, alone)) {
        Cli.run("access", db, "trusted").exits(0);
        Db.assertNoLeftovers(db);
        delete(db);
      }
    }
    assertTrue(together < single, together + " commits, one by one " + single);
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> rows(Path db, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> request(db, "INSERT INTO log(id, what) VALUES(?1 + 1, 'x')", i, 0, ""))
        .toList();
  }

  private static long exitCode(String answer) {
    return (Long) Json.object(answer).get("exitCode");
  }

  @Test
  void aStreamOfPlainWritesHasFewCommits() {
    Path db = Db.create(directory, "shared.db", SCHEMA);
    long before = commits(db);
    allAtOnce(rows(db, 300)).forEach(answer -> assertEquals(0, exitCode(answer), answer));
    assertEquals(300, Db.integer(db, "SELECT count(*) FROM log"));
    assertTrue(commits(db) - before < 100, () -> commits(db) - before + " commits");
  }

  /** A later write could mend what is checked at the commit only. */
  @Test
  void deferredForeignKeysAreCheckedForEach() {
    String[] schema = {
      "CREATE TABLE a(id INTEGER PRIMARY KEY)",
      "CREATE TABLE b(a REFERENCES a DEFERRABLE INITIALLY DEFERRED)"
    };
    Path db = Db.create(directory, "shared.db", schema);
    String orphan = request(db, "INSERT INTO b VALUES(1)", 0, 0, "");
    String parent = request(db, "INSERT INTO a VALUES(1)", 0, 0, "");
    List<String> answers = allAtOnce(List.of(orphan, parent, parent, orphan));
    assertEquals(List.of(1L, 0L, 1L, 0L), answers.stream().map(SharedBatchIT::exitCode).toList());
    assertEquals(1, Db.integer(db, "SELECT count(*) FROM b"));
  }

  @Test
  void killedWhatIsAnsweredIsThere() {
    Path db = Db.create(directory, "shared.db", SCHEMA);
    int rounds = Cli.LONG ? 200 : 8;
    Random random = new Random();
    for (int round = 0; round < rounds; round++) {
      int first = round * 1000;
      List<String> requests =
          IntStream.range(first, first + 1000)
              .mapToObj(i -> request(db, "INSERT INTO log(id, what) VALUES(?1 + 1, 'x')", i, 0, ""))
              .toList();
      try (Running batch = Cli.start("batch")) {
        batch.say(String.join("\n", requests));
        batch.awaitOut("\"request\":" + (1 + random.nextInt(400)) + ",");
        String out = batch.kill().out();
        long answered = out.substring(0, out.lastIndexOf('\n') + 1).lines().count();
        Cli.run("write", db, "UPDATE item SET n = n").exits(0);
        String mine = " FROM log WHERE id > " + first + " AND id <= " + (first + 1000);
        long there = Db.integer(db, "SELECT count(*)" + mine);
        assertTrue(there >= answered, there + " of " + answered + " answered are there");
        assertEquals(
            there, Db.integer(db, "SELECT coalesce(max(id), " + first + ") - " + first + mine));
        Db.assertSound(db);
        Cli.run("write", db, "DELETE" + mine).exits(0);
      }
    }
  }

  @Test
  void stoppedEachIsAnsweredByWhatBecameOfIt() {
    Path db = Db.create(directory, "shared.db", SCHEMA);
    try (Running batch = Cli.start("batch")) {
      batch.say(String.join("\n", rows(db, 2000)));
      batch.awaitOut("\"request\":40,");
      batch.signal("TERM");
      List<String> answers = batch.await().exits(143).out().lines().toList();
      assertFalse(answers.size() == 2000, "it had ended before");
      long done = answers.stream().filter(answer -> exitCode(answer) == 0).count();
      assertTrue(done >= 40, () -> String.valueOf(answers));
      assertEquals(done, Db.integer(db, "SELECT count(*) FROM log"));
      answers.subList((int) done, answers.size()).forEach(a -> assertEquals(143, exitCode(a), a));
    }
    Db.assertNoLeftovers(db);
  }

  /** A commit that cannot be told of is a commit all the same, and not to be done again. */
  @Test
  void answersThatCannotBePrinted() {
    assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
    for (int count : List.of(1, 20)) {
      Path db = Db.create(directory, "shared.db", "CREATE TABLE counter(n)");
      String add = "INSERT INTO counter VALUES(?1)";
      List<String> requests =
          IntStream.range(0, count).mapToObj(i -> request(db, add, i, 0, "")).toList();
      Cli.command("batch")
          .behind(List.of("sh", "-c", "exec \"$@\" > /dev/full", "sh"))
          .input(String.join("\n", requests))
          .run()
          .exits(3)
          .says("request 1 ended with status 0")
          .says("its answer cannot be printed");
      assertEquals(1, Db.integer(db, "SELECT count(*) FROM counter WHERE n = 0"));
      assertEquals(0, Db.integer(db, "SELECT count(*) - count(DISTINCT n) FROM counter"));
      Db.assertNoLeftovers(db);
      delete(db);
    }
  }

  /** Another process holds SQLite's own lock when the shared transaction wants to commit. */
  @Test
  void aCommitThatFailsIsTriedForEachAlone() throws Exception {
    Path db = Db.create(directory, "shared.db", SCHEMA);
    List<String> requests =
        rows(db, 30).stream().map(r -> r.replaceFirst("}$", ",\"wait\":\"300ms\"}")).toList();
    try (java.sql.Connection reader = Db.open(db, "ro")) {
      reader.setAutoCommit(false);
      try (java.sql.ResultSet rows =
          reader.createStatement().executeQuery("SELECT count(*) FROM log")) {
        assertTrue(rows.next());
        List<String> answers = allAtOnce(requests);
        for (String answer : answers) {
          assertEquals(11, exitCode(answer), answer);
        }
      }
    }
    assertEquals(0, Db.integer(db, "SELECT count(*) FROM log"));
    Db.assertNoLeftovers(db);
    assertEquals(
        Collections.nCopies(30, 0L),
        allAtOnce(requests).stream().map(SharedBatchIT::exitCode).toList());
  }
}
