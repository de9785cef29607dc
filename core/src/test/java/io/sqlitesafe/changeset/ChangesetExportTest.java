package io.sqlitesafe.changeset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.capture.RandomTransaction;
import io.sqlitesafe.sql.OpenMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The difference of two files against an exact one, with and without a comparison of pages. */
class ChangesetExportTest {
  private static final int CASES = Boolean.getBoolean("sqlitesafe.long") ? 5_000 : 200;

  @TempDir Path directory;

  private Path base() {
    return directory.resolve("b'a?s e.db");
  }

  private Path now() {
    return directory.resolve("n#o%w.db");
  }

  private void run(Path file, List<String> sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA synchronous=OFF");
      for (String each : sql) {
        try {
          statement.execute(each);
        } catch (SQLException passedOver) {
          // part of the game
        }
      }
    }
  }

  private Exported export(boolean pages, ByteArrayOutputStream out, String... exclude)
      throws IOException {
    return export(pages, false, out, exclude);
  }

  private Exported export(
      boolean pages, boolean rowids, ByteArrayOutputStream out, String... exclude)
      throws IOException {
    try (FileChannel channel = pages ? FileChannel.open(now(), StandardOpenOption.READ) : null) {
      return ChangesetExport.run(
          new ExportRequest(
              new ExportRequest.Side(now(), now(), OpenMode.READ),
              new ExportRequest.Side(base(), base(), OpenMode.READ),
              Format.CHANGESET,
              List.of(),
              List.of(exclude),
              channel,
              false,
              2,
              false,
              rowids,
              ""),
          out,
          new Cancellation());
    }
  }

  private byte[] exact() throws SQLException {
    return exact(false);
  }

  private byte[] exact(boolean rowids) throws SQLException {
    try (Connection before = DriverManager.getConnection("jdbc:sqlite:" + base());
        Connection after = DriverManager.getConnection("jdbc:sqlite:" + now())) {
      return ExactDifference.bytes(
          ExactDifference.Content.of(before, rowids), ExactDifference.Content.of(after, rowids));
    }
  }

  /** Tables of several pages each, with rows that overflow. */
  private static List<String> bulk(Random random) {
    List<String> sql = new ArrayList<>();
    String rows =
        "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < %d) "
            .formatted(50 + random.nextInt(400));
    String values =
        " SELECT x, x * 0.5, zeroblob(x * 37 %% %d) FROM c".formatted(40 + random.nextInt(1500));
    sql.add("CREATE TABLE b1(k INTEGER PRIMARY KEY, a, b)");
    sql.add("CREATE TABLE b2(a, k TEXT PRIMARY KEY, b)");
    sql.add("CREATE TABLE b3(k TEXT, a, b, PRIMARY KEY(k)) WITHOUT ROWID");
    sql.add("CREATE TABLE b4(k INT PRIMARY KEY, a)");
    sql.add(rows + "INSERT INTO b1(k, a, b)" + values);
    sql.add(
        rows
            + "INSERT INTO b2(k, a, b)"
            + values.replace("SELECT x,", "SELECT 'key ' || (x * 7919 % 1009),"));
    sql.add(
        rows + "INSERT OR IGNORE INTO b3(k, a, b)" + values.replace("SELECT x,", "SELECT hex(x),"));
    sql.add("INSERT INTO b4 VALUES(1, 1), (2, 2)");
    return sql;
  }

  private static List<String> bulkChanges(Random random) {
    List<String> sql = new ArrayList<>();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      String table = "b" + (1 + random.nextInt(3));
      String where =
          " WHERE length(b) %% %d = %d".formatted(5 + random.nextInt(90), random.nextInt(5));
      sql.add(
          switch (random.nextInt(8)) {
            case 0 -> "DELETE FROM " + table + where;
            // the same length: the overflow pages are used again, and the leaf keeps its bytes
            case 1 ->
                "UPDATE " + table + " SET b = CAST(replace(hex(b), '00', 'x') AS BLOB)" + where;
            // only an overflow page changes
            case 7 ->
                "UPDATE "
                    + table
                    + " SET b = CAST(substr(b, 1, length(b) - 1) || 'z' AS BLOB)"
                    + where;
            case 2 -> "UPDATE " + table + " SET b = zeroblob(" + random.nextInt(3000) + ")" + where;
            case 3 -> "UPDATE " + table + " SET a = a + 1" + where;
            case 4 ->
                "INSERT INTO "
                    + table
                    + "(k, a, b) VALUES('"
                    + random.nextInt(2000)
                    + "', 1, x'01')";
            case 5 -> "UPDATE " + table + " SET k = '9' || k" + where;
            default -> "VACUUM";
          });
    }
    return sql;
  }

  @Test
  void equalsTheExactDifference() throws SQLException, IOException {
    int byPages = 0;
    for (long seed = 1; seed <= CASES; seed++) {
      Random random = new Random(seed);
      RandomTransaction transaction = RandomTransaction.of(seed);
      List<String> setUp = new ArrayList<>();
      setUp.add("PRAGMA page_size=" + (512 << random.nextInt(4)));
      setUp.add("PRAGMA auto_vacuum=" + random.nextInt(8) / 6);
      setUp.add(random.nextInt(10) == 0 ? "PRAGMA encoding='UTF-16'" : "PRAGMA encoding");
      setUp.add("BEGIN");
      setUp.addAll(transaction.setUp());
      setUp.addAll(bulk(random));
      setUp.add("COMMIT");
      List<String> changes = new ArrayList<>();
      if (random.nextInt(10) == 0) {
        changes.add("PRAGMA journal_mode=WAL");
      }
      changes.add("BEGIN");
      changes.addAll(transaction.script().stream().filter(sql -> !isDefinition(sql)).toList());
      changes.add("COMMIT");
      changes.addAll(bulkChanges(random));
      Files.deleteIfExists(base());
      run(base(), setUp);
      Files.copy(base(), now(), StandardCopyOption.REPLACE_EXISTING);
      run(now(), changes);

      byte[] expected = exact();
      String what = transaction + String.join(";\n", changes);
      ByteArrayOutputStream rows = new ByteArrayOutputStream();
      export(false, rows);
      assertArrayEquals(expected, rows.toByteArray(), () -> "rows: " + what);
      ByteArrayOutputStream pages = new ByteArrayOutputStream();
      Exported exported = export(true, pages);
      assertArrayEquals(expected, pages.toByteArray(), () -> "pages: " + what);
      byPages += exported.pages() != null ? 1 : 0;
      Files.deleteIfExists(now());
    }
    assertTrue(byPages > CASES / 2, byPages + " of " + CASES + " by pages");
  }

  @Test
  void tablesWithoutKeyByTheirRowids() throws SQLException, IOException {
    int byPages = 0;
    int cases = CASES / 4;
    for (long seed = 1; seed <= cases; seed++) {
      Random random = new Random(seed);
      RandomTransaction transaction = RandomTransaction.of(seed, RandomTransaction.Features.ROWIDS);
      List<String> setUp = new ArrayList<>(List.of("PRAGMA page_size=512", "BEGIN"));
      setUp.addAll(transaction.setUp());
      for (String each : bulk(random)) {
        setUp.add(each.replace("INTEGER PRIMARY KEY", "").replace("PRIMARY KEY, b", ", b"));
      }
      setUp.add("COMMIT");
      List<String> changes = new ArrayList<>(List.of("BEGIN"));
      changes.addAll(transaction.script());
      changes.add("COMMIT");
      changes.addAll(bulkChanges(random));
      changes.add("UPDATE b2 SET rowid = rowid + 1000 WHERE rowid > 20");
      Files.deleteIfExists(base());
      run(base(), setUp);
      Files.copy(base(), now(), StandardCopyOption.REPLACE_EXISTING);
      run(now(), changes);
      byte[] expected = exact(true);
      for (boolean pages : new boolean[] {false, true}) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Exported exported = export(pages, true, out);
        assertArrayEquals(
            expected, out.toByteArray(), () -> pages + ": " + transaction + changes.toString());
        assertTrue(
            exported.leftOut().stream().noneMatch(each -> each.reason().contains("PRIMARY KEY")));
        byPages += exported.pages() != null ? 1 : 0;
      }
      Files.deleteIfExists(now());
    }
    assertTrue(byPages > cases / 2, byPages + " of " + cases + " by pages");
  }

  private static boolean isDefinition(String sql) {
    return sql.startsWith("DROP") || sql.startsWith("ALTER") || sql.startsWith("CREATE TABLE");
  }

  /** SQLite overwrites a value of the same length in place: the leaf keeps its bytes. */
  @Test
  void anOverflowPageAloneIsADifference() throws SQLException, IOException {
    run(
        base(),
        List.of(
            "PRAGMA page_size=512",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, b)",
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 20)"
                + " INSERT INTO t SELECT x, zeroblob(x * 370 % 1500) FROM c"));
    Files.copy(base(), now());
    run(
        now(),
        List.of(
            "UPDATE t SET b = CAST(substr(b, 1, length(b) - 1) || 'z' AS BLOB) WHERE length(b) >"
                + " 700"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Exported exported = export(true, out);
    assertNotNull(exported.pages());
    assertEquals(12, exported.counts().updates());
    assertArrayEquals(exact(), out.toByteArray());
  }

  private static final String ROWS =
      "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 3000) ";

  /** By pages, and as exactly; returns what was told. */
  private Exported assertExactByPages() throws SQLException, IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Exported exported = export(true, out);
    assertNotNull(exported.pages(), String.valueOf(exported.allRowsBecause()));
    assertArrayEquals(exact(), out.toByteArray());
    return exported;
  }

  @Test
  void whatOnlyTheWriteAheadLogHasIsSeen() throws SQLException, IOException {
    run(
        base(),
        List.of(
            "CREATE TABLE t(k INTEGER PRIMARY KEY, a, b)",
            "CREATE TABLE w(k TEXT PRIMARY KEY, a) WITHOUT ROWID",
            ROWS + "INSERT INTO t SELECT x, x, 'text ' || x FROM c",
            ROWS + "INSERT INTO w SELECT 'key ' || x, x FROM c",
            "PRAGMA journal_mode=WAL"));
    Files.copy(base(), now());
    try (Connection writer = DriverManager.getConnection("jdbc:sqlite:" + now());
        Statement statement = writer.createStatement()) {
      statement.execute("UPDATE t SET a = -a WHERE k % 500 = 3");
      statement.execute("UPDATE w SET a = -a WHERE a % 700 = 3");
      assertEquals(11, assertExactByPages().counts().updates());
      statement.execute("PRAGMA wal_checkpoint"); // all is in the file, and still in the log
      statement.execute("DELETE FROM t WHERE k = 1"); // the log begins anew
      statement.execute(ROWS + "INSERT INTO t SELECT x + 5000, x, 'text ' || x FROM c");
      Exported exported = assertExactByPages();
      assertEquals(1, exported.counts().deletes());
      assertEquals(3000, exported.counts().inserts());
      statement.execute("BEGIN");
      statement.execute("PRAGMA cache_spill=1");
      statement.execute("PRAGMA cache_size=1");
      statement.execute("UPDATE t SET b = 'not committed, but in the log'");
      assertEquals(11, assertExactByPages().counts().updates());
    }
  }

  /** A row is its key, wherever it lies. */
  @Test
  void rowsThatLieElsewhereAreTheSame() throws SQLException, IOException {
    run(
        base(),
        List.of(
            "PRAGMA page_size=1024",
            "CREATE TABLE t(k TEXT PRIMARY KEY, a, b)",
            "CREATE TABLE i(k INTEGER PRIMARY KEY, a, b)",
            "CREATE TABLE w(a, k TEXT, b, PRIMARY KEY(b, k)) WITHOUT ROWID",
            ROWS + "INSERT INTO t SELECT 'key ' || (x * 7919 % 3001), x, zeroblob(x) FROM c",
            "INSERT INTO i SELECT a, k, b FROM t",
            ROWS + "INSERT INTO w SELECT x, 'key ' || (x * 7919 % 3001), x % 7 FROM c"));
    Files.copy(base(), now());
    run(
        now(),
        List.of(
            "UPDATE t SET rowid = rowid + 10000 WHERE a % 3 = 0",
            "UPDATE t SET b = 'other' WHERE a % 300 = 0",
            "UPDATE t SET b = NULL WHERE a % 300 = 1",
            "DELETE FROM i WHERE k < 1000",
            "UPDATE i SET a = 'other' WHERE k % 300 = 0",
            "DELETE FROM w WHERE b = 3 AND a < 400",
            "UPDATE w SET a = -1 WHERE a = 1000",
            "VACUUM"));
    Exported exported = assertExactByPages();
    assertEquals(10 + 10 + 7 + 1, exported.counts().updates());
  }

  @Test
  void rowsMayBeOlderThanAColumn() throws SQLException, IOException {
    run(
        base(),
        List.of(
            "CREATE TABLE t(k INTEGER PRIMARY KEY, a)",
            ROWS + "INSERT INTO t SELECT x, x FROM c",
            "ALTER TABLE t ADD COLUMN b REAL DEFAULT 1",
            "ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'it''s'",
            "ALTER TABLE t ADD COLUMN d DEFAULT -5",
            "ALTER TABLE t ADD COLUMN e",
            "INSERT INTO t(k) VALUES(9000)"));
    Files.copy(base(), now());
    run(now(), List.of("DELETE FROM t WHERE k % 100 = 0", "UPDATE t SET d = 7 WHERE k % 100 = 1"));
    assertEquals(31, assertExactByPages().counts().deletes());
  }

  /** TEXT makes '1' of the number, as the file does not say. */
  @Test
  void whatOnlySqliteKnowsItIsAskedFor() throws SQLException, IOException {
    run(
        base(),
        List.of(
            "CREATE TABLE t(k INTEGER PRIMARY KEY, a)",
            "INSERT INTO t VALUES(1, 1), (2, 2)",
            "ALTER TABLE t ADD COLUMN b TEXT DEFAULT 1"));
    Files.copy(base(), now());
    run(now(), List.of("DELETE FROM t WHERE k = 1"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Exported exported = export(true, out);
    assertNotNull(exported.allRowsBecause());
    assertArrayEquals(exact(), out.toByteArray());
  }

  /** A file that is no more what it was: an answer or an error, never anything else. */
  @Test
  void damagedPagesDoNoHarm() throws SQLException, IOException {
    run(
        base(),
        List.of(
            "PRAGMA page_size=512",
            "CREATE TABLE t(k TEXT PRIMARY KEY, a, b)",
            "CREATE TABLE i(k INTEGER PRIMARY KEY, a, b)",
            "CREATE TABLE w(k TEXT PRIMARY KEY, b) WITHOUT ROWID",
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 300)"
                + " INSERT INTO i SELECT x, x, zeroblob(x * 7 % 900) FROM c",
            "INSERT INTO t SELECT 'key ' || k, a, b FROM i",
            "INSERT INTO w SELECT 'key ' || k, b FROM i"));
    byte[] whole = Files.readAllBytes(base());
    Random random = new Random(1);
    int answers = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      for (int j = random.nextInt(8); j >= 0; j--) {
        int page = 1 + random.nextInt(damaged.length / 512 - 1);
        // mostly the page's head
        int at = random.nextBoolean() ? random.nextInt(20) : random.nextInt(512);
        damaged[page * 512 + at] = (byte) random.nextInt();
      }
      Files.write(now(), damaged);
      try {
        export(true, new ByteArrayOutputStream());
        answers++;
      } catch (SqliteSafeException expected) {
        assertTrue(String.valueOf(expected.getMessage()).contains(now().toString()));
      }
    }
    assertTrue(answers > 0);
  }

  @Test
  void tellsHowSchemasDiffer() throws SQLException, IOException {
    run(
        base(),
        List.of(
            "CREATE TABLE same(k INTEGER PRIMARY KEY, v)",
            "CREATE TABLE gone(k INTEGER PRIMARY KEY)",
            "CREATE TABLE wider(k INTEGER PRIMARY KEY)",
            "CREATE TABLE plain(a)",
            "CREATE VIRTUAL TABLE search USING fts5(body)"));
    Files.copy(base(), now());
    run(
        now(),
        List.of(
            "DROP TABLE gone",
            "ALTER TABLE wider ADD COLUMN more",
            "CREATE TABLE added(k INTEGER PRIMARY KEY)",
            "INSERT INTO same VALUES(1, 1)",
            "INSERT INTO search VALUES('x')"));
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> export(true, new ByteArrayOutputStream()));
    assertEquals(ErrorKind.PRECONDITION, e.kind());
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("gone: only in the baseline"), message);
    assertTrue(message.contains("wider: columns [k (key 1)] became [k (key 1), more]"), message);
    assertTrue(message.contains("added: not in the baseline"), message);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Exported exported = export(true, out, "GONE", "wider", "added");
    assertEquals(1, exported.counts().inserts());
    assertEquals(
        // plain is the same on both sides, so nothing of it is missing
        List.of("search"), exported.leftOut().stream().map(NotCaptured::table).toList());
  }
}
