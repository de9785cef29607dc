package io.sqlitesafe.internal.lock;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lock between two operations of one process, on real files. */
class LockRelayTest {
  @TempDir Path directory;
  private LockManager manager;
  private boolean wanted = true;
  private LockRelay relay = new LockRelay(() -> wanted, LockListener.SILENT, Duration.ofHours(1));
  private final LockRequest request = LockRequest.defaults("write");

  @BeforeEach
  void make() throws IOException {
    manager = manager("a.db");
  }

  private LockManager manager(String name) throws IOException {
    return LockManager.of(LockPaths.of(directory.resolve(name)));
  }

  private boolean isHeld(LockManager of) {
    return Files.exists(of.paths().lock());
  }

  private LockToken once() {
    try (ExclusiveLock lock = relay.acquire(manager, request)) {
      lock.confirm();
      return lock.token();
    }
  }

  @Test
  void isHandedOnAndEndsWhereNothingFollows() {
    LockToken first = once();
    assertTrue(isHeld(manager));
    try (ExclusiveLock lock = relay.acquire(manager, request)) {
      assertEquals(first, lock.token());
      assertEquals(Duration.ZERO, lock.waited());
      wanted = false;
    }
    assertFalse(isHeld(manager));
    assertNotEquals(first, once());
  }

  @Test
  void whatLiesIdleIsReleasedInTime() throws InterruptedException {
    relay = new LockRelay(() -> wanted, LockListener.SILENT);
    once();
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (isHeld(manager) && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertFalse(isHeld(manager), "this thread has not called it off, and never would");
    once();
    relay.close();
    assertFalse(isHeld(manager));
  }

  @Test
  void isNotHandedOnForEver() {
    LockToken first = once();
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (once().equals(first)) {
      assertTrue(System.nanoTime() < end, "the stream of operations keeps the lock");
    }
    relay.close();
  }

  @Test
  void anotherDatabaseOrAnotherOwnersRecordIsAnotherLock() throws IOException {
    LockToken first = once();
    LockManager other = manager("b.db");
    relay.acquire(other, request).close();
    assertFalse(isHeld(manager));
    assertTrue(isHeld(other));
    assertNotEquals(first, once());
    assertFalse(isHeld(other));
    LockTimes longer = new LockTimes(Duration.ofSeconds(20), Duration.ofSeconds(300));
    try (ExclusiveLock lock = relay.acquire(manager, request.withTimes(longer))) {
      assertEquals(
          longer.staleAfter(),
          requireNonNull(manager.inspect(LockTimes.DEFAULT).holder().orElseThrow().record())
              .staleAfter());
      lock.confirm();
    }
    relay.close();
  }

  @Test
  void whatWasBrokenMeanwhileIsNotUsedNorHandedOn() {
    LockToken first = once();
    manager.forceBreak(first, false);
    ExclusiveLock left = relay.acquire(manager, request);
    SqliteSafeException lost = assertThrows(SqliteSafeException.class, left::confirm);
    assertEquals(ErrorKind.LOCK_LOST, lost.kind());
    left.close();
    assertNotEquals(first, once());
    relay.close();
    assertFalse(isHeld(manager));
  }
}
