package io.sqlitesafe.internal.owner;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import io.sqlitesafe.WriteOptions;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.FileTerms;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.sql.Handle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An owner between two operations of one process, on real files. */
class KeeperTest {
  private static final LockRequest REQUEST = LockRequest.defaults("write");

  @TempDir Path directory;
  private Path file;
  private Keeper keeper = new Keeper(() -> false, LockListener.SILENT, Duration.ofHours(1));

  @BeforeEach
  void make() {
    file = create("a.db");
  }

  private Path create(String name) {
    Path made = directory.resolve(name);
    WriteOptions create =
        new WriteOptions(false, 0, new WriteOptions.NewDatabase(null, null, null));
    SafeDatabase.of(made)
        .write(
            create,
            tx -> {
              tx.update("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
              return tx.update("INSERT INTO t VALUES(7, 'a')");
            });
    return made;
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    keeper.close();
    try (var files = Files.list(directory)) {
      assertEquals(0, files.filter(each -> each.toString().contains(".lock")).count());
    }
  }

  private Site site(LockRequest request) {
    return keeper.site(file, request, FileTerms.NONE, Optional.empty());
  }

  private record Seen(LockToken token, Database database, Object value) {}

  private Seen once(LockRequest request, Function<Handle, Object> work) {
    Owner owner = keeper.enter(site(request));
    boolean done = false;
    try {
      owner.open(Opening.PLAIN, Duration.ofSeconds(10));
      Seen seen;
      try (OwnedTransaction transaction = keeper.begin(owner)) {
        Object value = requireNonNull(work.apply(transaction.handle()));
        transaction.commit(true);
        seen = new Seen(owner.lock().token(), owner.database(), value);
      }
      done = true;
      return seen;
    } finally {
      keeper.leave(owner, done);
    }
  }

  private Seen once(String sql) {
    return once(REQUEST, tx -> tx.update(sql));
  }

  private boolean isHeld() {
    return Files.exists(directory.resolve(file.getFileName() + ".lock"));
  }

  private long count(String x) {
    return SafeDatabase.of(file).read(tx -> tx.integer("SELECT count(*) FROM t WHERE x = ?", x));
  }

  @Test
  void lockAndConnectionAreKept() {
    Seen first = once("INSERT INTO t(x) VALUES(1)");
    assertTrue(isHeld());
    Seen second = once("INSERT INTO t(x) VALUES(2)");
    assertEquals(first.token, second.token);
    assertSame(first.database, second.database);
    keeper.release();
    assertFalse(isHeld());
    assertFalse(FileUse.openBy(file).contains(ProcessHandle.current().pid()), "it is open");
    assertNotEquals(first.token, once("DELETE FROM t").token);
  }

  /** Each with what a connection of its own would say. */
  @Test
  void nothingTellsOfTheWriteBefore() {
    String tell =
        "SELECT last_insert_rowid() || ' ' || changes() || ' ' || total_changes()"
            + " || ' ' || (SELECT count(*) FROM pragma_database_list WHERE name <> 'temp')";
    Function<Handle, Object> look = tx -> requireNonNull(tx.value(tell));
    String alone = String.valueOf(once(REQUEST, look).value);
    assertEquals("0 0 0 1", alone);
    Seen before = once("INSERT INTO t SELECT id + 100, x FROM t");
    Seen after = once(REQUEST, look);
    assertSame(before.database, after.database);
    assertEquals(alone, after.value);
    once("INSERT INTO t(x) VALUES(5), (6)");
    assertEquals(
        "500 1 1 1",
        once(
                REQUEST,
                tx -> {
                  tx.update("INSERT INTO t(id, x) VALUES(500, 1)");
                  return requireNonNull(tx.value(tell));
                })
            .value);
  }

  @Test
  void whatLeavesTracesEndsTheConnection() {
    for (String sql :
        new String[] {
          "PRAGMA cache_size=7",
          "CREATE TEMP TABLE left(x)",
          "CREATE TABLE other" + "(x)",
          "INSERT INTO temp.last_rowid_reset VALUES(9)"
        }) {
      Database first = once("INSERT INTO t(x) VALUES(1)").database;
      if (!sql.contains("temp.")) {
        once(
            REQUEST,
            tx -> {
              tx.rows(sql);
              return 0;
            });
      } else {
        once("DELETE FROM t WHERE id = 1"); // the table is there from the second use on
        once(sql);
      }
      assertNotSame(first, once("INSERT INTO t(x) VALUES(2)").database, sql);
    }
    Database first = once("INSERT INTO t(x) VALUES(1)").database;
    assertSame(first, once(REQUEST, Handle::connection).database);
    assertNotSame(first, once("INSERT INTO t(x) VALUES(1)").database);
  }

  @Test
  void whatFailsEndsTheConnection() {
    Seen first = once("INSERT INTO t(x) VALUES(1)");
    assertThrows(SqliteSafeException.class, () -> once("INSERT INTO nowhere VALUES(1)"));
    Seen second = once("INSERT INTO t(x) VALUES(1)");
    assertEquals(first.token, second.token);
    assertNotSame(first.database, second.database);
  }

  @Test
  void anotherFileOfTheNameIsOpenedAnew() throws IOException {
    Database first = once("INSERT INTO t(x) VALUES(1)").database;
    Path other = create("b.db");
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    Seen second = once(REQUEST, tx -> tx.integer("SELECT count(*) FROM t"));
    assertNotSame(first, second.database);
    assertEquals(1L, second.value);
  }

  @Test
  void whatLiesIdleIsReleasedInTime() throws InterruptedException {
    keeper = new Keeper(() -> false, LockListener.SILENT);
    for (int i = 0; i < 3; i++) {
      once("INSERT INTO t(x) VALUES(1)");
      long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (isHeld() && System.nanoTime() < end) {
        Thread.sleep(5);
      }
      assertFalse(isHeld(), "this thread has not called it off, and never would");
    }
  }

  /** Else the process might end, and with it the thread, when half of the lock is taken down. */
  @Test
  void whoGivesUpWaitsForAReleaseUnderWay() throws InterruptedException {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch releasing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    LockListener slow =
        new LockListener() {
          @Override
          public void released(ExclusiveLock lock) {
            releasing.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            order.add("released");
          }
        };
    keeper = new Keeper(() -> false, LockListener.SILENT, Duration.ofMillis(1));
    once(REQUEST.withListener(slow), tx -> 0);
    releasing.await(); // its own thread has found it idle
    Thread end =
        new Thread(
            () -> {
              keeper.close();
              order.add("closed");
            });
    end.start();
    while (end.getState() != Thread.State.WAITING && end.isAlive()) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    end.join();
    assertEquals(List.of("released", "closed"), order);
  }

  /** Its name means the temporary table once there is one. */
  @Test
  void aTableOfTheReservedName() {
    once("CREATE TABLE Last_RowID_reset(x)");
    once("INSERT INTO t(x) VALUES(1)");
    once("INSERT INTO last_rowid_reset VALUES(9)");
    long rows =
        SafeDatabase.of(file).read(tx -> tx.integer("SELECT count(*) FROM last_rowid_reset"));
    assertEquals(1, rows);
  }

  /** Whoever opens the file looks whose it is, and whether it has to be rolled back. */
  @Test
  void besideAJournalItIsOpenedAnew() throws IOException {
    Database first = once("INSERT INTO t(x) VALUES(1)").database;
    Files.createFile(directory.resolve("a.db-journal"));
    assertNotSame(first, once("INSERT INTO t(x) VALUES(2)").database);
  }

  @Test
  void isGivenToWhoeverShowsThatTheyWait() throws Exception {
    once("INSERT INTO t(x) VALUES(1)");
    Thread other =
        new Thread(
            () ->
                SafeDatabase.of(file, Settings.defaults().withPatience(Duration.ofMinutes(2)))
                    .write(tx -> tx.update("INSERT INTO t(x) VALUES('other')")));
    other.start();
    while (other.isAlive()) {
      once("INSERT INTO t(x) VALUES(2)"); // never idle
    }
    other.join();
    assertEquals(1, count("other"));
  }

  /** Idle, it would be kept for an hour. */
  @Test
  void whoHasNoPatienceWaitsForOneHandOver() {
    once("INSERT INTO t(x) VALUES(1)");
    SafeDatabase.of(file, Settings.defaults().withPatience(Duration.ZERO))
        .write(tx -> tx.update("INSERT INTO t(x) VALUES(3)"));
    assertFalse(isHeld());
  }

  @Test
  void anotherDatabaseOrAnotherOwnersRecordIsAnotherLock() throws IOException {
    LockToken first = once("INSERT INTO t(x) VALUES(1)").token;
    LockTimes longer = new LockTimes(Duration.ofSeconds(20), Duration.ofSeconds(300));
    assertNotEquals(first, once(REQUEST.withTimes(longer), tx -> 0).token);
    assertEquals(
        longer.staleAfter(),
        requireNonNull(
                LockManager.of(LockPaths.of(file))
                    .inspect(LockTimes.DEFAULT)
                    .holder()
                    .orElseThrow()
                    .record())
            .staleAfter());
    Path before = file;
    file = create("b.db");
    once("INSERT INTO t(x) VALUES(1)");
    assertTrue(isHeld());
    file = before;
    assertFalse(isHeld());
  }

  @Test
  void whatWasBrokenMeanwhileIsNotUsed() throws IOException {
    Seen first = once("INSERT INTO t(x) VALUES(1)");
    LockManager.of(LockPaths.of(file)).forceBreak(first.token, false);
    SqliteSafeException lost =
        assertThrows(SqliteSafeException.class, () -> once("INSERT INTO t(x) VALUES('lost')"));
    assertEquals(ErrorKind.LOCK_LOST, lost.kind());
    assertNotEquals(first.token, once(REQUEST, tx -> tx.integer("SELECT count(*) FROM t")).token);
    assertEquals(0, count("lost"));
  }
}
