package io.sqlitesafe.cli.input;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a data file, one after the other, each with its columns in the file's order. Values
 * are null, {@link Long}, {@link Double} or {@link String}. Memory is bounded by one row, and a row
 * by {@link #maxRecordChars()}. For one thread.
 *
 * <p>Bad input is a {@link SqliteSafeException} of kind USAGE that names the file and the line;
 * trouble in reading it is one of kind FAILED. After either nothing more can be read.
 */
public interface RowReader extends AutoCloseable {
  /** The formats, with names as typed on the command line. */
  enum Format {
    /**
     * An object of plain values a line. true and false become 1 and 0, a nested array or object its
     * compact JSON text; an integer must fit into 64 bits, a real too large becomes an infinity as
     * it does in SQL. Empty lines are skipped.
     */
    JSONL,
    /** RFC 4180 with a header line. All values are text, but nothing at all (not "") is NULL. */
    CSV,
    /** Like CSV with tabs, and with tab, newline, return and backslash as \t, \n, \r and \\. */
    TSV;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is meant by standard input. */
  String STDIN = "-";

  /** The next row, or null after the last. The map is the caller's to keep. */
  @Nullable Map<String, @Nullable Object> next();

  /** The line, counted from 1, on which the last row that was returned starts; 0 before it. */
  long lineNumber();

  @Override
  void close();

  /**
   * Opens a file, or standard input for {@code -} (which closing leaves open).
   *
   * @param format null to go by the suffix (.jsonl, .ndjson, .csv, .tsv); JSONL for standard input
   * @throws SqliteSafeException of kind USAGE if there is no such file or its format is unknown
   */
  static RowReader open(String file, @Nullable Format format) {
    if (file.equals(STDIN)) {
      InputStream stdin =
          new FilterInputStream(System.in) {
            @Override
            public void close() {}
          };
      return open(stdin, "standard input", format == null ? Format.JSONL : format);
    }
    Format known = format == null ? formatOf(file) : format;
    try {
      Path path = Path.of(file);
      if (Files.isDirectory(path)) {
        throw unreadable(file, "it is a directory");
      }
      return open(Files.newInputStream(path), file, known);
    } catch (NoSuchFileException | InvalidPathException e) {
      throw unreadable(file, "there is no such file");
    } catch (AccessDeniedException e) {
      throw unreadable(file, "permission denied");
    } catch (IOException e) {
      throw unreadable(file, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads rows from a stream, which is closed with the reader.
   *
   * @param name what to call the source in errors
   */
  static RowReader open(InputStream in, String name, Format format) {
    return open(in, name, format, maxRecordChars());
  }

  /** The same with a limit of one's own. */
  static RowReader open(InputStream in, String name, Format format, int maxRecordChars) {
    Utf8Reader text = new Utf8Reader(in, name);
    return switch (format) {
      case JSONL -> new JsonlRowReader(text, name, maxRecordChars);
      case CSV -> new CsvRowReader(text, name, false, maxRecordChars);
      case TSV -> new CsvRowReader(text, name, true, maxRecordChars);
    };
  }

  /**
   * The longest row that is accepted, in characters: 64 Mi, but less where the heap is small. A
   * parser needs several times the size of what it parses, and running out of memory would be a
   * worse answer than an error that names the line.
   */
  static int maxRecordChars() {
    long share = Runtime.getRuntime().maxMemory() / 8;
    return (int) Math.min(64L << 20, Math.max(1L << 20, share));
  }

  private static Format formatOf(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      return Format.JSONL;
    }
    if (name.endsWith(".csv")) {
      return Format.CSV;
    }
    if (name.endsWith(".tsv")) {
      return Format.TSV;
    }
    throw new SqliteSafeException(
            ErrorKind.USAGE,
            "cannot tell the format of " + file + " from its name",
            "rows are read from .jsonl, .ndjson, .csv and .tsv files, or from - for JSON Lines on"
                + " standard input")
        .with("file", file);
  }

  private static SqliteSafeException unreadable(String file, String why) {
    return new SqliteSafeException(
            ErrorKind.USAGE,
            "cannot read rows from " + file + ": " + why,
            "give the path of a readable .jsonl, .csv or .tsv file")
        .with("file", file);
  }
}
