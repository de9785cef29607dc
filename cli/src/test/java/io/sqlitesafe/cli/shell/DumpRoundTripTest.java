package io.sqlitesafe.cli.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.cli.Cli;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.error.Cancellation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Dumps of generated databases, out of one program and into another: ours, Debian's sqlite3 and,
 * where tests-integration/oracle has built one, a newer sqlite3.
 */
class DumpRoundTripTest {
  private static final int SCHEMAS = Boolean.getBoolean("sqlitesafe.long") ? 300 : 30;
  private static final Path NEWER = Path.of("../tests-integration/target/oracle/sqlite3");

  @TempDir Path directory;

  @BeforeEach
  void needsSqlite3() {
    assumeTrue(ShellLab.hasSqlite3(), "sqlite3 is not installed");
  }

  private static List<String> programs() {
    List<String> programs = new ArrayList<>(List.of("sqlite3"));
    if (Files.isExecutable(NEWER)) {
      programs.add(NEWER.toAbsolutePath().toString());
    }
    return programs;
  }

  @Test
  void dumpsOfGeneratedSchemas() throws Exception {
    for (int i = 0; i < SCHEMAS; i++) {
      Path place = Files.createDirectory(directory.resolve("" + i));
      String seed = "schema " + i;
      try (ShellLab lab = new ShellLab(place, new Generated(i).sql())) {
        String expected = content(lab.file());
        Path ours = Files.write(place.resolve("ours.sql"), lab.bytes(".dump"));
        for (String program : programs()) {
          Path copy = place.resolve("copy-" + program.length() + ".db");
          assertEquals("", sqlite3(program, copy, ours), seed);
          assertEquals(expected, content(copy), seed + ", into " + program);
        }
        requireLoads(ours, place, "ours", expected, seed);
        for (String program : programs()) {
          Path theirs = Files.writeString(place.resolve("in.txt"), ".dump\n");
          Path dump = place.resolve("theirs.sql");
          Files.writeString(dump, sqlite3(program, lab.file(), theirs));
          requireLoads(dump, place, "theirs" + program.length(), expected, seed + " of " + program);
        }
      }
    }
  }

