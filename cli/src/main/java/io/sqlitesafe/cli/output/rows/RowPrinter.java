package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.sql.RowSink;

/**
 * Writes rows in one {@link RowFormat} as they come. May be given several results one after the
 * other, each begun by {@link #columns}; a result without columns (a statement that returns no
 * rows) leaves no trace. For one thread.
 *
 * <p>If writing fails, methods throw {@link io.sqlitesafe.error.SqliteSafeException} of kind FAILED
 * with the {@link java.io.IOException} as its cause.
 */
public interface RowPrinter extends RowSink {
  /**
   * Ends the output and flushes the writer, which stays open. To be called once and only after
   * success: without it JSON lacks its closing bracket, so that nobody takes a part for the whole.
   */
  void finish();
}
