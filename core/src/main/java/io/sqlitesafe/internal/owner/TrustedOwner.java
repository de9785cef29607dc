package io.sqlitesafe.internal.owner;

import io.sqlitesafe.internal.db.WriteTransaction;
import io.sqlitesafe.lock.ExclusiveLock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The owner of a database whose own locks, SQLite's, are trusted: it writes to the file itself. */
final class TrustedOwner extends Owner {
  private boolean begun;

  TrustedOwner(Site site, ExclusiveLock lock) {
    super(site, lock);
  }

  @Override
  Drained drain(Opening opening, Duration busy) {
    begun = opening.preparation() == null;
    return begun
        ? Drained.toTransact(site, opening.mode(), busy, opening.first())
        : Drained.toWrite(site, opening.mode(), busy, opening.first());
  }

  @Override
  boolean takeBegun() {
    boolean was = begun;
    begun = false;
    return was;
  }

  @Override
  @Nullable String commit(WriteTransaction transaction) {
    return transaction.commit(lock::ensureHeld);
  }
}
