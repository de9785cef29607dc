package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.Bytes;
import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.sql.Cells;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sqlite3 shell's table, box, column and markdown modes. That shell keeps a whole result in
 * memory to size its columns; here the first {@link #FIRST_ROWS} rows decide, so that a result of
 * any size streams, and a later, wider value pushes its line to the right.
 */
final class ColumnarPrinter implements RowPrinter, RowSink.Rows.OfCells {
  static final int FIRST_ROWS = 1000;
  private static final int MAX_BUFFERED_CHARS = 4 << 20;
  private static final int TAB = 8;

  private final TextOut out;
  private final Layout layout;
  private final ColumnStyle style;
  private List<String> names = List.of();
  private final List<List<List<String>>> buffered = new ArrayList<>();
  private int bufferedChars;
  private int @Nullable [] widths;
  private boolean ruled;
  private boolean firstRow;

  ColumnarPrinter(OutputStream out, Layout layout, ColumnStyle style) {
    this.out = new TextOut(out);
    this.layout = layout;
    this.style = style;
  }

  @Override
  public Rows columns(List<String> columns) {
    endResult();
    names = columns;
    widths = null;
    firstRow = true;
    ruled = false;
    return this;
  }

  @Override
  public boolean typed() {
    return false;
  }

  @Override
  public void cells(Cells row) {
    List<List<String>> cells = new ArrayList<>(row.count());
    for (int i = 0; i < row.count(); i++) {
      cells.add(lines(layout.text(row, i), limit(i)));
    }
    if (widths != null) {
      write(cells, widths);
      return;
    }
    buffered.add(cells);
    for (List<String> cell : cells) {
      ruled |= cell.size() > 1 && style.ruled();
      cell.forEach(line -> bufferedChars += line.length());
    }
    if (buffered.size() == FIRST_ROWS || bufferedChars > MAX_BUFFERED_CHARS) {
      begin();
    }
  }

  @Override
  public void finish() {
    endResult();
    out.flush();
  }

  private void endResult() {
    if (names.isEmpty()) {
      return;
    }
    int[] fixed = widths == null ? begin() : widths;
    rule(style.bottom(), fixed);
    names = List.of();
  }

  private int asked(int column) {
    return column < layout.widths().size() ? layout.widths().get(column) : 0;
  }

  private int limit(int column) {
    int asked = Math.abs(asked(column));
    return asked != 0 ? asked : layout.wrap() == 0 ? Integer.MAX_VALUE : layout.wrap();
  }

  private int[] begin() {
    int[] fixed = new int[names.size()];
    List<List<String>> header = new ArrayList<>();
    for (int i = 0; i < fixed.length; i++) {
      header.add(lines(names.get(i), limit(i)));
      fixed[i] = Math.max(Math.abs(asked(i)), widest(header.get(i)));
      for (List<List<String>> row : buffered) {
        fixed[i] = Math.max(fixed[i], widest(row.get(i)));
      }
    }
    widths = fixed;
    rule(style.top(), fixed);
    if (style.centred() || layout.headersOr(true)) {
      lines(header, fixed, style.centred());
      if (style.centred()) {
        rule(style.middle(), fixed);
      } else {
        String[] dashes = Arrays.stream(fixed).mapToObj("-"::repeat).toArray(String[]::new);
        out.add(String.join(style.between(), dashes)).add('\n');
      }
    }
    buffered.forEach(cells -> write(cells, fixed));
    buffered.clear();
    bufferedChars = 0;
    return fixed;
  }

  private static int widest(List<String> lines) {
    return lines.stream().mapToInt(DisplayText::width).max().orElse(0);
  }

  private void write(List<List<String>> cells, int[] fixed) {
    if (ruled && !firstRow) {
      if (style.middle().isEmpty()) {
        out.add('\n');
      } else {
        rule(style.middle(), fixed);
      }
    }
    firstRow = false;
    lines(cells, fixed, false);
  }

  private void rule(String parts, int[] fixed) {
    if (parts.isEmpty()) {
      return;
    }
    for (int i = 0; i < fixed.length; i++) {
      out.add(parts.charAt(i == 0 ? 0 : 2));
      out.add(String.valueOf(parts.charAt(1)).repeat(fixed[i] + 2));
    }
    out.add(parts.charAt(3)).add('\n');
  }

  private void lines(List<List<String>> cells, int[] fixed, boolean centred) {
    int height = cells.stream().mapToInt(List::size).max().orElse(1);
    for (int line = 0; line < height; line++) {
      out.add(style.left());
      for (int i = 0; i < fixed.length; i++) {
        String text = line < cells.get(i).size() ? cells.get(i).get(line) : "";
        int room = Math.max(0, fixed[i] - DisplayText.width(text));
        int before = centred ? room / 2 : asked(i) < 0 ? room : 0;
        out.add(i == 0 ? "" : style.between());
        out.add(" ".repeat(before)).add(text).add(" ".repeat(room - before));
      }
      out.add(style.right()).add('\n');
    }
  }

  /** The lines of a cell: broken at its line ends, and where it would be wider than allowed. */
  private static List<String> lines(String text, int limit) {
    List<String> lines = new ArrayList<>(1);
    StringBuilder line = new StringBuilder();
    int width = 0;
    boolean wrapped = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == '\n' || (c == '\r' && i < text.length() && text.charAt(i) == '\n')) {
        i += c == '\r' ? 1 : 0;
        if (!wrapped) {
          lines.add(line.toString());
        }
        line.setLength(0);
        width = 0;
        wrapped = false;
        continue;
      }
      int start = line.length();
      if (c == '\t') {
        int stop = Math.min(width / TAB * TAB + TAB, Math.max(limit, width + 1));
        line.append(" ".repeat(stop - width));
      } else {
        if (Bytes.isByte(c)) {
          line.append((char) c);
        } else {
          DisplayText.append(line, c);
        }
      }
      wrapped = false;
      width += DisplayText.width(line.substring(start));
      if (width >= limit) {
        lines.add(line.toString());
        line.setLength(0);
        width = 0;
        wrapped = true;
      }
    }
    if (!wrapped || lines.isEmpty()) {
      lines.add(line.toString());
    }
    return lines;
  }
}
