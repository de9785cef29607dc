package io.sqlitesafe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.sql.OpenMode;
import io.sqlitesafe.sql.RowSink;
import io.sqlitesafe.sql.SqlStatement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SafeSessionTest {
  @TempDir Path scratch;
  private Path file;
  private SafeSession session;

  /** Rows of the last statement, and whether they were handed out before the commit. */
  private final List<List<@Nullable Object>> rows = new ArrayList<>();

  private boolean uncommitted;

  @BeforeEach
  void open() {
    file = scratch.resolve("it's a ?#%.db");
    SafeDatabase.of(file)
        .write(
            new WriteOptions(false, 0, new WriteOptions.NewDatabase(null, null, null)),
            tx -> tx.update("CREATE TABLE t(n INTEGER PRIMARY KEY, v UNIQUE)"));
    session = session(impatient());
  }

  @AfterEach
  void close() throws Exception {
    session.close();
    try (Stream<Path> left = Files.list(scratch)) {
      List<String> names = left.map(p -> String.valueOf(p.getFileName())).sorted().toList();
      assertTrue(names.stream().allMatch(name -> name.endsWith(".db")), names::toString);
    }
  }

  private static Settings impatient() {
    return Settings.defaults().withPatience(Duration.ZERO);
  }

  private SafeSession session(Settings settings) {
    return SafeDatabase.of(file, settings).session(false);
  }

  private SafeSession.Outcome run(String sql) {
    rows.clear();
    return session.run(
        new SqlStatement(sql, 1, 1),
        Map.of("five", 5L),
        early -> {
          uncommitted = early;
          return names ->
              (RowSink.Rows.OfValues)
                  values -> {
                    List<@Nullable Object> row = new ArrayList<>();
                    for (Object value : values) {
                      row.add(value);
                    }
                    rows.add(row);
                  };
        });
  }

  private SqliteSafeException refused(String sql) {
    return assertThrows(SqliteSafeException.class, () -> run(sql));
  }

  private long count() {
    return SafeDatabase.of(file, impatient()).read(s -> s.integer("SELECT count(*) FROM t"));
  }

  private boolean isLocked() {
    return SafeDatabase.of(file).inspectLock().verdict() != InspectResult.Verdict.FREE;
  }

  @Test
  void readingTakesNoLock() {
    LockManager locks = locks();
    try (DatabaseLock other = locks.acquire(LockRequest.defaults("other"))) {
      run("SELECT :five + 1");
      assertEquals(List.of(List.of(6L)), rows);
      assertFalse(uncommitted);
    }
  }

  private LockManager locks() {
    try {
      return LockManager.of(LockPaths.of(file));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aWritingStatementIsATransactionOfItsOwn() {
    assertEquals(
        new SafeSession.Outcome(2, 2), run("INSERT INTO t VALUES(1,'a'),(2,'b') RETURNING n"));
    assertTrue(uncommitted, "rows of a write must wait for its commit");
    assertEquals(2, count());
    session.rest(); // what is kept for the next statement
    assertFalse(isLocked());
    run("WITH x(n) AS (SELECT 3) INSERT INTO t(n) SELECT n FROM x");
    run("PRAGMA user_version=7");
    run("PRAGMA user_version");
    assertEquals(List.of(List.of(7L)), rows);
    assertEquals(3, count());
  }

  @Test
  void aWritingStatementWaitsForTheLock() {
    try (DatabaseLock other = locks().acquire(LockRequest.defaults("other"))) {
      assertEquals(ErrorKind.LOCK_BUSY, refused("DELETE FROM t").kind());
    }
    run("DELETE FROM t");
  }

  @Test
  void functionsAboutTheLastWriteTellOfIt() {
    run("INSERT INTO t VALUES(41,'a'),(42,'b')");
    run("SELECT last_insert_rowid(), changes()");
    assertEquals(List.of(List.of(42L, 2L)), rows);
  }

  @Test
  void beginHoldsTheLockUntilCommit() {
    run("BEGIN");
    assertTrue(session.status().inTransaction());
    assertTrue(isLocked());
    run("INSERT INTO t VALUES(1,'a')");
    run("SELECT count(*) FROM t");
    assertEquals(List.of(List.of(1L)), rows);
    assertEquals(0, count());
    run("COMMIT");
    assertFalse(session.status().inTransaction());
    assertFalse(isLocked());
    assertEquals(1, count());
  }

  @Test
  void rollbackAndCloseUndo() {
    run("BEGIN EXCLUSIVE TRANSACTION");
    run("INSERT INTO t VALUES(1,'a')");
    run("ROLLBACK");
    assertFalse(isLocked());
    run("BEGIN");
    run("INSERT INTO t VALUES(1,'a')");
    session.close();
    assertFalse(isLocked());
    assertEquals(0, count());
  }

  @Test
  void savepointsAndTemporaryTablesWorkInATransaction() {
    assertEquals(ErrorKind.USAGE, refused("SAVEPOINT a").kind());
    assertEquals(ErrorKind.USAGE, refused("CREATE TEMP TABLE x(y)").kind());
    run("BEGIN");
    run("CREATE TEMP TABLE x AS SELECT 1 AS y");
    run("SAVEPOINT a");
    run("INSERT INTO t SELECT y, 'a' FROM x");
    run("ROLLBACK TO a");
    run("INSERT INTO t VALUES(2,'b')");
    run("RELEASE a");
    run("COMMIT");
    assertEquals(1, count());
  }

  @Test
  void aFailedStatementLeavesTheTransactionOpen() {
    run("BEGIN");
    run("INSERT INTO t VALUES(1,'a')");
    SqliteSafeException e = refused("INSERT INTO t VALUES(1,'b')");
    assertTrue(String.valueOf(e.hint()).contains("still open"), e.hint());
    run("COMMIT");
    assertEquals(1, count());
  }

  @Test
  void aTransactionThatSqliteEndedIsOver() {
    run("BEGIN");
    run("INSERT INTO t VALUES(1,'a')");
    SqliteSafeException e = refused("INSERT OR ROLLBACK INTO t VALUES(1,'b')");
    assertTrue(String.valueOf(e.getMessage()).contains("rolled the whole transaction back"));
    assertFalse(session.status().inTransaction());
    assertFalse(isLocked());
    run("INSERT INTO t VALUES(2,'b')");
    assertEquals(1, count());
  }

  @Test
  void aRefusedCommitKeepsTheTransaction() {
    run("PRAGMA foreign_keys=ON");
    run("CREATE TABLE c(n REFERENCES t(n) DEFERRABLE INITIALLY DEFERRED)");
    run("BEGIN");
    run("INSERT INTO c VALUES(9)");
    refused("COMMIT");
    assertTrue(session.status().inTransaction());
    run("INSERT INTO t VALUES(9,'a')");
    run("COMMIT");
    assertEquals(1, count());
  }

  @Test
  void aCommitWaitsForReadersAndCanBeRepeated() throws Exception {
    run("BEGIN");
    run("INSERT INTO t VALUES(1,'a')");
    try (Database reader = Database.open(file, OpenMode.READ, Duration.ZERO, new Cancellation())) {
      reader.execute("BEGIN; SELECT * FROM t");
      assertEquals(ErrorKind.LOCK_BUSY, refused("COMMIT").kind());
      assertTrue(session.status().inTransaction());
    }
    run("COMMIT");
    assertEquals(1, count());
  }

  @Test
  void settingsHoldForEveryConnection() {
    run("PRAGMA foreign_keys=OFF");
    run("CREATE TABLE c(n REFERENCES t(n))");
    run("INSERT INTO c VALUES(9)");
    run("PRAGMA foreign_keys=ON");
    refused("INSERT INTO c VALUES(10)");
  }

  @Test
  void whatWouldEscapeTheLockIsRefused() {
    for (String sql :
        List.of(
            "VACUUM",
            "PRAGMA journal_mode=WAL",
            "PRAGMA locking_mode=EXCLUSIVE",
            "VACUUM INTO 'x'")) {
      assertEquals(ErrorKind.USAGE, refused(sql).kind(), sql);
    }
    for (String sql : List.of("COMMIT", "ROLLBACK", "END")) {
      assertEquals(ErrorKind.USAGE, refused(sql).kind(), sql);
    }
    run("BEGIN");
    assertEquals(ErrorKind.USAGE, refused("BEGIN").kind());
    run("ROLLBACK");
  }

  @Test
  void anAttachedDatabaseCanBeReadAndNotWritten() {
    Path other = scratch.resolve("o'ther?.db");
    SafeDatabase.of(other)
        .write(
            new WriteOptions(false, 0, new WriteOptions.NewDatabase(null, null, null)),
            tx -> tx.update("CREATE TABLE x AS SELECT 7 AS n"));
    session.setDirectory(scratch);
    run("ATTACH DATABASE 'o''ther' || '?.db' AS \"odd name\"");
    run("SELECT n FROM \"odd name\".x");
    assertEquals(List.of(List.of(7L)), rows);
    run("INSERT INTO t SELECT n, 'a' FROM x"); // in the writer's connection too
    assertEquals(1, count());
    SqliteSafeException e = refused("DELETE FROM x");
    assertTrue(String.valueOf(e.hint()).contains("read-only"), e.hint());
    session.rest();
    assertFalse(isLocked());
    run("DETACH [odd name]");
    refused("SELECT n FROM x");
    assertEquals(ErrorKind.USAGE, refused("ATTACH ':memory:' AS m").kind());
    assertEquals(ErrorKind.NO_DATABASE, refused("ATTACH 'nothing.db' AS m").kind());
    assertEquals(
        ErrorKind.USAGE,
        refused("ATTACH '" + file.toString().replace("'", "''") + "' AS m").kind());
  }

  @Test
  void aReadOnlySessionWritesNothing() {
    try (SafeSession reading = SafeDatabase.of(file, impatient()).session(true)) {
      for (String sql : List.of("DELETE FROM t", "BEGIN", "CREATE TABLE x(y)")) {
        SqliteSafeException e =
            assertThrows(
                SqliteSafeException.class,
                () ->
                    reading.run(
                        new SqlStatement(sql, 1, 1),
                        Map.of(),
                        early -> counting(new CountDownLatch(1))));
        assertEquals(ErrorKind.USAGE, e.kind(), sql);
      }
      assertThrows(SqliteSafeException.class, () -> reading.write(s -> s.update("DELETE FROM t")));
    }
  }

  @Test
  void anotherFileOfTheSameNameIsSeen() throws Exception {
    run("SELECT count(*) FROM t");
    Path other = scratch.resolve("new.db");
    SafeDatabase.of(other)
        .write(
            new WriteOptions(false, 0, new WriteOptions.NewDatabase(null, null, null)),
            tx -> tx.update("CREATE TABLE t AS SELECT 1 AS n"));
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    run("SELECT count(*) FROM t");
    assertEquals(List.of(List.of(1L)), rows);
  }

  @Test
  void aWriteOfMuchIsAllOrNothing() {
    assertThrows(
        SqliteSafeException.class,
        () ->
            session.write(
                s -> {
                  s.update("INSERT INTO t VALUES(1,'a')");
                  return s.update("INSERT INTO t VALUES(1,'b')");
                }));
    assertEquals(0, count());
    run("BEGIN");
    run("INSERT INTO t VALUES(5,'e')");
    assertThrows(
        SqliteSafeException.class,
        () ->
            session.write(
                s -> {
                  s.update("INSERT INTO t VALUES(1,'a')");
                  return s.update("INSERT INTO t VALUES(1,'b')");
                }));
    run("COMMIT");
    assertEquals(1, count());
  }

  @Test
  void aLostLockIsToldAndRolledBackAtOnce() throws Exception {
    session.close();
    CountDownLatch told = new CountDownLatch(1);
    session =
        session(
            impatient()
                .withTimes(new LockTimes(Duration.ofSeconds(1), Duration.ofSeconds(60)))
                .withListener(
                    new LockListener() {
                      @Override
                      public void lost() {
                        told.countDown();
                      }
                    }));
    run("BEGIN");
    run("INSERT INTO t VALUES(1,'a')");
    LockToken token =
        java.util.Objects.requireNonNull(SafeDatabase.of(file).inspectLock().holder()).token();
    locks().forceBreak(token, false);
    // The next owner waits for RESERVED: it gets in although nobody touches the session.
    SafeDatabase.of(file).write(tx -> tx.update("INSERT INTO t VALUES(2,'b')"));
    told.await();
    assertEquals(ErrorKind.LOCK_LOST, refused("INSERT INTO t VALUES(3,'c')").kind());
    assertFalse(session.status().inTransaction());
    assertEquals(1, count());
    run("INSERT INTO t VALUES(3,'c')");
    assertEquals(2, count());
  }

  @Test
  void aLostLockCannotCommit() {
    run("BEGIN");
    run("INSERT INTO t VALUES(1,'a')");
    LockToken token =
        java.util.Objects.requireNonNull(SafeDatabase.of(file).inspectLock().holder()).token();
    locks().forceBreak(token, false);
    assertEquals(ErrorKind.LOCK_LOST, refused("COMMIT").kind());
    assertEquals(0, count());
  }

  @Test
  void interruptsAStatementAndWaiting() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      CountDownLatch waits = new CountDownLatch(1);
      session.close();
      session =
          session(
              Settings.defaults()
                  .withListener(
                      new LockListener() {
                        @Override
                        public void waiting(@Nullable Holder holder, Duration waited) {
                          waits.countDown();
                        }
                      }));
      try (DatabaseLock other = locks().acquire(LockRequest.defaults("other"))) {
        Future<?> waiting = thread.submit(() -> refusedAs(ErrorKind.INTERRUPTED, "DELETE FROM t"));
        waits.await();
        session.interrupt();
        waiting.get();
      }
      CountDownLatch runs = new CountDownLatch(1);
      Future<?> running =
          thread.submit(
              () ->
                  assertEquals(
                      ErrorKind.INTERRUPTED,
                      assertThrows(
                              SqliteSafeException.class,
                              () ->
                                  session.run(
                                      new SqlStatement(
                                          "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1"
                                              + " FROM r) SELECT i FROM r",
                                          1,
                                          1),
                                      Map.of(),
                                      early -> counting(runs)))
                          .kind()));
      runs.await();
      session.interrupt();
      running.get();
      run("INSERT INTO t VALUES(1,'a')");
      assertEquals(1, count());
    } finally {
      thread.shutdownNow();
    }
  }

  private static final String LONG =
      "SELECT max(i) FROM (WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r"
          + " LIMIT 3000000000) SELECT i FROM r)";

  /** SQLite forgets an interrupt that comes when no statement runs. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anInterruptBetweenTwoStatementsOfOneOperationCounts(boolean writing) {
    Work<Object> work =
        now -> {
          now.integer("SELECT 1");
          session.interrupt();
          return now.integer(LONG);
        };
    SqliteSafeException e =
        assertThrows(
            SqliteSafeException.class,
            () -> {
              Object none = writing ? session.write(work) : session.read(work);
            });
    assertEquals(ErrorKind.INTERRUPTED, e.kind());
    run("INSERT INTO t VALUES(1,'a')"); // which the interrupt does not reach
    session.interrupt();
    run("INSERT INTO t VALUES(2,'b')"); // nor this one, made while nothing ran
    assertEquals(2, count());
  }

  /** Between two operations, too: a script is stopped by it wherever it is. */
  @Test
  void theCancellationOfTheSettingsStopsASessionForGood() {
    session.close();
    Cancellation cancellation = new Cancellation();
    session = session(impatient().withCancellation(cancellation));
    run("BEGIN");
    run("INSERT INTO t VALUES(1,'a')");
    cancellation.request(ErrorKind.TERMINATED);
    refusedAs(ErrorKind.TERMINATED, "INSERT INTO t VALUES(2,'b')");
    refusedAs(ErrorKind.TERMINATED, "COMMIT");
    refusedAs(ErrorKind.TERMINATED, "SELECT 1");
    session.rollback();
    assertFalse(isLocked());
    assertEquals(0, count());
  }

  private void refusedAs(ErrorKind kind, String sql) {
    assertEquals(kind, refused(sql).kind());
  }

  private static RowSink counting(CountDownLatch first) {
    return names -> (RowSink.Rows.OfValues) values -> first.countDown();
  }

  @Test
  void anIdleTransactionCanBeRolledBack() {
    assertFalse(session.rollbackIfIdle(Duration.ZERO));
    run("BEGIN");
    assertFalse(session.rollbackIfIdle(Duration.ofHours(1)));
    assertTrue(session.rollbackIfIdle(Duration.ZERO));
    assertFalse(isLocked());
  }

  @Test
  void parametersNeedValues() {
    SqliteSafeException e = refused("SELECT :six");
    assertEquals(ErrorKind.USAGE, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains(":six"));
  }

  @Test
  void whatACrashedWriterLeftOfAChangesetIsTold() throws Exception {
    Path changes = scratch.toRealPath().resolve("changes");
    Files.writeString(
        LockPaths.of(file).changesetPending(),
        "sqlite-safe changeset-pending 1\n0123456789abcdef\n" + changes + "\n");
    Files.writeString(changes.resolveSibling("changes.0123456789abcdef.tmp"), "half");
    List<String> told = new ArrayList<>();
    session.close();
    session =
        session(
            impatient()
                .withListener(
                    new LockListener() {
                      @Override
                      public void tidied(String message) {
                        told.add(message);
                      }
                    }));
    run("INSERT INTO t VALUES(1,2)");
    assertEquals(1, told.size());
    assertTrue(told.get(0).startsWith("discarded the changeset for " + changes), told::toString);
  }
}
