package io.sqlitesafe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Network-exclusive access through the front door, with locks that are lost in the middle. */
class NetworkExclusiveTest {
  @TempDir Path directory;
  private Path file;
  private LockManager locks;
  private SafeDatabase db;
  private SafeDatabase inPlace;

  @BeforeEach
  void makeDatabase() throws IOException {
    file = directory.resolve("app.db");
    locks = LockManager.of(LockPaths.of(file));
    Settings marked = Settings.defaults().withAccess(AccessMode.NETWORK_EXCLUSIVE);
    db = SafeDatabase.of(file, marked);
    inPlace = SafeDatabase.of(file, marked.withInPlace(true));
    db.write(
        new WriteOptions(false, 0, new WriteOptions.NewDatabase(null, null, null)),
        tx -> tx.update("CREATE TABLE t(id INTEGER PRIMARY KEY, v)"));
  }

  private void breakLock() {
    LockToken token = locks.inspect(LockTimes.DEFAULT).holder().orElseThrow().token();
    locks.forceBreak(token, false);
  }

  private long rows() {
    return db.read(tx -> tx.integer("SELECT count(*) FROM t"));
  }

  private List<String> beside() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(each -> String.valueOf(each.getFileName()))
          .filter(name -> !name.equals("app.db"))
          .sorted()
          .toList();
    }
  }

  private static void assertLost(SqliteSafeException e) {
    assertEquals(ErrorKind.LOCK_LOST, e.kind(), e.toString());
  }

  @Test
  void aLostPublicationChangesNothing() throws IOException {
    assertLost(
        assertThrows(
            SqliteSafeException.class,
            () ->
                db.write(
                    tx -> {
                      breakLock();
                      return tx.update("INSERT INTO t VALUES(1, 'lost')");
                    })));
    assertEquals(0, rows());
    assertEquals(List.of("app.db.lock.readers"), beside());
  }

  /** Neither rolled back nor closed: both would write, and delete the journal. */
  @Test
  void aLostInPlaceWriterAbandonsItsConnection() throws IOException {
    assertLost(
        assertThrows(
            SqliteSafeException.class,
            () ->
                inPlace.write(
                    tx -> {
                      tx.update("INSERT INTO t VALUES(1, 'lost')");
                      breakLock();
                      return true;
                    })));
    assertEquals(List.of("app.db-journal", "app.db.lock.readers"), beside());
    assertEquals(0, rows());
    db.write(tx -> tx.update("INSERT INTO t VALUES(2, 'next')"));
    assertEquals(1, rows());
    assertEquals(List.of("app.db.lock.readers"), beside());
  }

  @Test
  void anInPlaceErrorRollsBack() throws IOException {
    assertThrows(
        SqliteSafeException.class,
        () ->
            inPlace.write(
                tx -> {
                  tx.update("INSERT INTO t VALUES(1, 'wrong')");
                  return tx.update("SELEC");
                }));
    assertEquals(0, rows());
    assertEquals(List.of("app.db.lock.readers"), beside());
  }

  @Test
  void aBrokenReaderIsGivenNothing() {
    assertLost(
        assertThrows(
            SqliteSafeException.class,
            () ->
                db.read(
                    tx -> {
                      long n = tx.integer("SELECT count(*) FROM t");
                      locks
                          .inspectReaders(LockTimes.DEFAULT)
                          .forEach(reader -> locks.forceBreak(reader.holder().token(), false));
                      return n;
                    })));
    assertEquals(0, rows());
  }

  @Test
  void captureByBothMethodsAgrees() throws IOException {
    for (SafeDatabase each : List.of(db, inPlace)) {
      Path changes = directory.resolve("changes");
      Written<Long> written =
          each.write(
              WriteOptions.DEFAULT.withCapture(
                  new io.sqlitesafe.changeset.CaptureRequest(
                      changes,
                      Format.CHANGESET,
                      io.sqlitesafe.changeset.CaptureMethod.AUTO,
                      true,
                      true,
                      false)),
              tx -> tx.update("INSERT INTO t(v) VALUES('captured')"));
      assertTrue(Files.size(changes) > 0, written.toString());
      assertEquals(List.of("app.db.lock.readers", "changes"), beside());
    }
    assertEquals(2, rows());
  }

  @Test
  void aSessionReadsAndWrites() throws IOException {
    try (SafeSession session = db.session(false)) {
      session.write(tx -> tx.update("INSERT INTO t VALUES(1, 'a')"));
      assertEquals(1L, (long) session.read(tx -> tx.integer("SELECT count(*) FROM t")));
      session.begin();
      session.write(tx -> tx.update("INSERT INTO t VALUES(2, 'b')"));
      session.rollback();
      session.begin();
      session.write(tx -> tx.update("INSERT INTO t VALUES(3, 'c')"));
      session.commit();
      assertEquals(2L, (long) session.read(tx -> tx.integer("SELECT count(*) FROM t")));
      assertEquals(List.of("app.db.lock.readers"), beside());
    }
    assertEquals(2, rows());
  }

  @Test
  void theModeCanBeChangedBack() throws IOException {
    SafeDatabase either = SafeDatabase.of(file);
    assertTrue(either.changeAccess(AccessMode.TRUSTED));
    assertEquals(List.of(), beside());
    SqliteSafeException e = assertThrows(SqliteSafeException.class, this::rows);
    assertEquals(ErrorKind.UNSAFE, e.kind());
    either.write(tx -> tx.update("INSERT INTO t VALUES(1, 'a')"));
    assertTrue(either.changeAccess(AccessMode.NETWORK_EXCLUSIVE));
    assertEquals(1, rows());
  }
}
