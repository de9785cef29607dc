package io.sqlitesafe.db;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Receives the rows of one statement as they are stepped, so that memory does not grow with their
 * number. A value is null, {@link Long}, {@link Double}, {@link String} or {@code byte[]}: SQLite's
 * five storage classes. Called on the thread that runs the statement; the array is the receiver's
 * to keep.
 */
public interface RowSink {
  /** What a receiver takes rows as. */
  enum Form {
    /** {@link #row}, and text that is malformed decoded with U+FFFD. */
    VALUES,
    /** {@link #row}, and text that is malformed as {@link MalformedText}. */
    FAITHFUL,
    /** {@link #cells}. */
    CELLS
  }

  /** For a statement of which only its effect counts. */
  RowSink NOWHERE =
      new RowSink() {
        @Override
        public void columns(List<String> names) {}

        @Override
        public void row(@Nullable Object[] values) {}
      };

  /** Called once before the first row, and for a statement that returns no row at all. */
  void columns(List<String> names);

  /** Called for each row, with as many values as there are columns. */
  void row(@Nullable Object[] values);

  /** How rows are wanted; asked once for each result, after {@link #columns}. */
  default Form form() {
    return Form.VALUES;
  }

  /** Called for each row in place of {@link #row} where {@link #form} says so. */
  default void cells(Cells row) {
    throw new UnsupportedOperationException();
  }
}
