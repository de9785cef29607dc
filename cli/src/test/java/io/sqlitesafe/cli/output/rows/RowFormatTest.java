package io.sqlitesafe.cli.output.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RowFormatTest {
  @Test
  void namesAreThoseOfTheContract() {
    assertEquals(
        "[table, json, jsonl, csv, tsv, list, insert, markdown]",
        Arrays.toString(RowFormat.values()));
  }

  @ParameterizedTest
  @EnumSource
  void aStatementWithoutColumnsLeavesNoTrace(RowFormat format) {
    assertEquals("", Rows.print(format, printer -> {}));
    assertEquals(
        Rows.print(
            format,
            printer -> {
              printer.columns(List.of("a"));
              printer.row(Rows.of(1L));
            }),
        Rows.print(
            format,
            printer -> {
              printer.columns(List.of());
              printer.columns(List.of("a"));
              printer.row(Rows.of(1L));
              printer.columns(List.of());
            }));
  }

  @ParameterizedTest
  @CsvSource({"TABLE", "MARKDOWN"})
  void formatsForPeopleShowNothingThatATerminalObeys(RowFormat format) {
    String shown = Rows.printNasty(format);

    for (int c : shown.codePoints().toArray()) {
      assertFalse(
          (Character.isISOControl(c) && c != '\n') || c == 0x202E || c == 0x2028 || c == 0xFEFF,
          () -> "U+" + Integer.toHexString(c));
    }
    assertTrue(shown.contains("\\u001b[31mred") || shown.contains("\\u001b\\[31mred"), shown);
  }

  @ParameterizedTest
  @EnumSource
  void aFailingWriterIsReportedWithItsCause(RowFormat format) {
    OutputStream out = Rows.failingAfter(20_000);
    SqliteSafeException e =
        assertThrows(
            SqliteSafeException.class,
            () -> {
              Rows.Feed printer = new Rows.Feed(format.printer(out));
              printer.columns(List.of("a", "b"));
              for (int i = 0; i < 10_000; i++) {
                printer.row(Rows.of((long) i, "text"));
              }
              printer.finish();
            });

    assertEquals(ErrorKind.FAILED, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains("disk full"), e.getMessage());
    assertInstanceOf(IOException.class, e.getCause());
  }

  /** A printer that collected its rows would need gigabytes here. */
  @ParameterizedTest
  @EnumSource
  void streams(RowFormat format) {
    long[] written = new long[1];
    OutputStream counting =
        new OutputStream() {
          @Override
          public void write(int b) {
            written[0]++;
          }

          @Override
          public void write(byte[] text, int offset, int length) {
            written[0] += length;
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Rows.Feed printer = new Rows.Feed(format.printer(counting));
    printer.columns(List.of("a"));
    String cell = "x".repeat(100_000);
    for (int i = 0; i < 500; i++) {
      printer.row(Rows.of(cell));
      assertTrue(written[0] > (i - 20) * 100_000L, "holds back its output");
    }
  }

  @Test
  void equalNamesAreToldApart() {
    assertEquals(
        List.of("id", "id:1", "x", "id:3", "id:2"),
        Values.uniqueNames(List.of("id", "id", "x", "id", "id:2")));
    assertEquals(List.of("id:1", "id", "id:2"), Values.uniqueNames(List.of("id:1", "id", "id")));
  }
}
