package io.sqlitesafe;

import io.sqlitesafe.fs.Mount;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.StaleJudge;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Passes everything on, and acts upon a loss. */
record LossListener(LockListener next, Runnable onLost) implements LockListener {
  @Override
  public void waiting(@Nullable Holder holder, Duration waited) {
    next.waiting(holder, waited);
  }

  @Override
  public void broken(Holder holder, StaleJudge.Evidence evidence) {
    next.broken(holder, evidence);
  }

  @Override
  public void recovered(Path database) {
    next.recovered(database);
  }

  @Override
  public void lost() {
    onLost.run();
    next.lost();
  }

  @Override
  public void tidied(String message) {
    next.tidied(message);
  }

  @Override
  public void advice(Mount mount, String message) {
    next.advice(mount, message);
  }

  @Override
  public void warning(String message) {
    next.warning(message);
  }
}
