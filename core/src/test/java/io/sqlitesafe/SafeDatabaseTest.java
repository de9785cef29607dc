package io.sqlitesafe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.LockRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeDatabaseTest {
  private static final WriteOptions CREATE =
      new WriteOptions(false, 0, new WriteOptions.NewDatabase(8192, 77, 5));

  @TempDir Path scratch;
  private Path file;
  private SafeDatabase db;

  @BeforeEach
  void database() {
    file = scratch.resolve("it's a ?#%&=;ü.db");
    db = SafeDatabase.of(file);
    db.write(
        CREATE,
        tx -> {
          tx.update("CREATE TABLE stock(id INTEGER PRIMARY KEY, n INTEGER, v BLOB)");
          return tx.update("INSERT INTO stock VALUES(1, 10, x'00ff')");
        });
  }

  private long n() {
    return db.read(s -> s.integer("SELECT n FROM stock WHERE id = 1"));
  }

  private List<String> beside() throws Exception {
    try (Stream<Path> files = Files.list(scratch)) {
      return files.map(p -> String.valueOf(p.getFileName())).sorted().toList();
    }
  }

  @Test
  void aNewDatabaseGetsWhatWasAskedFor() throws Exception {
    assertEquals(8192L, (long) db.read(s -> s.integer("PRAGMA page_size")));
    assertEquals(77L, (long) db.read(s -> s.integer("PRAGMA application_id")));
    assertEquals(5L, (long) db.read(s -> s.integer("PRAGMA user_version")));
    assertEquals("delete", db.journalMode(null));
    assertEquals(List.of(String.valueOf(file.getFileName())), beside());
  }

  @Test
  void everyConnectionIsOpenedSafely() {
    db.write(
        tx -> {
          assertEquals(2L, (long) tx.integer("PRAGMA synchronous"));
          assertEquals(1L, (long) tx.integer("PRAGMA foreign_keys"));
          return true;
        });
  }

  @Test
  void anExceptionRollsEverythingBack() throws Exception {
    assertThrows(
        IllegalStateException.class,
        () ->
            db.write(
                tx -> {
                  tx.update("UPDATE stock SET n = 0");
                  throw new IllegalStateException("a bug of the caller");
                }));
    assertEquals(10, n());
    assertEquals(1, beside().size());
  }

  @Test
  void aDryRunChangesNothing() {
    Written<Long> written =
        db.write(new WriteOptions(true, 0, null), tx -> tx.update("UPDATE stock SET n = 0"));
    assertEquals(1L, (long) written.value());
    assertFalse(written.committed());
    assertEquals(10, n());
  }

  @Test
  void aFailedCreationLeavesNoFile() {
    SafeDatabase other = SafeDatabase.of(scratch.resolve("other.db"));
    assertThrows(
        SqliteSafeException.class, () -> other.write(CREATE, tx -> tx.update("CREATE TABL t(a)")));
    other.write(new WriteOptions(true, 0, CREATE.create()), tx -> tx.update("CREATE TABLE t(a)"));
    assertFalse(Files.exists(scratch.resolve("other.db")));
  }

  @Test
  void severalStatementsInOneStringAreRefusedInsteadOfHalfRun() {
    for (String sql : List.of("UPDATE stock SET n = 0; DELETE FROM stock", "", " ; -- nothing")) {
      SqliteSafeException e =
          assertThrows(SqliteSafeException.class, () -> db.write(tx -> tx.update(sql)));
      assertEquals(ErrorKind.USAGE, e.kind());
    }
    assertEquals(10, n());
  }

  @Test
  void theTransactionIsNotTheWorksToEnd() {
    for (String sql : List.of("COMMIT", "ROLLBACK", "PRAGMA journal_mode=OFF", "VACUUM")) {
      SqliteSafeException e =
          assertThrows(
              SqliteSafeException.class,
              () ->
                  db.write(
                      tx -> {
                        tx.update("UPDATE stock SET n = 0");
                        return tx.update(sql);
                      }));
      assertEquals(ErrorKind.USAGE, e.kind());
    }
    assertEquals(10, n());
  }

  @Test
  void readingNeverWrites() {
    SqliteSafeException e =
        assertThrows(
            SqliteSafeException.class, () -> db.read(s -> s.update("UPDATE stock SET n = 0")));
    assertEquals(ErrorKind.FAILED, e.kind());
    assertEquals(10, n());
  }

  @Test
  void aMissingFileIsNotMade() throws Exception {
    SafeDatabase missing = SafeDatabase.of(scratch.resolve("missing.db"));
    for (Callable<?> call :
        List.<Callable<?>>of(
            () -> missing.read(s -> s.integer("SELECT 1")),
            () -> missing.write(tx -> tx.update("CREATE TABLE t(a)")),
            () -> missing.withLock(lock -> 1),
            () -> missing.journalMode("wal"),
            () -> missing.inspectLock())) {
      SqliteSafeException e = assertThrows(SqliteSafeException.class, call::call);
      assertEquals(ErrorKind.NO_DATABASE, e.kind());
    }
    assertEquals(1, beside().size());
  }

  @Test
  void threadsExcludeEachOtherWhetherOrNotTheyShareAnObject() throws Exception {
    int threads = 8;
    int each = 25;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Integer>> done = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        SafeDatabase mine =
            t % 2 == 0 ? db : SafeDatabase.of(file, Settings.defaults().withPatience(null));
        done.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    mine.write(
                        tx -> {
                          long n = tx.integer("SELECT n FROM stock WHERE id = 1");
                          return tx.update("UPDATE stock SET n = ? WHERE id = 1", n + 1);
                        });
                  }
                  return each;
                }));
      }
      for (Future<Integer> future : done) {
        future.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertEquals(10 + threads * each, n());
    assertEquals(1, beside().size());
  }

  @Test
  void aWriteInsideAWriteIsRefusedInsteadOfWaitingForItself() {
    SqliteSafeException e =
        assertThrows(
            SqliteSafeException.class,
            () -> db.write(tx -> db.write(inner -> inner.update("UPDATE stock SET n = 0"))));
    assertEquals(ErrorKind.USAGE, e.kind());
  }

  @Test
  void aSecondProcessIsToldWhoIsIn() {
    SafeDatabase hurried =
        SafeDatabase.of(
            file, Settings.defaults().withPatience(Duration.ZERO).withCommand("second"));
    db.withLock(
        lock -> {
          SqliteSafeException e =
              assertThrows(
                  SqliteSafeException.class,
                  () -> hurried.write(tx -> tx.update("DELETE FROM stock")));
          assertEquals(ErrorKind.LOCK_BUSY, e.kind());
          assertEquals(lock.token().hex(), e.details().get("token"));
          assertEquals(InspectResult.Verdict.HELD, hurried.inspectLock().verdict());
          return true;
        });
    assertEquals(InspectResult.Verdict.FREE, hurried.inspectLock().verdict());
  }

  @Test
  void anOptimisticWriteThatMeetsAChangeComputesAgain() {
    AtomicInteger runs = new AtomicInteger();
    Written<Long> written =
        db.optimisticWrite(
            baseline -> {
              long n = number(baseline.unchanged("SELECT n, v FROM stock WHERE id = ?", 1));
              baseline.schemaUnchanged();
              if (runs.incrementAndGet() == 1) {
                SafeDatabase.of(file).write(tx -> tx.update("UPDATE stock SET n = 100"));
              }
              return tx -> tx.update("UPDATE stock SET n = ? WHERE id = 1", n + 1);
            },
            new RetryPolicy(3, Duration.ZERO, Duration.ZERO));
    assertEquals(1L, (long) written.value());
    assertEquals(2, runs.get());
    assertEquals(101, n());
  }

  private static long number(List<java.util.Map<String, Object>> rows) {
    return rows.get(0).get("n") instanceof Number n ? n.longValue() : -1;
  }

  @Test
  void anOptimisticWriteGivesUpAfterItsLastConflict() {
    AtomicInteger runs = new AtomicInteger();
    SqliteSafeException e =
        assertThrows(
            SqliteSafeException.class,
            () ->
                db.optimisticWrite(
                    baseline -> {
                      baseline.schemaUnchanged();
                      int run = runs.incrementAndGet();
                      SafeDatabase.of(file).write(tx -> tx.update("CREATE TABLE t" + run + "(a)"));
                      return tx -> tx.update("UPDATE stock SET n = 0");
                    },
                    new RetryPolicy(2, Duration.ZERO, Duration.ZERO)));
    assertEquals(ErrorKind.PRECONDITION, e.kind());
    assertEquals(2, runs.get());
    assertEquals(10, n());
  }

  @Test
  void aWalDatabaseStaysOne() throws Exception {
    assertEquals("wal", db.journalMode("wal"));
    db.write(tx -> tx.update("UPDATE stock SET n = 11"));
    assertEquals(11, n());
    assertEquals("wal", db.journalMode(null));
    assertTrue(db.checkpoint(JournalMode.CheckpointMode.TRUNCATE).complete());
    assertEquals("delete", db.journalMode("delete"));
    assertEquals(1, beside().size());
  }

  @Test
  void journalModesThatLoseDataAreRefused() {
    for (String mode : List.of("off", "memory", "truncate", "nonsense")) {
      SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> db.journalMode(mode));
      assertEquals(ErrorKind.USAGE, e.kind());
    }
  }

  @Test
  void theOtherModeOfAccessIsRefused() throws Exception {
    Files.createDirectory(file.resolveSibling(file.getFileName() + ".lock.readers"));
    SafeDatabase trusted =
        SafeDatabase.of(file, Settings.defaults().withAccess(AccessMode.TRUSTED));
    for (Callable<?> call :
        List.<Callable<?>>of(
            () -> trusted.read(s -> s.integer("SELECT 1")),
            () -> trusted.write(tx -> tx.update("SELECT 1")))) {
      SqliteSafeException e = assertThrows(SqliteSafeException.class, call::call);
      assertEquals(ErrorKind.UNSAFE, e.kind());
    }
  }

  @Test
  void theDefaultsAreTheProtocols() {
    assertEquals(Duration.ofSeconds(30), LockRequest.DEFAULT_WAIT);
    assertEquals(LockRequest.DEFAULT_WAIT, Settings.defaults().patience());
  }
}
