package io.sqlitesafe.cli.input;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of fields between separators of any length, as the sqlite3 shell's .import reads them: a
 * field that begins with a quote ends at the next one that is not doubled; nothing at all is the
 * empty string. Nothing is said about how many fields a record has. Memory is bounded by one
 * record. For one thread.
 */
public final class DelimitedReader implements AutoCloseable {
  private static final int END = -1;

  private final BufferedReader in;
  private final String name;
  private final String column;
  private final String row;
  private final boolean quotes;
  private final RowErrors errors;
  private final StringBuilder ahead = new StringBuilder();
  private long line = 1;
  private long recordLine;
  private long length;

  /**
   * Reads {@code in}, which is closed with the reader.
   *
   * @param name what to call the source in errors
   * @param column between fields
   * @param row after records; where it is a line end, any kind of line end
   * @param quotes whether fields may be in quotes
   */
  public DelimitedReader(Reader in, String name, String column, String row, boolean quotes) {
    this.in = new BufferedReader(in);
    this.name = name;
    this.column = column;
    this.row = row.equals("\r\n") ? "\n" : row;
    this.quotes = quotes;
    this.errors = new RowErrors(name);
  }

  /** The source, for messages. */
  public String name() {
    return name;
  }

  /** The line, counted from 1, on which the last record that was returned starts. */
  public long lineNumber() {
    return recordLine;
  }

  /** The next record, or null after the last. Blank lines are none. */
  public @Nullable List<String> next() {
    try {
      while (true) {
        recordLine = line;
        length = 0;
        if (peek(0) == END) {
          return null;
        }
        List<String> fields = record();
        if (fields.size() > 1 || !fields.get(0).isEmpty() || !row.equals("\n")) {
          return fields;
        }
      }
    } catch (IOException e) {
      throw errors.failed(recordLine, e);
    }
  }

  private List<String> record() throws IOException {
    List<String> fields = new ArrayList<>();
    while (true) {
      errors.requireColumns(fields.size() + 1, recordLine);
      fields.add(field());
      if (skip(column)) {
        continue;
      }
      if (peek(0) == END || skip(row)) {
        return fields;
      }
      throw errors.bad(
          line,
          "something follows the quote that ends a field",
          "quotes inside a value must be doubled");
    }
  }

  private String field() throws IOException {
    StringBuilder field = new StringBuilder();
    if (quotes && peek(0) == '"') {
      quoted(field);
      return field.toString();
    }
    while (peek(0) != END && !at(column) && !at(row)) {
      field.append((char) take());
    }
    return field.toString();
  }

  private void quoted(StringBuilder field) throws IOException {
    long start = line;
    take();
    while (true) {
      int c = take();
      if (c == END) {
        throw errors.bad(
            start, "a quote that is never closed", "a file that ends within quotes was cut off");
      }
      if (c != '"') {
        field.append((char) c);
      } else if (peek(0) == '"') {
        field.append((char) take());
      } else {
        return;
      }
    }
  }

  private boolean at(String text) throws IOException {
    if (text.equals("\n")) {
      return peek(0) == '\n' || (peek(0) == '\r' && (peek(1) == '\n' || peek(1) == END));
    }
    for (int i = 0; i < text.length(); i++) {
      if (peek(i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean skip(String text) throws IOException {
    if (!at(text)) {
      return false;
    }
    if (text.equals("\n") && peek(0) == '\r') {
      take();
    }
    for (int i = 0; i < text.length(); i++) {
      take();
    }
    return true;
  }

  private int peek(int distance) throws IOException {
    while (ahead.length() <= distance) {
      int c = in.read();
      if (c == END) {
        return END;
      }
      ahead.append((char) c);
    }
    return ahead.charAt(distance);
  }

  private int take() throws IOException {
    int c = peek(0);
    if (c == END) {
      return END;
    }
    ahead.deleteCharAt(0);
    if (c == '\n') {
      line++;
    }
    length++;
    if (length > RowReader.maxRecordChars()) {
      throw errors.tooLong(recordLine, RowReader.maxRecordChars());
    }
    return c;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw errors.failed(line, e);
    }
  }
}
