package io.sqlitesafe;

import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a database that is read, by who has to know how it is read.
 *
 * @param <T> what it gives; may be null
 */
@FunctionalInterface
public interface ReadWork<T extends @Nullable Object> {
  /** Reads, on the caller's thread; may be called again where the first time did not count. */
  T run(View view);

  /**
   * One way to see a database.
   *
   * @param handle reads it
   * @param place the file that is open: the database, or a recovered copy of it
   * @param mode how to open {@code place} once more, to see the same
   * @param provisional what is read counts only once the whole operation has returned: nothing of
   *     it may get out before
   */
  record View(Handle handle, Path place, OpenMode mode, boolean provisional) {}
}
