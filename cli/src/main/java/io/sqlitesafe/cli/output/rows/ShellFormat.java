package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.rows.SeparatedPrinter.Quoting;
import java.io.OutputStream;
import java.util.Locale;

/**
 * The shell's output modes. One that has the name of a mode of the sqlite3 shell prints what that
 * of version 3.40 prints, with numbers as the bundled SQLite has them, but for some things that the
 * manual lists. Stateless.
 */
public enum ShellFormat {
  TABLE,
  BOX,
  COLUMN,
  LINE,
  LIST,
  CSV,
  TSV,
  JSON,
  JSONL,
  MARKDOWN,
  INSERT,
  HTML,
  QUOTE,
  TCL,
  ASCII,
  TABS;

  /** A printer that writes to {@code out}, which need not be buffered and stays open. */
  public RowPrinter printer(OutputStream out, Layout layout) {
    RowPrinter printer =
        switch (this) {
          case TABLE -> new ColumnarPrinter(out, layout, ColumnStyle.TABLE);
          case BOX -> new ColumnarPrinter(out, layout, ColumnStyle.BOX);
          case COLUMN -> new ColumnarPrinter(out, layout, ColumnStyle.COLUMN);
          case MARKDOWN -> new ColumnarPrinter(out, layout, ColumnStyle.MARKDOWN);
          case LINE -> new LinePrinter(out, layout);
          case LIST, ASCII, TABS -> separated(out, layout, Quoting.NONE);
          case CSV -> separated(out, layout, Quoting.CSV);
          case QUOTE -> separated(out, layout, Quoting.SQL);
          case TCL -> separated(out, layout, Quoting.TCL);
          case TSV ->
              layout.headersOr(true)
                  ? CsvPrinter.tabs(out)
                  : new SkippedHeader(CsvPrinter.tabs(out));
          case JSON -> new JsonPrinter(out, true);
          case JSONL -> new JsonPrinter(out, false);
          case INSERT -> InsertPrinter.ofShell(out, layout);
          case HTML -> new HtmlPrinter(out, layout);
        };
    boolean values = this == TSV || this == JSON || this == JSONL;
    return new HeaderOnFirstRow(printer, !values, this == INSERT || this == QUOTE);
  }

  private RowPrinter separated(OutputStream out, Layout layout, Quoting quoting) {
    String column = layout.columnSeparator();
    String row = layout.rowSeparator();
    return new SeparatedPrinter(
        out,
        layout,
        column == null ? columnSeparator() : column,
        row == null ? rowSeparator() : row,
        quoting);
  }

  /** What is between the columns of this mode, unless told otherwise. */
  public String columnSeparator() {
    return switch (this) {
      case CSV, QUOTE -> ",";
      case TABS -> "\t";
      case TCL -> " ";
      case ASCII -> "\u001f";
      default -> "|";
    };
  }

  /** What ends a row of this mode, unless told otherwise. */
  public String rowSeparator() {
    return switch (this) {
      case CSV -> "\r\n";
      case ASCII -> "\u001e";
      default -> "\n";
    };
  }

  /** The name as typed. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
