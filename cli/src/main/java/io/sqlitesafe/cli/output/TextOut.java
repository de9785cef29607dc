package io.sqlitesafe.cli.output;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;

/** A buffered writer whose failures are the one exception of this program. For one thread. */
final class TextOut {
  private final Writer out;

  TextOut(Writer out) {
    this.out = new BufferedWriter(out);
  }

  TextOut add(String text) {
    try {
      out.write(text);
      return this;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  TextOut add(char c) {
    try {
      out.write(c);
      return this;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  static SqliteSafeException failed(IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED, "Cannot write the output: " + e.getMessage(), null, e);
  }
}
