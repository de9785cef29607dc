package io.sqlitesafe.cli.output;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** CSV and TSV. Results are kept apart by an empty line. */
final class CsvPrinter implements RowPrinter {
  /** NULL is nothing at all, so the empty string needs its quotes. */
  private static final QuoteStrategy TELL_EMPTY_FROM_NULL =
      new QuoteStrategy() {
        @Override
        public boolean quoteEmpty(int line, int field) {
          return true;
        }
      };

  private final CsvWriter csv;
  private final UnaryOperator<String> escape;
  private boolean anyResult;

  private CsvPrinter(CsvWriter csv, UnaryOperator<String> escape) {
    this.csv = csv;
    this.escape = escape;
  }

  static CsvPrinter commas(Writer out) {
    // RFC 4180 wants CRLF
    CsvWriter csv = CsvWriter.builder().quoteStrategy(TELL_EMPTY_FROM_NULL).build(out);
    return new CsvPrinter(csv, UnaryOperator.identity());
  }

  static CsvPrinter tabs(Writer out) {
    CsvWriter csv =
        CsvWriter.builder()
            .quoteStrategy(TELL_EMPTY_FROM_NULL)
            .fieldSeparator('\t')
            .lineDelimiter(LineDelimiter.LF)
            .build(out);
    return new CsvPrinter(csv, CsvPrinter::escapedForTsv);
  }

  @Override
  public void columns(List<String> names) {
    if (names.isEmpty()) {
      return;
    }
    if (anyResult) {
      write(List.of(""), true);
    }
    anyResult = true;
    write(Values.uniqueNames(names), false);
  }

  @Override
  public void row(@Nullable Object[] values) {
    List<@Nullable String> fields = new ArrayList<>(values.length);
    for (Object value : values) {
      fields.add(value == null || Values.isNull(value) ? null : Values.text(value));
    }
    write(fields, false);
  }

  @Override
  public void finish() {
    try {
      csv.flush();
    } catch (IOException e) {
      throw TextOut.failed(e);
    }
  }

  private void write(List<? extends @Nullable String> fields, boolean asNulls) {
    try {
      CsvWriter.CsvWriterRecord record = csv.writeRecord();
      for (String field : fields) {
        record.writeField(field == null || asNulls ? null : escape.apply(field));
      }
      record.endRecord();
    } catch (UncheckedIOException e) {
      throw TextOut.failed(Objects.requireNonNull(e.getCause()));
    }
  }

  static String escapedForTsv(String text) {
    return text.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }
}
