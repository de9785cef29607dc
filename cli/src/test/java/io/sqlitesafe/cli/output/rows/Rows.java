package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.sql.RowSink;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Test data: what a database may hold that a careless printer would spoil. */
public final class Rows {
  static final List<String> NAMES = List.of("id", "v\"a|l;\n,\t\\", "id");

  private Rows() {}

  public static @Nullable Object[] of(@Nullable Object... values) {
    return values;
  }

  /** Every storage class at its edges. */
  public static List<@Nullable Object> nasty() {
    List<@Nullable Object> values = new ArrayList<>();
    values.add(null);
    values.addAll(
        List.of(0L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, (1L << 53) + 1, -(1L << 53) - 1));
    values.addAll(List.of(0.1, 1.0, -2.0, 1e10, 1.5E17, Double.MIN_VALUE, Double.MAX_VALUE));
    values.addAll(
        List.of(2.0E-23, 9007199254740994.0, 1.0E-5, Double.MIN_NORMAL, 0.30000000000000004));
    values.addAll(List.of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
    values.addAll(List.of("", " ", "NULL", "it's", "\"", "'", "a|b", "a,b", "a;b", "#no comment"));
    values.addAll(
        List.of("line\nbreak", "cr\rlf\r\n", "\n", "tab\there", "back\\slash", "\\n", "\\"));
    values.addAll(List.of("\0", "a\0b", "\0\0x\0", "\\0\0\\0.1\0", "'\0'", "\\\0", "0\0" + "0"));
    values.addAll(
        List.of("\u001b[31mred\u001b[0m", "\u009b2J", "\u202Egnp.exe", "\u2028", "\uFEFF"));
    values.addAll(
        List.of("größe", "日本語", "😀👩‍👩‍👧", "e\u0301", "\uFFFF", "<b>&amp;</b>", "`*_[x]"));
    values.addAll(List.of("-1", "1e5", "0x10", "9e999", "=1+1", "x".repeat(5000)));
    values.addAll(List.of(new byte[0], new byte[] {0}, new byte[] {-1, 0, 39, 10}, new byte[1000]));
    return values;
  }

  public static String print(RowFormat format, Consumer<Feed> rows) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Feed printer = new Feed(format.printer(out));
    rows.accept(printer);
    printer.finish();
    return out.toString(StandardCharsets.UTF_8);
  }

  public static String printNasty(RowFormat format) {
    return print(
        format,
        printer -> {
          printer.columns(NAMES);
          long id = 1;
          for (Object value : nasty()) {
            printer.row(of(id++, value, "end"));
          }
        });
  }

  /** Lets so many characters pass, then fails. */
  public static OutputStream failingAfter(int chars) {
    return new OutputStream() {
      private int left = chars;

      @Override
      public void write(int b) throws java.io.IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] text, int offset, int length) throws java.io.IOException {
        left -= length;
        if (left < 0) {
          throw new java.io.IOException("disk full");
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {
        throw new AssertionError("not ours to close");
      }
    };
  }

  /** Gives rows to a printer that takes them as values. */
  public static final class Feed {
    private final RowPrinter printer;
    private RowSink.Rows.OfValues rows = values -> {};

    public Feed(RowPrinter printer) {
      this.printer = printer;
    }

    public void columns(List<String> names) {
      rows = (RowSink.Rows.OfValues) printer.columns(names);
    }

    public void row(@Nullable Object[] values) {
      rows.row(values);
    }

    public void finish() {
      printer.finish();
    }
  }
}
