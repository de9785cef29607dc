package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Verdicts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is wrong with a file is found, and said with table, row and page where that is known.
 */
class IntegrityCheckIT {
  @TempDir Path directory;
  private Path sound;

  @BeforeEach
  void make() {
    sound = Damage.sound(directory, "sound.db");
  }

  private Path copy(String name) {
    try {
      return Files.copy(sound, directory.resolve(name));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Verdicts check(int exit, Object... words) {
    List<Object> all = new ArrayList<>(List.of("integrity-check", "--json"));
    all.addAll(Arrays.asList(words));
    return new Verdicts(Cli.run(all.toArray()).exits(exit));
  }

  @Test
  void damagedPagesAreFoundWithTheirTable() {
    Path table = copy("table.db");
    long leaf = Damage.page(table, "child", "leaf");
    Damage.scramble(table, leaf);
    Path root = copy("root.db");
    Damage.scramble(root, Damage.page(root, "child", "internal"));
    Path index = copy("index.db");
    long indexLeaf = Damage.page(index, "child_note", "leaf");
    Damage.scramble(index, indexLeaf);
    Path free = copy("free.db");
    // The first trunk page's number is at offset 32, and it begins with that of the next.
    Damage.write(free, 32, new byte[] {0, 0, 0, 1});
    Path count = copy("count.db");
    Damage.write(count, 36, new byte[] {0, 0, 0, 3});

    Verdicts found = check(14, sound, table, root, index, free, count);

    found.ok(sound);
    found.found(table, "kind", "integrity", "table", "child", "page", leaf);
    found.found(root, "kind", "integrity", "table", "child");
    found.found(
        index, "kind", "integrity", "table", "child", "index", "child_note", "page", indexLeaf);
    found.found(free, "kind", "integrity", "message", "reelist");
    found.found(count, "kind", "integrity", "message", "reelist");
    assertEquals(
        Map.of(
            "files",
            List.of(table, root, index, free, count).stream().map(Path::toString).toList()),
        found.result().error("damaged").get("details"));
  }

  /** {@code sqlite3} prints most of these and exits with 0. */
  @Test
  void logicalDamageIsFound() {
    Path entry = copy("entry.db");
    Damage.replace(entry, "note 00000042", "note 00000x42");
    Path notNull = copy("not null.db");
    Damage.sql(notNull, "UPDATE child SET note = NULL WHERE id = 77");
    Damage.redefine(notNull, "child", "note TEXT", "note TEXT NOT NULL");
    Path rule = copy("check.db");
    Damage.redefine(rule, "child", "n INT)", "n INT CHECK(n < 49))");
    Path unique = copy("unique.db");
    Damage.redefine(unique, "child_n", "CREATE INDEX", "CREATE UNIQUE INDEX");
    Path orphan = copy("orphan.db");
    Damage.sql(orphan, "DELETE FROM parent WHERE id = 2");
    Path mismatch = copy("mismatch.db");
    Damage.sql(
        mismatch, "CREATE TABLE bad(x REFERENCES parent(name))", "INSERT INTO bad VALUES(1)");
    Damage.sql(mismatch, "UPDATE child SET p = 3 WHERE id = 5");

    Verdicts found = check(14, entry, notNull, rule, unique, orphan, mismatch);

    found.found(entry, "kind", "integrity", "index", "child_note", "table", "child");
    found.found(
        notNull, "kind", "constraint", "message", "NULL value in child.note", "table", "child");
    found.found(
        rule,
        "kind",
        "constraint",
        "message",
        "against CHECK (n < 49)",
        "table",
        "child",
        "rowid",
        49L);
    found.found(unique, "message", "non-unique entry", "index", "child_n", "table", "child");
    found.found(orphan, "kind", "foreign-key", "table", "child", "rowid", 1L, "parent", "parent");
    assertEquals(true, found.of(orphan).get("moreProblems"));
    assertEquals(100, found.problems(orphan).size());
    found.found(mismatch, "kind", "foreign-key", "table", "bad");
    found.found(mismatch, "kind", "foreign-key", "table", "child", "rowid", 5L);
  }

  @Test
  void fullTextIndexesAreComparedWithTheirText() {
    Path own = copy("own.db");
    Damage.sql(own, "UPDATE own_content SET c0 = 'another text' WHERE id = 1");
    Path broken = copy("broken.db");
    Damage.sql(broken, "DELETE FROM own_data WHERE id > 10");
    Path old = copy("old.db");
    Damage.sql(old, "UPDATE old_text_content SET c0body = 'another text' WHERE docid = 1");
    Path drift = copy("drift.db");
    Damage.sql(drift, "UPDATE docs SET body = 'another text' WHERE id = 1");
    Path gone = copy("gone.db");
    Damage.sql(gone, "DELETE FROM docs WHERE id = 2");

    for (String level : List.of("quick", "full")) {
      Verdicts found = check(14, "--level", level, sound, own, broken, old, drift, gone);
      found.ok(sound);
      found.found(own, "kind", "full-text", "table", "own");
      found.found(broken, "kind", "full-text", "table", "own");
      found.found(old, "kind", "full-text", "table", "old_text");
      found.found(drift, "kind", "full-text-drift", "table", "outer_text");
      found.found(gone, "kind", "full-text-drift", "table", "outer_text");
    }
  }

  @Test
  void sizeOfTheFileIsThatOfItsPages() throws IOException {
    long size = Files.size(sound);
    Path half = copy("half.db");
    Damage.resize(half, size / 2 / Damage.PAGE * Damage.PAGE);
    Path cut = copy("cut.db");
    Damage.resize(cut, size - 100);
    Path tail = copy("tail.db");
    Damage.write(tail, size, "some more".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Path extra = copy("extra.db");
    Damage.write(extra, size + Damage.PAGE - 1, (byte) 1);
    Path grown = copy("grown.db"); // as by SQLITE_FCNTL_CHUNK_SIZE
    Damage.resize(grown, size + 3 * Damage.PAGE);
    Path more = copy("more.db");
    Damage.write(more, 28, new byte[] {0, 0, 1, 0});
    Path fewer = copy("fewer.db");
    Damage.write(fewer, 28, new byte[] {0, 0, 0, 9});
    Path empty = Files.createFile(directory.resolve("empty.db"));

    Verdicts found = check(14, half, cut, tail, extra, grown, more, fewer, empty);

    found.found(half, "kind", "file", "message", "ends after");
    found.found(cut, "kind", "file", "message", "ends after");
    found.found(tail, "kind", "file", "message", "9 bytes after");
    found.found(extra, "kind", "file", "message", "4096 bytes after");
    found.ok(grown);
    found.found(more, "kind", "file", "message", "ends after");
    found.found(fewer, "kind", "integrity");
    found.ok(empty);
    assertEquals(List.of("the file is empty"), found.of(empty).get("notes"));
  }

  @Test
  void whatIsNoDatabaseIsSaidAndTheOthersAreChecked() throws IOException {
    Path encrypted = directory.resolve("encrypted.db");
    byte[] noise = new byte[40_000];
    new Random(3).nextBytes(noise);
    Files.write(encrypted, noise);
    Path missing = directory.resolve("missing.db");
    Verdicts found = check(10, encrypted, sound, missing, directory);
    found.ok(sound);
    for (Path none : List.of(encrypted, missing, directory)) {
      assertEquals("no-database", found.of(none).get("verdict"));
      assertTrue(found.of(none).get("message").toString().length() > 10);
    }
    found.result().error("no-database");
    Path damaged = copy("damaged.db");
    Damage.scramble(damaged, Damage.page(damaged, "child", "leaf"));
    check(14, missing, damaged); // damage before what cannot be checked
  }

  @Test
  void textNamesFileTableAndPage() {
    Path damaged = copy("damaged.db");
    long leaf = Damage.page(damaged, "child", "leaf");
    Damage.scramble(damaged, leaf);
    Result result = Cli.run("integrity-check", sound, damaged).exits(14);
    assertTrue(result.out().startsWith(sound + ": ok\n" + damaged + ": damaged\n  table child, "));
    assertTrue(result.out().contains("page " + leaf), result::toString);
    result.says("found problems in 1 of 2 files");
  }

  @Test
  void problemsAreLimitedOfEachKind() {
    Path orphan = copy("orphan.db");
    Damage.sql(orphan, "DELETE FROM parent WHERE id = 2");
    Damage.redefine(orphan, "child", "n INT)", "n INT CHECK(n < 10))");
    Verdicts found = check(14, "--max-errors", 3, orphan);
    List<Object> kinds = new ArrayList<>();
    found.problems(orphan).forEach(p -> kinds.add(p.get("kind")));
    assertEquals(
        List.of(
            "constraint", "constraint", "constraint", "foreign-key", "foreign-key", "foreign-key"),
        kinds);
    assertEquals(true, found.of(orphan).get("moreProblems"));
  }

  /** What needs a function or a collation of the application's own hides nothing else. */
  @Test
  void whatCannotBeCheckedIsSaid() {
    Path own = copy("own collation.db");
    Damage.sql(own, "CREATE TABLE named(x TEXT)", "INSERT INTO named VALUES('a'), ('b')");
    Damage.sql(
        own,
        "CREATE INDEX named_x ON named(x)",
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE named(x TEXT COLLATE theirs)' WHERE name ="
            + " 'named'");
    Verdicts found = check(3, own, sound);
    assertEquals(false, found.of(own).get("complete"));
    assertTrue(found.of(own).get("notes").toString().contains("theirs"), found::toString);
    Damage.replace(own, "note 00000042", "note 00000x42");
    found = check(14, own);
    found.found(own, "kind", "integrity", "index", "child_note");
  }

  @Test
  void wrongArgumentsAreRefused() {
    for (List<String> words :
        List.of(
            List.of("--level", "deep"),
            List.of("--jobs", "0"),
            List.of("--max-errors", "x"),
            List.of("--wait", "5"))) {
      List<Object> all = new ArrayList<>(List.of("integrity-check", "--json"));
      all.addAll(words);
      all.add(sound);
      Cli.run(all.toArray()).exits(2).error("usage");
    }
    Cli.run("integrity-check", "--json").exits(2).error("usage");
  }
}
