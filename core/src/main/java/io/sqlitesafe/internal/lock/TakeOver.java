package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.LockRequest;

/**
 * Takes over a reservation that has outlived its grace, and gives the lock back: by A1 to A4 and a
 * release, as a writer does. Removing it instead could remove another program's directory, which
 * came after it.
 */
interface TakeOver {
  void run(LockRequest request);
}