  /** By write and by the shell. */
  private void requireLoads(Path dump, Path place, String name, String expected, String seed)
      throws Exception {
    Path written = place.resolve(name + "-written.db");
    StringWriter err = new StringWriter();
    Console console =
        new Console(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), err, false);
    int status =
        new Cli(console, new Cancellation())
            .run("write", "--create", written.toString(), "-f", dump.toString());
    boolean orphans = status == 3 && err.toString().contains("to a row that is not there");
    assertTrue(status == 0 || orphans, seed + ": " + err);
    assertEquals(expected, content(written), seed + ", by write");
    Path folder = Files.createDirectory(place.resolve(name));
    try (ShellLab other = new ShellLab(folder)) {
      other.run(".read " + dump.toAbsolutePath());
      assertEquals(expected, content(other.file()), seed + ", by the shell");
    }
  }

  private String content(Path database) throws Exception {
    Path questions =
        Files.writeString(
            directory.resolve("questions.txt"),
            ".sha3sum\nSELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE"
                + " 'sqlite_stat%' AND name <> 'sqlite_sequence' ORDER BY name;\nPRAGMA"
                + " integrity_check;\n"
                + "SELECT * FROM sqlite_sequence ORDER BY name;\n");
    return sqlite3("sqlite3", database, questions).replaceAll("(?m)^.*no such table.*\n", "");
  }

  private String sqlite3(String program, Path database, Path script)
      throws IOException, InterruptedException {
    Path output = directory.resolve("output.txt");
    Process process =
        new ProcessBuilder(program, "-batch", database.toString())
            .redirectInput(script.toFile())
            .redirectOutput(output.toFile())
            .redirectErrorStream(true)
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return Files.readString(output);
  }

  /** What a database is made of, by a seed. */
  private static final class Generated {
    private static final String[] NAMES = {
      "t", "order", "a b", "it's", "q\"q", "Größe", "semi;colon", "日本", "x--y", "[br]"
    };
    private static final String[] TYPES = {
      "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "VARCHAR(9)"
    };
    private final Random random;
    private final List<String> sql = new ArrayList<>();

    Generated(int seed) {
      this.random = new Random(seed);
    }

    String[] sql() {
      int tables = random.nextInt(5);
      if (chance(4)) {
        sql.add("CREATE TABLE gone(a INTEGER PRIMARY KEY AUTOINCREMENT)");
        sql.add("INSERT INTO gone VALUES(9)");
        sql.add("DROP TABLE gone");
      }
      for (int i = 0; i < tables; i++) {
        table("t" + i + NAMES[random.nextInt(NAMES.length)], tables);
      }
      if (chance(3)) {
        sql.add("CREATE VIRTUAL TABLE \"f t\" USING fts5(body, \"o'ther\")");
        sql.add("INSERT INTO \"f t\" VALUES('one two', 'it''s'),('three'||char(10),NULL)");
      }
      if (chance(4)) {
        sql.add("CREATE VIRTUAL TABLE r USING rtree(id, x0, x1)");
        sql.add("INSERT INTO r VALUES(1,0.5,2.5),(2,1,1)");
      }
      if (chance(4)) {
        sql.add("CREATE VIRTUAL TABLE f4 USING fts4(x, tokenize=porter)");
        sql.add("INSERT INTO f4 VALUES('running dogs')");
      }
      if (chance(3)) {
        sql.add("ANALYZE");
      }
      return sql.toArray(String[]::new);
    }

    private boolean chance(int in) {
      return random.nextInt(in) == 0;
    }

    private static String quoted(String name) {
      return '"' + name.replace("\"", "\"\"") + '"';
    }

    private void table(String name, int tables) {
      boolean withoutRowid = chance(4);
      boolean sequence = !withoutRowid && chance(3);
      int columns = 1 + random.nextInt(4);
      StringBuilder create = new StringBuilder("CREATE TABLE " + quoted(name) + "(");
      create.append(sequence ? "id INTEGER PRIMARY KEY AUTOINCREMENT" : "id INTEGER");
      for (int i = 0; i < columns; i++) {
        create.append(", ").append(quoted("c" + i + NAMES[random.nextInt(NAMES.length)]));
        create.append(' ').append(TYPES[random.nextInt(TYPES.length)]);
        create.append(
            switch (random.nextInt(6)) {
              case 0 -> " DEFAULT 'it''s; x'";
              case 1 -> " COLLATE NOCASE";
              case 2 -> " REFERENCES nowhere" + random.nextInt(tables);
              case 3 -> " DEFAULT (1 + 2) /* ; */";
              default -> "";
            });
      }
      create.append(chance(3) ? ", g AS (id * 2), s TEXT AS (id || 'x') STORED" : "");
      create.append(withoutRowid ? ", PRIMARY KEY(id)) WITHOUT ROWID" : ")");
      sql.add(create.toString());
      int rows = random.nextInt(6);
      for (int i = 0; i < rows; i++) {
        StringBuilder values = new StringBuilder("" + (i * 3 + 1));
        for (int c = 0; c < columns; c++) {
          values.append(',').append(value());
        }
        sql.add("INSERT INTO " + quoted(name) + " VALUES(" + values + ")");
      }
      if (chance(2)) {
        sql.add(
            "CREATE INDEX "
                + quoted("i " + name)
                + " ON "
                + quoted(name)
                + "(id DESC) WHERE id > 0");
      }
      if (chance(3)) {
        sql.add(
            "CREATE VIEW " + quoted("v " + name) + " AS SELECT id AS \"i;d\" FROM " + quoted(name));
      }
      if (chance(3)) {
        sql.add(
            "CREATE TRIGGER "
                + quoted("tr " + name)
                + " AFTER DELETE ON "
                + quoted(name)
                + " BEGIN SELECT 1; SELECT CASE WHEN 1 THEN ';' END; END");
      }
    }

    private String value() {
      return switch (random.nextInt(9)) {
        case 0 -> "NULL";
        case 1 -> Long.toString(random.nextLong());
        case 2 -> Double.toString(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20));
        case 3 -> "0.1 + 0.2";
        case 4 -> "x'00ff27'";
        case 5 -> "'it''s; -- \"x\"'";
        case 6 -> "'line'||char(10)||'\\n \\012'||char(13)";
        case 7 -> "'日本 é 😀'";
        default -> "''";
      };
    }
  }
}
