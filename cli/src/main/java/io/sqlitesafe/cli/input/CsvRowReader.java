package io.sqlitesafe.cli.input;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CSV and TSV with a header line. */
final class CsvRowReader implements RowReader {
  /** What the parser may have read ahead of the record that it is in. */
  private static final int READ_AHEAD = 16_384;

  private record Row(long line, List<@Nullable String> fields, boolean blankLine) {}

  private final RowErrors errors;
  private final boolean escapes;
  private final int maxChars;
  private final Bounded in;
  private final CsvReader<Row> csv;
  private final Iterator<Row> rows;
  private List<String> names = List.of();
  private long rowLine;
  private long parsing = 1;

  CsvRowReader(Reader text, String name, boolean tabs, int maxChars) {
    this.errors = new RowErrors(name);
    this.escapes = tabs;
    this.maxChars = maxChars;
    this.in = new Bounded(text);
    this.csv =
        CsvReader.builder()
            .fieldSeparator(tabs ? '\t' : ',')
            .skipEmptyLines(false)
            // a file that ends within quotes was cut off
            .allowUnclosedQuote(false)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            // ours must strike first, it knows the record and not only the field
            .maxBufferSize(maxChars + 4 * READ_AHEAD)
            .build(new Fields(), in);
    this.rows = csv.iterator();
  }

  @Override
  public @Nullable Map<String, @Nullable Object> next() {
    if (names.isEmpty() && !readHeader()) {
      return null;
    }
    Row row = nextRow(names.size() == 1);
    if (row == null) {
      return null;
    }
    int found = row.fields().size();
    if (found != names.size()) {
      throw errors
          .bad(
              row.line(),
              "expected " + names.size() + " fields as in the header, found " + found,
              "a value that contains the separator, a quote or a line end must be in quotes")
          .with("expected", names.size())
          .with("found", found);
    }
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < found; i++) {
      values.put(names.get(i), plain(row.fields().get(i), row.line()));
    }
    rowLine = row.line();
    return values;
  }

  @Override
  public long lineNumber() {
    return rowLine;
  }

  @Override
  public void close() {
    try {
      csv.close();
    } catch (IOException e) {
      throw errors.failed(parsing, e);
    }
  }

  private boolean readHeader() {
    Row header = nextRow(false);
    if (header == null) {
      return false;
    }
    Set<String> unique = new LinkedHashSet<>();
    for (String field : header.fields()) {
      String name = plain(field, header.line());
      if (name == null || name.isEmpty()) {
        throw errors.bad(
            header.line(),
            "column " + (unique.size() + 1) + " of the header has no name",
            "the first line must name every column");
      }
      if (!unique.add(name)) {
        throw errors.bad(
            header.line(),
            "the header names the column \"" + name + "\" twice",
            "give each column its own name");
      }
    }
    names = List.copyOf(unique);
    return true;
  }

  /**
   * The next record. A blank line is one only in a file of a single column, where it is how a NULL
   * looks; elsewhere it is nothing.
   */
  private @Nullable Row nextRow(boolean blankLinesCount) {
    try {
      while (rows.hasNext()) {
        Row row = rows.next();
        if (blankLinesCount || !row.blankLine()) {
          return row;
        }
      }
      return null;
    } catch (UncheckedIOException e) {
      throw errors.failed(parsing, Objects.requireNonNull(e.getCause()));
    } catch (CsvParseException e) {
      // fastcsv wraps whatever its reader and our handler throw, errors of the JVM included
      if (e.getCause() instanceof SqliteSafeException ours) {
        throw ours;
      }
      if (e.getCause() instanceof Error fatal) {
        throw fatal;
      }
      throw errors.bad(
          parsing,
          "not valid CSV: " + e.getMessage(),
          "quotes around a value must be closed, and quotes inside it doubled");
    }
  }

  private @Nullable String plain(@Nullable String field, long line) {
    if (field == null || !escapes || field.indexOf('\\') < 0) {
      return field;
    }
    StringBuilder plain = new StringBuilder(field.length());
    int from = 0;
    for (int at = field.indexOf('\\'); at >= 0; at = field.indexOf('\\', from)) {
      plain.append(field, from, at);
      switch (at + 1 < field.length() ? field.charAt(at + 1) : '\0') {
        case 't' -> plain.append('\t');
        case 'n' -> plain.append('\n');
        case 'r' -> plain.append('\r');
        case '\\' -> plain.append('\\');
        default ->
            throw errors.bad(
                line,
                "a backslash that starts none of the escapes \\t, \\n, \\r and \\\\",
                "in TSV a backslash itself is written as \\\\");
      }
      from = at + 2;
    }
    plain.append(field, from, field.length());
    return plain.toString();
  }

  /** Collects a record, telling nothing at all (NULL) from the empty string in quotes. */
  private final class Fields extends AbstractBaseCsvCallbackHandler<Row> {
    private List<@Nullable String> fields = new ArrayList<>();
    private boolean blankLine;

    @Override
    protected void handleBegin(long startingLineNumber) {
      parsing = startingLineNumber;
      in.length = 0;
      fields = new ArrayList<>(names.size());
      blankLine = false;
    }

    @Override
    protected void handleField(int index, char[] text, int offset, int length, boolean quoted) {
      errors.requireColumns(index + 1, parsing);
      fields.add(length == 0 && !quoted ? null : new String(text, offset, length));
    }

    @Override
    protected void handleEmpty() {
      blankLine = true;
      fields.add(null);
    }

    @Override
    protected Row buildRecord() {
      return new Row(parsing, fields, blankLine);
    }
  }

  /** Refuses to read on in a record that is too long, before it fills the memory. */
  private final class Bounded extends FilterReader {
    private long length;

    Bounded(Reader in) {
      super(in);
    }

    @Override
    public int read(char[] target, int offset, int wanted) throws IOException {
      int count = super.read(target, offset, wanted);
      length += count;
      if (length > (long) maxChars + READ_AHEAD) {
        throw errors.tooLong(parsing, maxChars);
      }
      return count;
    }
  }
}
