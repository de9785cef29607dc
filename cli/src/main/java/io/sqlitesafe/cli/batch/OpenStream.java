package io.sqlitesafe.cli.batch;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import io.sqlitesafe.WriteDoor;
import io.sqlitesafe.WriteStream;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.lock.LockListener;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The stream of writes to the database that a batch writes to at the moment, if there is one. For
 * one thread.
 */
final class OpenStream implements Invocation.Doors, AutoCloseable {
  private final BooleanSupplier wanted;
  private final LockListener idle;
  private @Nullable WriteStream stream;
  private boolean grouping;

  /**
   * Nothing is open yet.
   *
   * @param wanted whether the next request is there and writes to the same database
   * @param idle told what the release of an idle lock has to say
   */
  OpenStream(BooleanSupplier wanted, LockListener idle) {
    this.wanted = wanted;
    this.idle = idle;
  }

  @Override
  public WriteDoor open(Path database, Settings settings) {
    WriteStream open = stream;
    if (open == null || !open.name().equals(database)) {
      close();
      open = SafeDatabase.of(database, settings).stream(wanted, idle);
      open.group(grouping);
      stream = open;
    }
    return open.with(settings);
  }

  /** Whether the writes to come are committed by {@link #commit} only, those that can be. */
  void group(boolean value) {
    grouping = value;
    WriteStream open = stream;
    if (open != null) {
      open.group(value);
    }
  }

  /** Whether a common transaction may take in another write. */
  boolean hasTime() {
    WriteStream open = stream;
    return open != null && open.hasTime();
  }

  /** See {@link WriteStream#commit}. */
  List<String> commit() {
    WriteStream open = stream;
    return open == null ? List.of() : open.commit();
  }

  /** Releases a lock that lies idle. */
  void release() {
    WriteStream open = stream;
    if (open != null) {
      open.release();
    }
  }

  @Override
  public void close() {
    WriteStream open = stream;
    stream = null;
    if (open != null) {
      open.close();
    }
  }
}
