package io.sqlitesafe;

import org.jspecify.annotations.Nullable;

/** Where writes to one database go: a {@link SafeDatabase}, or a {@link WriteStream} of one. */
public interface WriteDoor {
  /**
   * Runs {@code work} in one transaction under the exclusive lock: everything of it is durable when
   * this returns, or nothing of it has happened.
   *
   * @throws io.sqlitesafe.error.SqliteSafeException of the kinds that {@link SafeDatabase} lists
   */
  <T extends @Nullable Object> Written<T> write(WriteOptions options, Work<T> work);

  /** As above, with {@link WriteOptions#DEFAULT}. */
  default <T extends @Nullable Object> Written<T> write(Work<T> work) {
    return write(WriteOptions.DEFAULT, work);
  }
}
