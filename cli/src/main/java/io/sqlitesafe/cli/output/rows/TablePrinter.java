package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Aligned columns under a header. The first screenful decides how wide they are, so that the rest
 * can stream; a later, wider value pushes its line to the right. Values over {@link #MAX_WIDTH} are
 * cut with …, except in the last column, where nothing has to be aligned after them.
 */
public final class TablePrinter implements RowPrinter, RowSink.Rows.OfValues {
  static final int FIRST_SCREENFUL = 200;
  static final int MAX_WIDTH = 60;

  /** Some columns of 200 rows may hold megabytes: then fewer rows have to do. */
  private static final int MAX_BUFFERED_CHARS = 1 << 20;

  /** A BLOB longer than this is shown by its beginning and size. */
  private static final int MAX_BLOB = 24;

  private final TextOut out;
  private List<String> names = List.of();
  private final List<String[]> buffered = new ArrayList<>();
  private int bufferedChars;
  private boolean[] rightAligned = {};
  private boolean[] anyValue = {};
  private int @Nullable [] widths;
  private boolean anyResult;

  public TablePrinter(OutputStream out) {
    this.out = new TextOut(out);
  }

  @Override
  public Rows columns(List<String> columns) {
    endResult();
    List<String> shown = new ArrayList<>(columns.size());
    for (String name : columns) {
      shown.add(DisplayText.of(name, MAX_WIDTH));
    }
    names = shown;
    widths = null;
    anyValue = new boolean[columns.size()];
    rightAligned = new boolean[columns.size()];
    Arrays.fill(rightAligned, true);
    return this;
  }

  @Override
  public boolean faithful() {
    return true;
  }

  @Override
  public void row(@Nullable Object[] values) {
    String[] cells = new String[values.length];
    for (int i = 0; i < values.length; i++) {
      cells[i] = cell(values[i], i == values.length - 1 ? Integer.MAX_VALUE : MAX_WIDTH);
    }
    if (widths != null) {
      line(cells, widths);
      return;
    }
    for (int i = 0; i < values.length; i++) {
      bufferedChars += cells[i].length();
      anyValue[i] |= values[i] != null;
      rightAligned[i] &= values[i] == null || values[i] instanceof Number;
    }
    buffered.add(cells);
    if (buffered.size() == FIRST_SCREENFUL || bufferedChars > MAX_BUFFERED_CHARS) {
      writeBuffered();
    }
  }

  @Override
  public void finish() {
    endResult();
    out.flush();
  }

  private void endResult() {
    if (widths == null && !names.isEmpty()) {
      writeBuffered();
    }
    names = List.of();
  }

  private void writeBuffered() {
    int[] fixed = new int[names.size()];
    for (int i = 0; i < fixed.length; i++) {
      fixed[i] = DisplayText.width(names.get(i));
      for (String[] cells : buffered) {
        fixed[i] = Math.max(fixed[i], Math.min(DisplayText.width(cells[i]), MAX_WIDTH));
      }
      rightAligned[i] &= anyValue[i];
    }
    if (anyResult) {
      out.add('\n');
    }
    anyResult = true;
    widths = fixed;
    line(names.toArray(new String[0]), fixed);
    String[] underline = new String[fixed.length];
    for (int i = 0; i < fixed.length; i++) {
      underline[i] = "-".repeat(fixed[i]);
    }
    line(underline, fixed);
    for (String[] cells : buffered) {
      line(cells, fixed);
    }
    buffered.clear();
    bufferedChars = 0;
  }

  private void line(String[] cells, int[] fixed) {
    for (int i = 0; i < cells.length; i++) {
      String padding = " ".repeat(Math.max(0, fixed[i] - DisplayText.width(cells[i])));
      if (rightAligned[i]) {
        out.add(padding).add(cells[i]);
      } else {
        out.add(cells[i]).add(i == cells.length - 1 ? "" : padding);
      }
      out.add(i == cells.length - 1 ? "\n" : "  ");
    }
  }

  private static String cell(@Nullable Object value, int maxWidth) {
    if (value == null || Values.isNull(value)) {
      return "NULL";
    }
    if (value instanceof byte[] bytes) {
      return bytes.length <= MAX_BLOB
          ? "x'" + Values.hex(bytes) + "'"
          : "x'"
              + Values.hex(Arrays.copyOf(bytes, MAX_BLOB / 2))
              + "…' ("
              + bytes.length
              + " bytes)";
    }
    return value instanceof Number
        ? Values.text(value)
        : DisplayText.of(Values.text(value), maxWidth);
  }
}
