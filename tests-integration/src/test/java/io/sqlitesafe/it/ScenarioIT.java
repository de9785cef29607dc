package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Content;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Databases of the shapes that real systems have, each through the whole life of one: made, filled,
 * backed up, changed with a changeset, compared, applied, undone, restored, compacted, checked.
 */
class ScenarioIT {
  private static final int ROWS = Cli.LONG ? 100_000 : 1_000;

  @TempDir Path directory;

  /**
   * Triggers are off where the changeset has their effects, and on where they keep a full-text
   * index, which is in no changeset.
   */
  @ParameterizedTest
  @CsvSource({
    "repository, wal, on",
    "works, delete, on",
    "dynamo, delete, on",
    "retrieval, delete, off",
    "bibliography, delete, on",
    "history, delete, on",
    "odd, delete, off"
  })
  void wholeLife(String scenario, String journal, String triggers) {
    Path db = made(scenario, journal);
    Path base = directory.resolve("base.db");
    Cli.run("backup", "--verify", "full", db, base).exits(0);
    Map<String, List<String>> before = Content.of(db);
    assertEquals(before, Content.of(base));

    Path changes = directory.resolve("changes");
    Cli.run("write", db, "-f", file(scenario, "change"), "--changeset", changes).exits(0);
    Map<String, List<String>> after = Content.of(db);
    assertNotEquals(before, after);
    Cli.run("changeset", "verify", changes).exits(0);
    assertTrue(Cli.run("changeset", "show", changes, "--db", db).exits(0).out().length() > 100);

    applied(base, "applied.db", triggers, changes, after);
    Path exported = directory.resolve("exported");
    // A full-text index cannot be in it, though triggers bring it about again.
    int complete = List.of("works", "retrieval").contains(scenario) ? 3 : 0;
    Cli.run("changeset", "export", db, "--since", base, "-o", exported).exits(complete);
    applied(base, "exported.db", triggers, exported, after);

    Path undone = directory.resolve("undone.db");
    Cli.run("copy", db, undone).exits(0);
    apply(undone, triggers, "--invert", changes);
    assertEquals(before, Content.of(undone));

    Path compact = directory.resolve("compact.db");
    Cli.run("vacuum-into", db, compact).exits(0);
    assertEquals(after, Content.of(compact));
    Cli.run("restore", base, db).exits(0);
    assertEquals(before, Content.of(db));
    Cli.run("integrity-check", db, base, compact, undone).exits(0);
  }

  private void applied(
      Path base, String name, String triggers, Path changes, Map<String, List<String>> expected) {
    Path target = directory.resolve(name);
    Cli.run("copy", base, target).exits(0);
    apply(target, triggers, changes);
    assertEquals(expected, Content.of(target));
    Cli.run("integrity-check", target).exits(0);
  }

  private static void apply(Path target, String triggers, Object... more) {
    Object[] words = {
      "changeset", "apply", "--rebuild-fts", "--triggers", triggers, target, null, null
    };
    System.arraycopy(more, 0, words, 6, more.length);
    Cli.run(more.length == 2 ? words : java.util.Arrays.copyOf(words, 7)).exits(0);
  }

  private Path made(String scenario, String journal) {
    Path db = directory.resolve("a " + scenario + " #1.db");
    Cli.run("write", "--create", db, "-f", file(scenario, "schema")).exits(0);
    Cli.run("journal-mode", db, journal).exits(0);
    Cli.run("write", db, "-f", file(scenario, "fill"), "--param", "rows:int=" + ROWS).exits(0);
    return db;
  }

  private static Path file(String scenario, String part) {
    Path file = Cli.module().resolve("scenarios").resolve(scenario).resolve(part + ".sql");
    assertTrue(Files.exists(file), file::toString);
    return file;
  }

  /** SQLite's sentence names neither table nor trigger. */
  @Test
  void aTriggerThatCannotRunIsNamed() {
    Path db = made("retrieval", "delete");
    String before = Db.sha256(db);
    Result result = Cli.run("write", db, "--json", "UPDATE chunks SET content = 'x'").exits(1);
    Map<String, Object> error = result.error("failed");
    assertTrue(
        String.valueOf(error.get("message"))
            .contains("trigger chunks_au cannot run: 2 values for 3 columns"),
        result::toString);
    assertEquals("chunks_au", Json.at(error, "details", "trigger"));
    Cli.run("write", db, "UPDATE chunks SET nowhere = 'x'")
        .exits(1)
        .says("no such column: nowhere");
    assertEquals(before, Db.sha256(db));
    Db.assertNoLeftovers(db);
  }

  /** Two replicas start at once, and both want to be the one who fills an empty database. */
  @Test
  void oneReplicaSeeds() {
    Path db = Db.create(directory, "store.db", "CREATE TABLE item(id INTEGER PRIMARY KEY, body)");
    Object[] seed = {
      "write",
      "--when",
      "SELECT count(*) = 0 FROM item",
      db,
      "INSERT INTO item(body) VALUES('a'), ('b')"
    };
    try (Running one = Cli.start(seed);
        Running other = Cli.start(seed)) {
      List<Integer> exits =
          java.util.stream.Stream.of(one.await().exit(), other.await().exit()).sorted().toList();
      assertEquals(List.of(0, 13), exits);
    }
    assertEquals(2, Db.integer(db, "SELECT count(*) FROM item"));
  }
}
