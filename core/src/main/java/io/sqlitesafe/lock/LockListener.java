package io.sqlitesafe.lock;

import io.sqlitesafe.mount.Mount;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Told of what happens around a lock, on the thread where it happens. Every method may be left out.
 */
public interface LockListener {
  LockListener SILENT = new LockListener() {};

  /**
   * Waiting for another.
   *
   * @param holder null where nobody's claim is in the way (an empty directory, say)
   */
  default void waiting(@Nullable Holder holder, Duration waited) {}

  /** A dead or stale owner's lock was broken by this process. */
  default void broken(Holder holder, Evidence evidence) {}

  /** A crashed writer's rollback journal was rolled back. */
  default void recovered(Path database) {}

  /** Something that a crashed writer had left was finished or put away. */
  default void tidied(String message) {}

  /**
   * The file system may be used, but a person should know something of it. Told at every operation.
   *
   * @param mount the file system
   * @param message what to know, and what to do about it
   */
  default void advice(Mount mount, String message) {}

  /** The lock was lost; called on the heartbeat's thread, at most once. */
  default void lost() {}

  /**
   * An exclusive lock was given back, or found lost; once for each that was taken, after all that
   * others could be waiting for.
   */
  default void released(ExclusiveLock lock) {}

  /** Something that a person may want to know, such as a release that left files behind. */
  default void warning(String message) {}
}
