package io.sqlitesafe.sql;

import java.sql.SQLException;

/**
 * Looks on while a unit of work runs its statements, on its thread. What is run on the JDBC
 * connection directly is not seen.
 */
public interface StatementListener {
  /** A statement is about to be run for the first time. */
  void prepared(String sql) throws SQLException;

  /** A statement has been run, perhaps again. */
  void done(String sql) throws SQLException;

  /** The JDBC connection was handed out: from now on statements may run unseen. */
  void bypassed();
}
