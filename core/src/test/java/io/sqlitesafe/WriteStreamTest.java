package io.sqlitesafe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteStreamTest {
  private static final Work<Long> ADD = tx -> tx.update("UPDATE counter SET n = n + 1");

  @TempDir Path directory;

  private final Cancellation cancellation = new Cancellation();
  private WriteStream stream;
  private Path file;

  @BeforeEach
  void make() {
    file = directory.resolve("a.db");
    WriteOptions create =
        new WriteOptions(false, 0, new WriteOptions.NewDatabase(null, null, null));
    SafeDatabase.of(file)
        .write(
            create,
            tx -> {
              tx.update("CREATE TABLE counter(n)");
              return tx.update("INSERT INTO counter VALUES(0)");
            });
    Settings settings = Settings.defaults().withCancellation(cancellation);
    stream = SafeDatabase.of(file, settings).stream(() -> false, LockListener.SILENT);
    stream.group(true);
  }

  @AfterEach
  void nothingIsLeft() {
    stream.close();
    assertFalse(Files.exists(directory.resolve("a.db.lock")));
    assertFalse(Files.exists(directory.resolve("a.db-journal")));
  }

  private long counted() {
    return SafeDatabase.of(file).read(tx -> tx.integer("SELECT n FROM counter"));
  }

  @Test
  void nothingIsThereBeforeTheCommit() {
    stream.write(ADD);
    stream.write(ADD);
    assertTrue(stream.hasTime());
    assertEquals(0, counted());
    assertEquals(List.of(), stream.commit());
    assertFalse(stream.hasTime());
    assertEquals(2, counted());
  }

  @Test
  void closedWithoutACommitItIsRolledBack() {
    stream.write(ADD);
    stream.close();
    assertEquals(0, counted());
  }

  @Test
  void whatFailsIsUndoneAlone() {
    stream.write(ADD);
    assertThrows(
        SqliteSafeException.class,
        () ->
            stream.write(
                tx -> {
                  tx.update("UPDATE counter SET n = n + 10");
                  return tx.update("INSERT INTO nowhere VALUES(1)");
                }));
    assertTrue(stream.hasTime());
    stream.commit();
    assertEquals(1, counted());
  }

  @Test
  void whatRollsBackTheTransactionTakesTheOthersWithIt() {
    SafeDatabase.of(file).write(tx -> tx.update("CREATE UNIQUE INDEX i ON counter(n)"));
    stream.write(ADD);
    assertThrows(
        SqliteSafeException.class,
        () -> stream.write(tx -> tx.update("INSERT OR ROLLBACK INTO counter VALUES(1)")));
    assertFalse(stream.hasTime());
    assertEquals(ErrorKind.FAILED, assertThrows(SqliteSafeException.class, stream::commit).kind());
    assertEquals(0, counted());
  }

  /** It may have done half of its work, which no savepoint has undone. */
  @Test
  void anErrorOfTheRuntimeTakesTheOthersWithIt() {
    stream.write(ADD);
    assertThrows(
        StackOverflowError.class,
        () ->
            stream.write(
                tx -> {
                  tx.update("UPDATE counter SET n = n + 10");
                  throw new StackOverflowError();
                }));
    assertFalse(stream.hasTime());
    assertEquals(ErrorKind.FAILED, assertThrows(SqliteSafeException.class, stream::commit).kind());
    assertEquals(0, counted());
  }

  @Test
  void aLostLockKeepsAllOfThemOut() throws Exception {
    stream.write(ADD);
    stream.write(ADD);
    Path lock = directory.resolve("a.db.lock");
    try (var files = Files.list(lock)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(lock);
    assertEquals(
        ErrorKind.LOCK_LOST, assertThrows(SqliteSafeException.class, stream::commit).kind());
    assertEquals(0, counted());
  }

  @Test
  void aRequestToStopKeepsAllOfThemOut() {
    stream.write(ADD);
    cancellation.request(ErrorKind.TERMINATED);
    assertEquals(
        ErrorKind.TERMINATED, assertThrows(SqliteSafeException.class, stream::commit).kind());
    assertEquals(0, counted());
  }

  @Test
  void anythingElseHasToWaitForTheCommit() {
    stream.write(ADD);
    WriteOptions dryRun = new WriteOptions(true, 0, null);
    assertThrows(IllegalStateException.class, () -> stream.write(dryRun, ADD));
    stream.commit();
    stream.write(dryRun, ADD);
    assertEquals(1, counted());
  }

  @Test
  void deferredForeignKeysAreCommittedOneByOne() {
    SafeDatabase.of(file)
        .write(
            tx ->
                tx.update(
                    "CREATE TABLE child(id PRIMARY KEY, of REFERENCES child DEFERRABLE INITIALLY DEFERRED)"));
    stream.write(ADD);
    assertFalse(stream.hasTime());
    assertEquals(1, counted());
  }

  @Test
  void theLastRowidIsOnesOwn() {
    SafeDatabase.of(file).write(tx -> tx.update("CREATE TABLE t(id INTEGER PRIMARY KEY)"));
    Work<Long> rowid = tx -> tx.integer("SELECT last_insert_rowid()");
    stream.write(tx -> tx.update("INSERT INTO t VALUES(7)"));
    assertEquals(0, stream.write(rowid).value());
    stream.commit();
  }
}
