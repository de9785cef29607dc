package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The other path of protocol section 5, for file systems whose rename refuses an empty directory
 * (Windows, SMB).
 */
class WithoutReplacingRenameTest {
  @TempDir Path scratch;
  private LockLab lab;
  private final List<Step> steps = new ArrayList<>();

  @BeforeEach
  void lab() throws Exception {
    lab = new LockLab(scratch);
  }

  private LockManager manager(long pid) throws Exception {
    return lab.manager(pid, steps::add, false);
  }

  @Test
  void publishesWithoutReservation() throws Exception {
    try (DatabaseLock lock = manager(10).acquire(LockLab.request())) {
      assertFalse(steps.contains(Step.RESERVE));
      assertEquals(new LockState.Held(lock.token()), lab.directory().classify());
      SqliteSafeException busy =
          assertThrows(SqliteSafeException.class, () -> manager(11).acquire(LockLab.request()));
      assertEquals(ErrorKind.LOCK_BUSY, busy.kind());
      lock.ensureHeld();
    }
    assertEquals(List.of(), lab.leftovers());
  }
}
