package io.sqlitesafe.cli.input;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;

/** The errors that both row readers report, so that they read the same. */
final class RowErrors {
  /** What SQLite can bind. Also keeps a line of nothing but commas from filling the memory. */
  private static final int MAX_COLUMNS = 32_766;

  private final String file;

  RowErrors(String file) {
    this.file = file;
  }

  SqliteSafeException bad(long line, String what, String hint) {
    return new SqliteSafeException(ErrorKind.USAGE, file + ", line " + line + ": " + what, hint)
        .with("file", file)
        .with("line", line);
  }

  void requireColumns(int count, long line) {
    if (count > MAX_COLUMNS) {
      throw bad(
          line,
          "more than " + MAX_COLUMNS + " columns, which is more than SQLite has parameters",
          "check that this is the right file and its format the right one");
    }
  }

  SqliteSafeException tooLong(long line, int maxChars) {
    return bad(
        line,
        "the record that starts here is longer than " + maxChars + " characters",
        "look for a missing line end or an unclosed quote; a large value can be given with"
            + " --param NAME:blob=@FILE; with little memory the limit is an eighth of the heap");
  }

  SqliteSafeException failed(long line, IOException e) {
    return new SqliteSafeException(
            ErrorKind.FAILED,
            "cannot read " + file + " after line " + line + ": " + e.getMessage(),
            null,
            e)
        .with("file", file)
        .with("line", line);
  }
}
