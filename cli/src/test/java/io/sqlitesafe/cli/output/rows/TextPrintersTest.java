package io.sqlitesafe.cli.output.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.sqlitesafe.cli.output.text.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LIST, CSV, TSV and MARKDOWN. */
class TextPrintersTest {
  private static String few(RowFormat format) {
    return Rows.print(
        format,
        printer -> {
          printer.columns(List.of("n", "text", "text"));
          printer.row(Rows.of(1L, "a|b,c", null));
          printer.row(Rows.of(0.1, "x\ty\n\\ \"q\"", ""));
          printer.row(Rows.of(Double.POSITIVE_INFINITY, "<i>&", new byte[] {10, -1}));
          printer.columns(List.of("second"));
          printer.row(Rows.of((Object) null));
        });
  }

  @Test
  void listIsBare() {
    assertEquals("1|a|b,c|\n0.1|x\ty\n\\ \"q\"|\n9e999|<i>&|0AFF\n\n", few(RowFormat.LIST));
  }

  @Test
  void csvIsRfc4180AndTellsNullFromEmpty() {
    assertEquals(
        "n,text,text:1\r\n"
            + "1,\"a|b,c\",\r\n"
            + "0.1,\"x\ty\n\\ \"\"q\"\"\",\"\"\r\n"
            + "9e999,<i>&,0AFF\r\n"
            + "\r\n"
            + "second\r\n"
            + "\r\n",
        few(RowFormat.CSV));
  }

  @Test
  void tsvKeepsARowOnItsLine() {
    assertEquals(
        "n\ttext\ttext:1\n"
            + "1\ta|b,c\t\n"
            + "0.1\t\"x\\ty\\n\\\\ \"\"q\"\"\"\t\"\"\n"
            + "9e999\t<i>&\t0AFF\n"
            + "\n"
            + "second\n"
            + "\n",
        few(RowFormat.TSV));
    assertEquals(Rows.nasty().size() + 1, Rows.printNasty(RowFormat.TSV).lines().count());
  }

  @Test
  void markdownKeepsAValueInItsCell() {
    assertEquals(
        """
        | n | text | text |
        | --- | --- | --- |
        | 1 | a\\|b,c | NULL |
        | 0.1 | x\\ty<br>\\\\ "q" |  |
        | 9e999 | &lt;i>&amp; | 0AFF |

        | second |
        | --- |
        | NULL |
        """,
        few(RowFormat.MARKDOWN));
  }

  @Test
  void anotherReaderFindsTheSameInCsv() throws IOException {
    List<@Nullable Object> expected = Rows.nasty();
    try (CsvReader<CsvRecord> csv =
        CsvReader.builder().skipEmptyLines(false).ofCsvRecord(Rows.printNasty(RowFormat.CSV))) {
      List<CsvRecord> records = csv.stream().toList();
      assertEquals(List.of("id", Rows.NAMES.get(1), "id:1"), records.get(0).getFields());
      assertEquals(expected.size() + 1, records.size());
      for (int i = 0; i < expected.size(); i++) {
        Object value = expected.get(i);
        CsvRecord found = records.get(i + 1);
        assertEquals(3, found.getFieldCount());
        assertEquals(value == null ? "" : Values.text(value), found.getField(1));
      }
    }
  }

  @Test
  void sqlite3ImportsTheCsv(@TempDir Path dir) throws IOException, InterruptedException {
    Path csv = dir.resolve("rows.csv");
    Files.writeString(
        csv,
        Rows.print(
            RowFormat.CSV,
            printer -> {
              printer.columns(List.of("id", "v"));
              long id = 0;
              for (Object value : Rows.nasty()) {
                // .import ends a value at a NUL
                if (value instanceof String text && text.indexOf('\0') < 0) {
                  printer.row(Rows.of(id++, text));
                }
              }
            }));
    Path out = dir.resolve("out");
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "sqlite3",
                  ":memory:",
                  ".import --csv '" + csv + "' t",
                  "SELECT hex(v) FROM t ORDER BY CAST(id AS INTEGER)")
              .redirectOutput(out.toFile())
              .start();
    } catch (IOException e) {
      assumeTrue(false, "skipped: no sqlite3 shell here (" + e.getMessage() + ")");
      throw e;
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
    List<String> expected =
        Rows.nasty().stream()
            .filter(v -> v instanceof String text && text.indexOf('\0') < 0)
            .map(
                v ->
                    Values.hex(String.valueOf(v).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
            .toList();
    assertEquals(expected, Files.readAllLines(out));
  }
}
