package io.sqlitesafe.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the results of statements, so that memory does not grow with the number of rows. Called on
 * the thread that runs the statement.
 */
public interface RowSink {
  /** For a statement of which only its effect counts. */
  RowSink NOWHERE = names -> (Rows.OfValues) values -> {};

  /**
   * A result begins: called once before the first row, and for a statement that returns no row at
   * all.
   *
   * @return what takes its rows
   */
  Rows columns(List<String> names);

  /** Takes the rows of one result as they are stepped, in the form that it wants. */
  sealed interface Rows {
    /**
     * Rows as Java has them. A value is null, {@link Long}, {@link Double}, {@link String} or
     * {@code byte[]}: SQLite's five storage classes.
     */
    @FunctionalInterface
    non-sealed interface OfValues extends Rows {
      /** With as many values as there are columns; the array is the receiver's to keep. */
      void row(@Nullable Object[] values);

      /** Whether text that is malformed comes as {@link MalformedText}, not with U+FFFD. */
      default boolean faithful() {
        return false;
      }
    }

    /** Rows as the text that SQLite makes of them, in bytes. */
    @FunctionalInterface
    non-sealed interface OfCells extends Rows {
      /** The row is valid only during the call. */
      void cells(Cells row);

      /** Whether storage classes will be asked for; without, text and BLOBs come quicker. */
      default boolean typed() {
        return true;
      }
    }
  }
}
