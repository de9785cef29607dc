package io.sqlitesafe.cli.input;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.cli.input.RowReader.Format;
import io.sqlitesafe.cli.output.rows.RowFormat;
import io.sqlitesafe.cli.output.rows.Rows;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowReaderTest {
  private static RowReader reader(Format format, String text) {
    return reader(format, text.getBytes(StandardCharsets.UTF_8));
  }

  private static RowReader reader(Format format, byte[] bytes) {
    return RowReader.open(new ByteArrayInputStream(bytes), "data", format);
  }

  private static List<Map<String, @Nullable Object>> all(RowReader reader) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    try (reader) {
      for (var row = reader.next(); row != null; row = reader.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static Map<String, @Nullable Object> row(@Nullable Object... namesAndValues) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      row.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return row;
  }

  private static SqliteSafeException refused(RowReader reader, long line, String... inMessage) {
    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> all(reader));
    String message = String.valueOf(e.getMessage());
    assertEquals(ErrorKind.USAGE, e.kind(), message);
    assertTrue(message.startsWith("data, line " + line + ": "), message);
    for (String part : inMessage) {
      assertTrue(message.contains(part), message);
    }
    assertNotNull(e.hint());
    assertEquals(line, e.details().get("line"));
    assertEquals("data", e.details().get("file"));
    return e;
  }

  @Test
  void jsonValuesBecomeSqlValues() {
    String line =
        """
        {"z":1,"a":-9223372036854775808,"b":1.5,"c":1e2,"d":true,"e":false,"f":null,"g":"x\\ny\\u0000😀",\
        "h":9e999,"i":-0.0,"j":9007199254740993,"":""}
        """;

    assertEquals(
        List.of(
            row(
                "z",
                1L,
                "a",
                Long.MIN_VALUE,
                "b",
                1.5,
                "c",
                100.0,
                "d",
                1L,
                "e",
                0L,
                "f",
                null,
                "g",
                "x\ny\0😀",
                "h",
                Double.POSITIVE_INFINITY,
                "i",
                -0.0,
                "j",
                9007199254740993L,
                "",
                "")),
        all(reader(Format.JSONL, line)));
    assertEquals(
        "[z, a, b]",
        all(reader(Format.JSONL, line)).get(0).keySet().stream().limit(3).toList().toString());
  }

  @Test
  void nestedJsonBecomesCompactText() {
    String line =
        "{\"a\": [ 1, 1.10, 1e400, 123456789012345678901, \"x\\\"\\u00e9\", null, true, {} ],"
            + " \"o\": { \"k\" : [ [ ] ] }, \"z\": 1}";

    assertEquals(
        List.of(
            row(
                "a",
                "[1,1.10,1e400,123456789012345678901,\"x\\\"é\",null,true,{}]",
                "o",
                "{\"k\":[[]]}",
                "z",
                1L)),
        all(reader(Format.JSONL, line)));
  }

  @Test
  void blankLinesAndReturnsAndAMissingLastNewlineAreFine() {
    RowReader reader = reader(Format.JSONL, "\uFEFF\r\n{\"a\":1}\r\n\n  \t\n{\"a\":2} \n{\"a\":3}");

    assertEquals(0, reader.lineNumber());
    assertEquals(row("a", 1L), reader.next());
    assertEquals(2, reader.lineNumber());
    assertEquals(row("a", 2L), reader.next());
    assertEquals(5, reader.lineNumber());
    assertEquals(row("a", 3L), reader.next());
    assertEquals(6, reader.lineNumber());
    assertNull(reader.next());
    assertNull(reader.next());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '§',
      value = {
        "[1] ~ not a JSON object",
        "7 ~ not a JSON object",
        "{\"a\":1} {\"a\":2} ~ follows the object",
        "{\"a\":1}, ~ not valid JSON at column 8",
        "{\"a\": ~ not valid JSON",
        "{\"a\":1 ~ not valid JSON",
        "{\"a\":'x'} ~ not valid JSON at column 6",
        "{\"a\":NaN} ~ not valid JSON",
        "{\"a\":01} ~ not valid JSON",
        "{\"a\":1,\"a\":2} ~ \"a\" occurs twice",
        "{\"n\":9223372036854775808} ~ \"n\" does not fit into 64 bits",
        "{\"n\":-99999999999999999999} ~ 64 bits",
        "{\"s\":\"\\ud800\"} ~ surrogate",
        "{\"s\":[\"\\udc00\"]} ~ surrogate",
        "{\"s\":\"open ~ not valid JSON",
      })
  void badJsonIsReportedWithItsLine(String line, String inMessage) {
    refused(reader(Format.JSONL, "{\"ok\":1}\n\n" + line + "\n{\"ok\":2}\n"), 3, inMessage);
  }

  @Test
  void tooDeepJsonIsAnErrorAndNoStackOverflow() {
    refused(reader(Format.JSONL, "{\"a\":" + "[".repeat(100_000)), 1, "depth");
  }

  @Test
  void csvTellsNullFromEmptyAndKeepsEverythingElseText() {
    RowReader reader =
        reader(
            Format.CSV,
            "\uFEFFid,\"a \"\"name\"\"\",x\r\n"
                + "1,,\"\"\r\n\r\n"
                + "\"multi\n"
                + "line\", 2 ,\"a,\"\"b\"\"\"\n"
                + "#3,NULL,1e5");

    assertEquals(row("id", "1", "a \"name\"", null, "x", ""), reader.next());
    assertEquals(2, reader.lineNumber());
    assertEquals(row("id", "multi\nline", "a \"name\"", " 2 ", "x", "a,\"b\""), reader.next());
    assertEquals(4, reader.lineNumber());
    assertEquals(row("id", "#3", "a \"name\"", "NULL", "x", "1e5"), reader.next());
    assertEquals(6, reader.lineNumber());
    assertNull(reader.next());
  }

  @Test
  void aBlankLineIsANullInAFileOfOneColumnOnly() {
    assertEquals(
        List.of(row("a", "1"), row("a", null), row("a", "")),
        all(reader(Format.CSV, "\na\n1\n\n\"\"\n")));
    assertEquals(List.of(row("a", "1", "b", "2")), all(reader(Format.CSV, "a,b\n\n1,2\n\n\n")));
  }

  @Test
  void tsvUnescapes() {
    assertEquals(
        List.of(row("a\tb", "t\tn\nr\rb\\", "c", "\"quoted\"\t")),
        all(reader(Format.TSV, "a\\tb\tc\nt\\tn\\nr\\rb\\\\\t\"\"\"quoted\"\"\\t\"\n")));
    refused(reader(Format.TSV, "a\nok\nC:\\x\n"), 3, "backslash");
    refused(reader(Format.TSV, "a\nend\\\n"), 2, "backslash");
    assertEquals(List.of(row("a", "C:\\new")), all(reader(Format.CSV, "a\nC:\\new\n")));
  }

  @Test
  void aWrongNumberOfFieldsIsReportedWithBothCounts() {
    SqliteSafeException e =
        refused(reader(Format.CSV, "a,b,c\n1,2,3\n\"x\ny\",2\n"), 3, "expected 3", "found 2");
    assertEquals(3, e.details().get("expected"));
    assertEquals(2, e.details().get("found"));
    refused(reader(Format.TSV, "a\tb\n1\t2\t3\n"), 2, "expected 2", "found 3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '§',
      value = {
        "a,b,a ~ \"a\" twice",
        "a,,c ~ column 2 of the header has no name",
        "a,\"\" ~ column 2",
        "a,b, ~ column 3",
      })
  void aHeaderMustNameEachColumnOnce(String header, String inMessage) {
    refused(reader(Format.CSV, header + "\n1,2,3\n"), 1, inMessage);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1,\"open\n3,4\n", "1,\"x\"y\n"})
  void brokenQuotesAreReported(String rows) {
    refused(reader(Format.CSV, "a,b\n5,6\n" + rows), 3, "not valid CSV");
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyFileHasNoRows(Format format) {
    assertEquals(List.of(), all(reader(format, "")));
    assertEquals(List.of(), all(reader(format, "\uFEFF")));
    assertEquals(List.of(), all(reader(format, "\n\r\n")));
  }

  @Test
  void aHeaderAloneHasNoRows() {
    assertEquals(List.of(), all(reader(Format.CSV, "a,b")));
    assertEquals(List.of(), all(reader(Format.TSV, "a\tb\n")));
  }

  @ParameterizedTest
  @EnumSource
  void malformedUtf8IsReportedWithItsLine(Format format) {
    String good = format == Format.JSONL ? "{\"a\":\"ä\"}\n" : "ä\n";
    byte[] text = good.repeat(3000).getBytes(StandardCharsets.UTF_8);
    byte[] bytes = Arrays.copyOf(text, text.length + 12);
    byte[] tail = "{\"a\":\"\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(tail, 0, bytes, text.length, tail.length);

    refused(reader(format, bytes), 3001, "not valid UTF-8");
    refused(reader(format, new byte[] {'\n', 'a', (byte) 0xC3}), 2);
  }

  @ParameterizedTest
  @EnumSource
  void aRecordOverTheLimitIsReportedWithTheLineItStartsOn(Format format) {
    String open = format == Format.JSONL ? "{\"a\":\"" : "\"";
    String close = format == Format.JSONL ? "\"}\n" : "\"\n";
    String head = format == Format.JSONL ? "" : "a\n";
    String fits = open + "x".repeat(90_000) + close;
    String text = head + fits + fits + open + "y".repeat(300_000) + close;
    RowReader reader =
        RowReader.open(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
            "data",
            format,
            100_000);

    assertNotNull(reader.next());
    assertNotNull(reader.next());
    SqliteSafeException e =
        refused(reader, format == Format.JSONL ? 3 : 4, "longer than 100000 characters");
    assertTrue(String.valueOf(e.hint()).contains("--param"));
  }

  @ParameterizedTest
  @EnumSource
  void manyShortRecordsAreNoLongOne(Format format) {
    String line = format == Format.JSONL ? "{\"a\":1}\n" : "1\n";
    RowReader reader =
        RowReader.open(
            new ByteArrayInputStream(
                ("a\n".repeat(format == Format.JSONL ? 0 : 1) + line.repeat(100_000))
                    .getBytes(StandardCharsets.UTF_8)),
            "data",
            format,
            100);
    assertEquals(100_000, all(reader).size());
  }

  @ParameterizedTest
  @EnumSource
  void moreColumnsThanSqliteCanBindAreRefused(Format format) {
    String separator = format == Format.CSV ? "," : "\t";
    StringBuilder text = new StringBuilder();
    if (format == Format.JSONL) {
      text.append("{\"a\":1");
      for (int i = 0; i < 40_000; i++) {
        text.append(",\"").append(i).append("\":1");
      }
    } else {
      text.append(separator.repeat(40_000));
    }
    refused(reader(format, text.toString()), 1, "more than 32766 columns");
  }

  /** In a JVM whose heap is far too small for the line. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "JSONL {\"a\":\"",
        "JSONL ",
        "JSONL {\"a\":[\"",
        "CSV \"",
        "CSV x",
        "TSV ,",
        "CSV ,"
      })
  void aLineOfAGigabyteDoesNotExhaustASmallHeap(String formatAndStart) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                HugeLine.class.getName(),
                formatAndStart)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    assertTrue(output.contains("usage: huge, line 1: "), output);
  }

  /** Reads a line of a gigabyte. */
  static final class HugeLine {
    public static void main(String[] args) {
      String[] formatAndStart = args[0].split(" ", 2);
      byte[] start = formatAndStart[1].getBytes(StandardCharsets.UTF_8);
      byte filler =
          (byte) (formatAndStart[1].endsWith(",") ? ',' : formatAndStart[1].isEmpty() ? ' ' : 'x');
      InputStream huge =
          new InputStream() {
            private long position;

            @Override
            public int read() {
              if (position == 1L << 30) {
                return -1;
              }
              return position++ < start.length ? start[(int) position - 1] : filler;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
              int count = 0;
              for (int b = 0; count < length && (b = read()) >= 0; count++) {
                target[offset + count] = (byte) b;
              }
              return count == 0 ? -1 : count;
            }
          };
      try {
        RowReader.open(huge, "huge", Format.valueOf(formatAndStart[0])).next();
      } catch (SqliteSafeException e) {
        System.out.println(e.kind().id() + ": " + e.getMessage());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"CSV,CSV", "TSV,TSV", "JSONL,JSONL"})
  void whatThePrintersWriteComesBack(RowFormat out, Format in) {
    List<@Nullable String> values =
        new ArrayList<>(Arrays.asList(null, "", " ", "a,b", "a\tb", "\"", "\\n"));
    values.addAll(List.of("l\nf", "c\r\nlf\r", "\\", "#x", "größe😀", "\0", "NULL", "'", "\u001b"));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    Rows.Feed printer = new Rows.Feed(out.printer(text));
    printer.columns(List.of("v\t\"\\", "w"));
    List<Map<String, @Nullable Object>> expected = new ArrayList<>();
    for (String value : values) {
      printer.row(new @Nullable Object[] {value, value});
      expected.add(row("v\t\"\\", value, "w", value));
    }
    printer.finish();

    assertEquals(expected, all(reader(in, text.toString(UTF_8))));
  }

  @ParameterizedTest
  @CsvSource({"CSV,CSV", "TSV,TSV", "JSONL,JSONL"})
  void alsoInASingleColumn(RowFormat out, Format in) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    Rows.Feed printer = new Rows.Feed(out.printer(text));
    printer.columns(List.of("v"));
    for (String value : Arrays.asList(null, "x", null, "", null)) {
      printer.row(new @Nullable Object[] {value});
    }
    printer.finish();

    assertEquals(
        List.of(row("v", null), row("v", "x"), row("v", null), row("v", ""), row("v", null)),
        all(reader(in, text.toString(UTF_8))));
  }

  @Test
  void goesByTheSuffixUnlessTold(@TempDir Path dir) throws IOException {
    Path csv = Files.writeString(dir.resolve("a ?#%ä.CSV"), "a,b\n1,2\n");
    Path tsv = Files.writeString(dir.resolve("a.tsv"), "a\tb\n1\t2\n");
    Path json = Files.writeString(dir.resolve("a.ndjson"), "{\"a\":\"1\",\"b\":\"2\"}");
    Path jsonl = Files.copy(json, dir.resolve("a.jsonl"));
    Path other = Files.copy(csv, dir.resolve("a.txt"));
    for (Path file : List.of(csv, tsv, json, jsonl)) {
      assertEquals(List.of(row("a", "1", "b", "2")), all(RowReader.open(file.toString(), null)));
    }
    assertEquals(
        List.of(row("a", "1", "b", "2")), all(RowReader.open(other.toString(), Format.CSV)));
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> RowReader.open(other.toString(), null));
    assertEquals(ErrorKind.USAGE, e.kind());
    assertTrue(String.valueOf(e.hint()).contains(".jsonl"));
  }

  @Test
  void whatCannotBeOpenedIsAUsageError(@TempDir Path dir) throws IOException {
    Path directory = Files.createDirectory(dir.resolve("d.csv"));
    for (String file : List.of(dir.resolve("no.csv").toString(), directory.toString(), "a\0.csv")) {
      SqliteSafeException e =
          assertThrows(SqliteSafeException.class, () -> RowReader.open(file, null));
      assertEquals(ErrorKind.USAGE, e.kind());
      assertEquals(file, e.details().get("file"));
    }
  }

  @Test
  void standardInputStaysOpen() throws IOException {
    InputStream before = System.in;
    boolean[] closed = new boolean[1];
    System.setIn(
        new ByteArrayInputStream("{\"a\":1}".getBytes(StandardCharsets.UTF_8)) {
          @Override
          public void close() {
            closed[0] = true;
          }
        });
    try {
      assertEquals(List.of(row("a", 1L)), all(RowReader.open("-", null)));
      assertFalse(closed[0]);
    } finally {
      System.setIn(before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFailingFileIsNoUsageError(Format format) {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("stale handle");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return read();
          }
        };
    SqliteSafeException e =
        assertThrows(
            SqliteSafeException.class, () -> RowReader.open(failing, "data", format).next());
    assertEquals(ErrorKind.FAILED, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains("stale handle"));
  }

  @Test
  void closingClosesTheFile() {
    for (Format format : Format.values()) {
      boolean[] closed = new boolean[1];
      InputStream in =
          new ByteArrayInputStream(new byte[0]) {
            @Override
            public void close() {
              closed[0] = true;
            }
          };
      RowReader.open(in, "data", format).close();
      assertTrue(closed[0], format.toString());
    }
  }
}
