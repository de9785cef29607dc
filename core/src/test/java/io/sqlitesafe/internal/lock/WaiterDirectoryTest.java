package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Who of those who wait is woken by a release. All have shown themselves in the same moment. */
@DisabledOnOs(OS.WINDOWS)
class WaiterDirectoryTest {
  private static final LockToken A = LockLab.token('a');
  private static final LockToken B = LockLab.token('b');
  private static final LockToken C = LockLab.token('c');

  @TempDir Path scratch;
  private LockLab lab;
  private WaiterDirectory waiters;

  @BeforeEach
  void threeWait() throws Exception {
    lab = new LockLab(scratch);
    waiters = new WaiterDirectory(lab.paths, lab.processes(LockLab.process(1, "100")));
    for (LockToken token : new LockToken[] {C, A, B}) {
      lab.alive(pid(token), "s");
      assertTrue(waiters.show(token, record(token)));
    }
  }

  private static long pid(LockToken token) {
    return token.hex().charAt(0);
  }

  private OwnerRecord record(LockToken token) {
    return lab.record(token, LockLab.process(pid(token), "s"));
  }

  private int ahead(LockToken token) throws Exception {
    ProcessTable processes = lab.processes(LockLab.process(1, "100"));
    return new WaiterDirectory(lab.paths, processes).ahead(token, record(token));
  }

  @Test
  void eachHasItsPlace() throws Exception {
    assertEquals(0, ahead(A));
    assertEquals(1, ahead(B));
    assertEquals(2, ahead(C));
    waiters.hide(A);
    assertEquals(0, ahead(B));
    assertEquals(1, ahead(C));
  }

  @Test
  void whoIsDeadOrSilentIsNotWaitedFor() throws Exception {
    lab.kill(pid(A));
    assertEquals(0, ahead(B));
    Path silent = lab.paths.waiters().resolve("w." + B);
    FileTime then = Files.getLastModifiedTime(silent);
    Files.setLastModifiedTime(silent, FileTime.fromMillis(then.toMillis() - 16_000));
    assertEquals(0, ahead(C));
  }

  /** All the same it tries, when the lock is free and the first one does nothing. */
  @Test
  void whoIsNotTheFirstSeesThatItIsFree() throws Exception {
    DatabaseLock lock = lab.manager(10).acquire(LockLab.request());
    Waiting last = new Waiting(uncached(), waiters, C, record(C), lab.clock);
    Duration before = lab.clock.slept();
    last.await(Duration.ofMillis(80), new Cancellation());
    assertTrue(lab.clock.slept().minus(before).toMillis() >= 80, "it is held");
    lock.close();
    before = lab.clock.slept();
    last.await(Duration.ofHours(1), new Cancellation());
    assertEquals(32, lab.clock.slept().minus(before).toMillis(), "two looks, for two ahead");
  }

  private LockDirectory uncached() {
    return new LockDirectory(lab.paths, step -> {}, true, false);
  }

  /** With more of them than one the others would be woken for nothing at each release. */
  @Test
  void onlyTheFirstWatches() throws Exception {
    DatabaseLock lock = lab.manager(10).acquire(LockLab.request());
    Obstacle obstacle =
        new Obstacle(
            uncached(),
            lab.processes(LockLab.process(1, "100")),
            false,
            AccessMode.TRUSTED,
            lab.clock,
            LockLab.request());
    Polling polling = new Polling(false, lab.clock, LockLab.request());
    waiters.hide(A);
    waiters.hide(B);
    try (Waiting first = new Waiting(uncached(), waiters, A, record(A), lab.clock);
        Waiting second = new Waiting(uncached(), waiters, B, record(B), lab.clock)) {
      assertNotNull(first.watch());
      assertNull(second.watch());
      waiters.hide(A);
      second.outwait(obstacle, polling);
      assertNotNull(second.watch());
    }
    lock.close();
  }

  @Test
  void aRequestToStopIsHeard() throws Exception {
    Waiting second = new Waiting(uncached(), waiters, B, record(B), lab.clock);
    Cancellation cancellation = new Cancellation();
    cancellation.request(ErrorKind.INTERRUPTED);
    assertThrows(SqliteSafeException.class, () -> second.await(Duration.ofHours(1), cancellation));
  }
}
