package io.sqlitesafe;

import io.sqlitesafe.sql.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A unit of work on one connection. It may run more than once where its caller allows retries, so
 * it should do nothing that outlives the transaction.
 *
 * @param <T> its result
 */
@FunctionalInterface
public interface Work<T extends @Nullable Object> {
  T run(Handle handle);
}
