package io.sqlitesafe.cli.output;

import java.io.Writer;
import java.util.Locale;

/**
 * The shell's output modes. One that has the name of a mode of the sqlite3 shell prints what that
 * prints, but for three things: columns align by the width that characters have on a terminal;
 * characters that would act on it are shown escaped in columns; and JSON and INSERT have reals with
 * the fewest digits that read back as the same number, and JSON has BLOBs in base64. Stateless.
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
  HTML;

  /** A printer that writes to {@code out}, which need not be buffered and stays open. */
  public RowPrinter printer(Writer out, Layout layout) {
    return new HeaderOnFirstRow(
        switch (this) {
          case TABLE -> new ColumnarPrinter(out, layout, ColumnStyle.TABLE);
          case BOX -> new ColumnarPrinter(out, layout, ColumnStyle.BOX);
          case COLUMN -> new ColumnarPrinter(out, layout, ColumnStyle.COLUMN);
          case MARKDOWN -> new ColumnarPrinter(out, layout, ColumnStyle.MARKDOWN);
          case LINE -> new LinePrinter(out, layout);
          case LIST -> SeparatedPrinter.list(out, layout);
          case CSV -> SeparatedPrinter.csv(out, layout);
          case TSV -> new SkippedHeader(CsvPrinter.tabs(out), layout.headersOr(true));
          case JSON -> new JsonPrinter(out, true);
          case JSONL -> new JsonPrinter(out, false);
          case INSERT -> InsertPrinter.ofShell(out, layout);
          case HTML -> new HtmlPrinter(out, layout);
        });
  }

  /** The name as typed. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
