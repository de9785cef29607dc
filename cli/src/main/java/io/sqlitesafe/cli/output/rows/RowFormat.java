package io.sqlitesafe.cli.output.rows;

import java.io.OutputStream;
import java.util.Locale;

/**
 * How rows are written. Common to all: integers are exact, reals have the fewest digits that read
 * back as the same number, infinities are {@code 9e999} and {@code -9e999} (which SQLite, JSON and
 * most readers take for infinity). Stateless, so safe for use by any number of threads.
 */
public enum RowFormat {
  /** Aligned columns for people; whatever could act on a terminal is shown escaped. */
  TABLE,
  /** An array of objects for each result. BLOBs in base64, equal names as id, id:1, id:2. */
  JSON,
  /** The same objects, one a line. */
  JSONL,
  /** RFC 4180 with a header line; NULL is nothing at all, the empty string is "", BLOBs in hex. */
  CSV,
  /** Like CSV with tabs, and with tab, newline, return and backslash as \t, \n, \r and \\. */
  TSV,
  /**
   * Bare values with | between, as sqlite3 prints them: no header, nothing escaped, BLOBs in hex.
   */
  LIST,
  /** SQL statements which bring exactly these rows into another table. */
  INSERT,
  /** A pipe table. */
  MARKDOWN;

  /** The table that {@link #INSERT} names unless told otherwise. */
  public static final String DEFAULT_TABLE = "table";

  /**
   * A printer that writes to {@code out}, which need not be buffered and stays open.
   *
   * @param insertTable the table that {@link #INSERT} names; other formats ignore it
   */
  public RowPrinter printer(OutputStream out, String insertTable) {
    return switch (this) { // a body for each constant would be a class for each
      case TABLE -> new TablePrinter(out);
      case JSON -> new JsonPrinter(out, true);
      case JSONL -> new JsonPrinter(out, false);
      case CSV -> CsvPrinter.commas(out);
      case TSV -> CsvPrinter.tabs(out);
      case LIST -> new ListPrinter(out);
      case INSERT -> InsertPrinter.named(out, insertTable);
      case MARKDOWN -> new MarkdownPrinter(out);
    };
  }

  /** The same with {@link #DEFAULT_TABLE}. */
  public final RowPrinter printer(OutputStream out) {
    return printer(out, DEFAULT_TABLE);
  }

  /** The name as typed on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
