package io.sqlitesafe.lock;

import io.sqlitesafe.mount.Mount;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Passes everything on; whoever implements it adds to what interests it. */
public interface ForwardingLockListener extends LockListener {
  /** Where everything goes. */
  LockListener next();

  @Override
  default void waiting(@Nullable Holder holder, Duration waited) {
    next().waiting(holder, waited);
  }

  @Override
  default void broken(Holder holder, Evidence evidence) {
    next().broken(holder, evidence);
  }

  @Override
  default void recovered(Path database) {
    next().recovered(database);
  }

  @Override
  default void tidied(String message) {
    next().tidied(message);
  }

  @Override
  default void lost() {
    next().lost();
  }

  @Override
  default void advice(Mount mount, String message) {
    next().advice(mount, message);
  }

  @Override
  default void released(ExclusiveLock lock) {
    next().released(lock);
  }

  @Override
  default void warning(String message) {
    next().warning(message);
  }
}
