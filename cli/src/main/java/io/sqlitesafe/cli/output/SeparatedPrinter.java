package io.sqlitesafe.cli.output;

import io.sqlitesafe.db.Cells;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sqlite3 shell's list and csv modes and what else puts values side by side: quote, tcl, ascii
 * and tabs.
 */
final class SeparatedPrinter implements RowPrinter {
  /** What a mode puts around values. */
  enum Quoting {
    NONE,
    CSV,
    TCL,
    SQL
  }

  private final TextOut out;
  private final Layout layout;
  private final String separator;
  private final String lineEnd;
  private final Quoting quoting;
  private final byte[] nullValue;

  SeparatedPrinter(
      OutputStream out, Layout layout, String separator, String lineEnd, Quoting quoting) {
    this.out = new TextOut(out);
    this.layout = layout;
    this.separator = separator;
    this.lineEnd = lineEnd;
    this.quoting = quoting;
    this.nullValue = layout.nullValue().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void columns(List<String> names) {
    if (!layout.headersOr(false)) {
      return;
    }
    for (int i = 0; i < names.size(); i++) {
      out.add(i == 0 ? "" : separator);
      byte[] name = Bytes.of(names.get(i));
      switch (quoting) {
        case NONE -> out.add(name);
        case CSV -> csv(name);
        case TCL -> tcl(name);
        case SQL -> out.add('\'').addDoubling(name, '\'').add('\'');
      }
    }
    out.add(lineEnd);
  }

  @Override
  public Form form() {
    return Form.CELLS;
  }

  @Override
  public void cells(Cells row) {
    int count = row.count();
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        out.add(separator);
      }
      if (quoting == Quoting.SQL) {
        SqlLiteral.write(out, row, i, true);
        continue;
      }
      byte[] bytes = row.bytes(i);
      if (bytes == null && quoting == Quoting.TCL) {
        tcl(nullValue);
      } else if (bytes == null) {
        out.add(nullValue);
      } else {
        switch (quoting) {
          case CSV -> {
            if (row.type(i) == Cells.Type.REAL && Values.isInfinite(bytes)) {
              out.add(Values.infinite(bytes)); // a CSV brings back the same number
            } else {
              csv(bytes);
            }
          }
          case TCL -> tcl(bytes);
          default -> out.add(bytes);
        }
      }
    }
    out.add(lineEnd);
  }

  @Override
  public void row(@Nullable Object[] values) {
    throw new UnsupportedOperationException(); // see form()
  }

  private void csv(byte[] bytes) {
    if (isPlain(bytes)) {
      out.add(bytes);
    } else {
      out.add('"').addDoubling(bytes, '"').add('"');
    }
  }

  /** More is quoted than RFC 4180 asks for: that is how sqlite3 does it. */
  private static boolean isPlain(byte[] bytes) {
    for (byte c : bytes) {
      if (c <= ' ' || c == 0x7f || c == '"' || c == '\'' || c == ',') { // negative: not ASCII
        return false;
      }
    }
    return bytes.length > 0;
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
