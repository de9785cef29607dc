package io.sqlitesafe.internal.db;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class EmptyFileTest {
  /** More than the cache holds: the journal is synced, and its header complete. */
  private static final String SPILL =
      "INSERT INTO t WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c LIMIT 200)"
          + " SELECT randomblob(3000) FROM c";

  @TempDir Path directory;

  private static Database open(Path file, OpenMode mode) {
    return Database.open(file, mode, Duration.ZERO, new Cancellation());
  }

  /** What a transaction of that many statements has beside an open database. */
  private byte[] beside(String suffix, String... statements) throws SQLException, IOException {
    Path file = directory.resolve("source" + suffix);
    try (Database database = open(file, OpenMode.CREATE)) {
      for (String statement : statements) {
        database.execute(statement);
      }
      return Files.readAllBytes(sibling(file, suffix));
    }
  }

  private static Path sibling(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  private void assertKept(String suffix, byte[] content) throws IOException {
    Path file = directory.resolve("app.db");
    Path beside = Files.write(sibling(file, suffix), content);
    assertRefused(() -> open(file, OpenMode.CREATE).close());
    Files.createFile(file);
    assertEquals(beside, EmptyFile.remains(file));
    assertRefused(() -> open(file, OpenMode.READ).close());
    assertRefused(() -> open(file, OpenMode.WRITE).close());
    assertRefused(() -> Database.isWal(file));
    assertArrayEquals(content, Files.readAllBytes(beside));
  }

  private static void assertRefused(Executable opening) {
    SqliteSafeException e = assertThrows(SqliteSafeException.class, opening);
    assertEquals(ErrorKind.UNSAFE, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains("SQLite would delete"), e::toString);
  }

  @Test
  void aLogIsKept() throws Exception {
    assertKept("-wal", beside("-wal", "PRAGMA journal_mode=WAL", "CREATE TABLE t(v)"));
  }

  @Test
  void aJournalWithPagesIsKept() throws Exception {
    assertKept(
        "-journal", beside("-journal", "PRAGMA cache_size=2", "CREATE TABLE t(v)", "BEGIN", SPILL));
  }

  @Test
  void aJournalOfTheFirstTransactionMayGo() throws Exception {
    byte[] first = beside("-journal", "PRAGMA cache_size=2", "BEGIN; CREATE TABLE t(v)", SPILL);
    Path file = Files.createFile(directory.resolve("app.db"));
    Path journal = Files.write(sibling(file, "-journal"), first);
    assertNull(EmptyFile.remains(file));
    try (Database database = open(file, OpenMode.WRITE)) {
      database.execute("CREATE TABLE t(v)");
    }
    assertTrue(Files.size(file) > 0);
    assertTrue(Files.notExists(journal));
  }

  @Test
  void besideAFileWithContentNothingIsLookedAt() throws Exception {
    Path file = directory.resolve("app.db");
    try (Database database = open(file, OpenMode.CREATE)) {
      database.execute("CREATE TABLE t(v)");
    }
    Files.write(sibling(file, "-wal"), new byte[4096]);
    assertNull(EmptyFile.remains(file));
  }
}
