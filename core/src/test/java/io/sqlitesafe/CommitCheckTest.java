package io.sqlitesafe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.WriteTransaction;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sequence vectors S6 and S7 of protocol section 14: what RESERVED and the commit check are
 * for.
 */
class CommitCheckTest {
  @TempDir Path scratch;
  private Path file;
  private LockManager locks;

  @BeforeEach
  void database() throws Exception {
    file = scratch.resolve("app.db");
    SafeDatabase.of(file)
        .write(
            new WriteOptions(false, 0, new WriteOptions.NewDatabase(null, null, null)),
            tx -> tx.update("CREATE TABLE t AS SELECT 0 AS n"));
    locks = LockManager.of(LockPaths.of(file));
  }

  private Database open() {
    return Database.open(file, OpenMode.WRITE, Duration.ZERO, new Cancellation());
  }

  private long n() {
    return SafeDatabase.of(file).read(s -> s.integer("SELECT n FROM t"));
  }

  @Test
  void s6ASuccessorWaitsForABrokenOwnerInsideItsCommit() throws Exception {
    DatabaseLock t = locks.acquire(LockRequest.defaults("t"));
    try (Database one = open();
        Database two = open()) {
      WriteTransaction first = new WriteTransaction(one);
      first.handle().update("UPDATE t SET n = n + 1");
      first.commit(
          () -> {
            t.ensureHeld(); // passed; and now it is stopped, broken, and succeeded
            locks.forceBreak(t.token(), false);
            DatabaseLock u = locks.acquire(LockRequest.defaults("u"));
            SqliteSafeException drain =
                assertThrows(SqliteSafeException.class, () -> new WriteTransaction(two));
            assertEquals(ErrorKind.LOCK_BUSY, drain.kind());
            u.close();
          });
      try (WriteTransaction second = new WriteTransaction(two)) {
        assertEquals(1, second.handle().integer("SELECT n FROM t"));
      }
    }
    t.close();
    assertEquals(1, n());
  }

  @Test
  void s7AnOwnerBrokenBeforeItsTransactionCommitsNothing() throws Exception {
    DatabaseLock t = locks.acquire(LockRequest.defaults("t"));
    locks.forceBreak(t.token(), false);
    SafeDatabase.of(file).write(tx -> tx.update("UPDATE t SET n = 10"));
    try (Database one = open();
        WriteTransaction late = new WriteTransaction(one)) {
      late.handle().update("UPDATE t SET n = n + 1");
      SqliteSafeException lost =
          assertThrows(SqliteSafeException.class, () -> late.commit(t::ensureHeld));
      assertEquals(ErrorKind.LOCK_LOST, lost.kind());
    }
    t.close();
    assertEquals(10, n());
  }
}
