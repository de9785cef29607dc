package io.sqlitesafe;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.WriteTransaction;
import org.jspecify.annotations.Nullable;

/**
 * Where a transaction of network-exclusive access works, and how it becomes the database's
 * (protocol sections 10.2 and 10.3). For one thread.
 */
interface NetworkWork extends AutoCloseable {
  /** What the transaction runs on. */
  Database database();

  /**
   * Commits; may be called once.
   *
   * @return a warning where it is committed but not certainly durable, else null
   */
  @Nullable String commit(WriteTransaction transaction);

  /** Ends the work; what is not committed has not happened. */
  @Override
  void close();
}
