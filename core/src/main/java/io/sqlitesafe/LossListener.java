package io.sqlitesafe;

import io.sqlitesafe.lock.ForwardingLockListener;
import io.sqlitesafe.lock.LockListener;

/** Passes everything on, and acts upon a loss. */
record LossListener(LockListener next, Runnable onLost) implements ForwardingLockListener {
  @Override
  public void lost() {
    onLost.run();
    next.lost();
  }
}
