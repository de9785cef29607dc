package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.Bytes;
import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.sql.Cells;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The sqlite3 shell's list and csv modes and what else puts values side by side: quote, tcl, ascii
 * and tabs.
 */
final class SeparatedPrinter implements RowPrinter, RowSink.Rows.OfCells {
  /** What a mode puts around values. */
  enum Quoting {
    NONE,
    CSV,
    TCL,
    SQL
  }

  private final TextOut out;
  private final Layout layout;
  private final byte[] separator;
  private final byte[] lineEnd;
  private final Quoting quoting;
  private final byte[] nullValue;

  SeparatedPrinter(
      OutputStream out, Layout layout, String separator, String lineEnd, Quoting quoting) {
    this.out = new TextOut(out);
    this.layout = layout;
    this.separator = Bytes.of(separator);
    this.lineEnd = Bytes.of(lineEnd);
    this.quoting = quoting;
    this.nullValue = layout.nullValue().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Rows columns(List<String> names) {
    if (!layout.headersOr(false)) {
      return this;
    }
    for (int i = 0; i < names.size(); i++) {
      if (i > 0) {
        out.add(separator);
      }
      byte[] name = Bytes.of(names.get(i));
      switch (quoting) {
        case NONE -> out.add(name);
        case CSV -> csv(name, 0, name.length);
        case TCL -> tcl(name);
        case SQL -> out.add('\'').addDoubling(name, '\'').add('\'');
      }
    }
    out.add(lineEnd);
    return this;
  }

  @Override
  public boolean typed() {
    return quoting == Quoting.SQL;
  }

  @Override
  public void cells(Cells row) {
    int count = row.count();
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        out.add(separator);
      }
      byte[] array = row.array(i);
      if (quoting == Quoting.SQL) {
        SqlLiteral.write(out, row, i, true);
      } else if (array == null) {
        nothing();
      } else if (quoting == Quoting.NONE) {
        out.add(array, row.from(i), row.to(i));
      } else if (quoting == Quoting.TCL) {
        tcl(Arrays.copyOfRange(array, row.from(i), row.to(i)));
      } else if (row.infinity(i) != 0) {
        // a CSV brings back the same number
        out.add(Values.real(row.infinity(i) * Double.POSITIVE_INFINITY));
      } else {
        csv(array, row.from(i), row.to(i));
      }
    }
    out.add(lineEnd);
  }

  private void nothing() {
    if (quoting == Quoting.TCL) {
      tcl(nullValue);
    } else {
      out.add(nullValue);
    }
  }

  private void csv(byte[] bytes, int from, int to) {
    if (isPlain(bytes, from, to)) {
      out.add(bytes, from, to);
    } else {
      out.add('"').addDoubling(bytes, '"').add('"'); // no number, so the array is all its own
    }
  }

  /** More is quoted than RFC 4180 asks for: that is how sqlite3 does it. */
  private static boolean isPlain(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      byte c = bytes[i];
      if (c <= ' ' || c == 0x7f || c == '"' || c == '\'' || c == ',') { // negative: not ASCII
        return false;
      }
    }
    return to > from;
  }

  /** As C and Tcl read it; bytes beyond ASCII as octal numbers, like sqlite3. */
  private void tcl(byte[] bytes) {
    out.add('"');
    for (byte b : bytes) {
      int c = b & 0xFF;
      switch (c) {
        case '\\' -> out.add("\\\\");
        case '"' -> out.add("\\\"");
        case '\t' -> out.add("\\t");
        case '\n' -> out.add("\\n");
        case '\r' -> out.add("\\r");
        default -> {
          if (c >= ' ' && c < 0x7f) {
            out.add((char) c);
          } else {
            out.add('\\').add((char) ('0' + (c >> 6))).add((char) ('0' + (c >> 3 & 7)));
            out.add((char) ('0' + (c & 7)));
          }
        }
      }
    }
    out.add('"');
  }

  @Override
  public void finish() {
    out.flush();
  }
}
