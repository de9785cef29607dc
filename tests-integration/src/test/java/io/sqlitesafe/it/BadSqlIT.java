package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SQL and rows that cannot be right: nothing of them is applied. */
class BadSqlIT {
  private static final String INSERT = "INSERT INTO t VALUES(:v)";

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() {
    db =
        Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v UNIQUE)", "INSERT INTO t VALUES('old')");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INSERT INTO t VALUES(1); INSERT INTO t VALUES(2); INSERT INOT t VALUES(3) | 1"
            + " | statement 3 (line 1): near \"INOT\": syntax error",
        "INSERT INTO t VALUES(1); INSERT INTO t VALUES(1) | 1 | UNIQUE constraint failed: t.v",
        "INSERT INTO t VALUES(1); COMMIT; INSERT INTO t VALUES(2) | 2 | COMMIT is refused",
        "BEGIN; INSERT INTO t VALUES(1) | 2 | BEGIN is refused",
        "INSERT INTO t VALUES(1); ROLLBACK | 2 | ROLLBACK is refused",
        "INSERT INTO t VALUES(1); END | 2 | END is refused",
        "/* c */ ; -- x ~ cOmMiT | 2 | refused",
        "VACUUM | 2 | VACUUM",
        "ATTACH 'x.db' AS x | 2 | ATTACH",
        "PRAGMA journal_mode=WAL | 2 | journal-mode",
        "INSERT INTO nowhere VALUES(1) | 1 | no such table: nowhere",
        "INSERT INTO t VALUES(1 | 1 | incomplete input",
        "INSERT INTO t VALUES('x | 1 | unrecognized token",
        "INSERT INTO t VALUES(:a) | 2 | no value for parameter :a",
        "/* nothing but a comment */ | 2 | no SQL",
      })
  void isRefused(String line, int exit, String fragment) {
    String sql = line.replace('~', '\n');
    Refusal.of(db, "write", db, sql).expect(exit, fragment);
    Refusal.of(db, "write", db).reading(in -> in.input(sql)).expect(exit, fragment);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--param=v:int=five | 2 | five",
        "--param=v:blob=x'0g' | 2 | v",
        "--param=v:blob=@no such file | 2 | no such file",
        "--param=v:json={ | 2 | JSON",
        "--param=novalue | 2 | novalue",
      })
  void parameters(String option, int exit, String fragment) {
    Refusal.of(db, "write", option, db, INSERT + ", (1)").expect(exit, fragment);
  }

  @Test
  void anUnusedParameterIsATypingMistake() {
    Refusal.of(db, "write", "--param=v=1", "--param=vv=2", db, INSERT).expect(2, ":vv");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "csv | v,w~1,2~3~ | line 3: expected 2 fields",
        "csv | v~a~b,c~ | line 3: expected 1 field",
        "csv | v~a~\"never closed~ | line 3",
        "csv | v,v~1,2~ | v",
        "tsv | v\tw~1\t2~3~ | line 3: expected 2 fields",
        "jsonl | {\"v\":1}~{\"v\":~ | line 2",
        "jsonl | {\"v\":1}~[2]~ | line 2",
        "jsonl | {\"v\":1}~{\"v\":2} x~ | line 2",
        "jsonl | {\"v\":1}~{\"v\":1,\"v\":2}~ | line 2",
        "jsonl | {\"v\":1}~{\"w\":1}~ | line 2",
        "jsonl | {\"v\":1}~{\"v\":1}~ | line 2: ",
      })
  void rows(String format, String lines, String fragment) throws IOException {
    Path file = directory.resolve("rows." + format);
    Files.writeString(file, lines.replace('~', '\n'));
    Result result = Cli.run("write", "--json", "--rows", file, db, INSERT);
    assertTrue(result.exit() == 1 || result.exit() == 2, result::toString);
    result.error(result.exit() == 1 ? "failed" : "usage");
    result.says(fragment);
    Result piped =
        Cli.command("write", "--rows", "-", "--rows-format", format, db, INSERT)
            .input(Files.readAllBytes(file))
            .run()
            .exits(result.exit());
    piped.says(fragment.replaceFirst("^line", "line"));
    assertUnchanged();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INSERT INTO t VALUES('a\0b')", "INSERT INTO t VALUES(1);\0DROP TABLE t"})
  void nulBytes(String sql) throws IOException {
    Refusal.of(db, "write", db).reading(in -> in.input(sql)).expect(2, "NUL");
    Path file = Files.writeString(directory.resolve("nul.sql"), sql);
    Refusal.of(db, "write", "-f", file, db).expect(2, "NUL");
    Files.writeString(file, "SELECT 'a\0b'");
    Refusal.of(db, "read", "-f", file, db).expect(2, "NUL");
  }

  @Test
  void utf16AndBrokenUtf8() throws IOException {
    Path utf16 = directory.resolve("utf16.sql");
    Files.write(
        utf16, "INSERT INTO t VALUES('x')".getBytes(java.nio.charset.StandardCharsets.UTF_16));
    Refusal.of(db, "write", "-f", utf16, db).expect(2, "UTF-8");
    Path latin1 = directory.resolve("latin1.sql");
    Files.write(
        latin1, "INSERT INTO t VALUES('é')".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    Refusal.of(db, "write", "-f", latin1, db).expect(2, "UTF-8");
  }

  @ParameterizedTest
  @CsvSource({"csv, v", "tsv, v", "jsonl, {\"\"v\"\":\"\""})
  void aLineOfAGigabyteInRows(String format, String head) {
    Result result =
        gigabyte(
            head.replace("\"\"", "\"") + (format.equals("jsonl") ? "" : "\n"),
            "write",
            db,
            INSERT,
            "--rows",
            "-",
            "--rows-format",
            format);
    assertRefusedForItsSize(result);
  }

  @Test
  void aStatementOfAGigabyte() {
    assertRefusedForItsSize(gigabyte("INSERT INTO t VALUES('", "write", db));
    assertRefusedForItsSize(gigabyte("SELECT '", "read", db));
  }

  /** Runs the program on {@code head} and 1 GiB of "a", which is never in one place. */
  private Result gigabyte(String head, Object... words) {
    String script = "{ printf %s \"$HEAD\"; head -c 1073741824 /dev/zero | tr '\\0' a; } | \"$@\"";
    return Cli.command(words)
        .behind(List.of("sh", "-c", script, "sh"))
        .with("HEAD", head)
        .with("SQLITE_SAFE_JAVA_OPTS", "-Xmx400m -Djava.io.tmpdir=" + directory)
        .run();
  }

  private void assertRefusedForItsSize(Result result) {
    assertNotEquals(0, result.exit(), result::toString);
    assertNotEquals(70, result.exit(), result::toString);
    result.exits(result.exit()).says("sqlite-safe: ");
    assertTrue(
        result.err().contains("long") || result.err().contains("more than"), result::toString);
    assertTrue(result.err().length() < 2000, "the message repeats its input");
    assertUnchanged();
    assertEquals(List.of(db.getFileName().toString()), names(), "temporary files are left");
  }

  private List<String> names() {
    return List.of(java.util.Objects.requireNonNull(directory.toFile().list()));
  }

  private void assertUnchanged() {
    assertEquals(List.of("old"), Db.column(db, "SELECT v FROM t"));
    Db.assertNoLeftovers(db);
  }
}
