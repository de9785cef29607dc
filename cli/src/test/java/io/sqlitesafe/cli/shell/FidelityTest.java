package io.sqlitesafe.cli.shell;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import io.sqlitesafe.cli.output.rows.RowFormat;
import io.sqlitesafe.cli.output.rows.RowPrinter;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is printed holds the same doubles and the same bytes as the database. Text of the formats is
 * looked at as ISO-8859-1, in which each byte is a character.
 */
class FidelityTest {
  private static final int ROWS = Boolean.getBoolean("sqlitesafe.long") ? 340_000 : 17_000;
  private static final String ALL = "SELECT r, p, a FROM t ORDER BY id";

  /** A double, a text without anything that a format would treat in its own way, and any bytes. */
  private record Row(double real, byte[] plain, byte[] any) {}

  @TempDir Path directory;
  private ShellLab lab;
  private final List<Row> rows = new ArrayList<>();

  @BeforeEach
  void fill() throws SQLException {
    lab = new ShellLab(directory, "CREATE TABLE t(id INTEGER PRIMARY KEY, r REAL, p TEXT, a TEXT)");
    Random random = new Random(20);
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + lab.file());
        PreparedStatement insert =
            db.prepareStatement("INSERT INTO t(r,p,a) VALUES(?,CAST(? AS TEXT),CAST(? AS TEXT))")) {
      db.setAutoCommit(false);
      for (int i = 0; i < ROWS; i++) {
        Row row = new Row(real(random), plain(random), any(random));
        rows.add(row);
        insert.setDouble(1, row.real());
        insert.setBytes(2, row.plain());
        insert.setBytes(3, row.any());
        insert.execute();
      }
      db.commit();
    }
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private static double real(Random random) {
    double value =
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> Double.longBitsToDouble(random.nextLong());
          case 3 -> random.nextInt(1_000_000) / 100.0;
          case 4 -> random.nextInt(1000) * 0.1;
          case 5 -> random.nextLong();
          case 6 -> random.nextDouble();
          default ->
              new double[] {
                    1 / 0.0,
                    -1 / 0.0,
                    Double.MIN_VALUE,
                    Double.MAX_VALUE,
                    9007199254740993.0,
                    0.1 + 0.2
                  }
                  [random.nextInt(6)];
        };
    return Double.isNaN(value) || value == 0 ? 0.5 : value;
  }

  /** ASCII, and bytes beyond it that are no characters. */
  private static byte[] plain(Random random) {
    byte[] bytes = new byte[1 + random.nextInt(12)];
    for (int i = 0; i < bytes.length; i++) {
      boolean high = i % 2 == 0 && random.nextInt(3) == 0;
      bytes[i] = (byte) (high ? 0x80 + random.nextInt(128) : 'A' + random.nextInt(26));
    }
    return bytes;
  }

  private static byte[] any(Random random) {
    byte[] bytes = new byte[random.nextInt(10)];
    random.nextBytes(bytes);
    String text = "é,\"'\\\n\r\t|<&日😀" + (char) random.nextInt(0x500);
    return switch (random.nextInt(3)) {
      case 0 -> bytes;
      case 1 -> text.substring(random.nextInt(10)).getBytes(UTF_8);
      default -> (new String(bytes, ISO_8859_1) + text).getBytes(UTF_8);
    };
  }

  private String shell(String mode, String sql) {
    lab.run(".mode " + mode);
    return new String(lab.bytes(sql + ";"), ISO_8859_1);
  }

  private String read(RowFormat format, String sql) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RowPrinter printer = format.printer(out, "u");
    SafeDatabase.of(lab.file(), Settings.defaults())
        .read(
            session -> {
              session.query(sql, printer);
              return true;
            });
    printer.finish();
    return out.toString(ISO_8859_1);
  }

  private static double number(String text) {
    return switch (text) {
      case "Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private void requireRow(int index, String real, String plain) {
    Row row = rows.get(index);
    assertEquals(row.real(), number(real), () -> "row " + index + ": " + real);
    assertArrayEquals(row.plain(), plain.getBytes(ISO_8859_1), () -> "row " + index);
  }

  private void requireAny(int index, String any) {
    assertArrayEquals(rows.get(index).any(), any.getBytes(ISO_8859_1), () -> "row " + index);
  }

  private void requireCount(int found) {
    assertEquals(ROWS, found);
  }

  @Test
  void csv() {
    for (String text : List.of(shell("csv", ALL), read(RowFormat.CSV, ALL).substring(7))) {
      List<List<String>> records = records(text);
      requireCount(records.size());
      for (int i = 0; i < ROWS; i++) {
        requireRow(i, records.get(i).get(0), records.get(i).get(1));
        requireAny(i, records.get(i).get(2));
      }
    }
  }

  private static List<List<String>> records(String csv) {
    List<List<String>> records = new ArrayList<>();
    List<String> record = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted && c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
        field.append(csv.charAt(i++));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (quoted || (c != ',' && c != '\r' && c != '\n')) {
        field.append(c);
      } else if (c != '\r') {
        record.add(field.toString());
        field.setLength(0);
        if (c == '\n') {
          records.add(record);
          record = new ArrayList<>();
        }
      }
    }
    return records;
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "tabs", "ascii"})
  void separated(String mode) {
    String column = mode.equals("list") ? "|" : mode.equals("tabs") ? "\t" : "\u001f";
    String[] lines =
        shell(mode, "SELECT r, p FROM t ORDER BY id").split(mode.equals("ascii") ? "\u001e" : "\n");
    requireCount(lines.length);
    for (int i = 0; i < ROWS; i++) {
      String[] cells = lines[i].split(Pattern.quote(column));
      requireRow(i, cells[0], cells[1]);
    }
  }

  @Test
  void listOfRead() {
    String[] lines = read(RowFormat.LIST, "SELECT r, p FROM t ORDER BY id").split("\n");
    requireCount(lines.length);
    for (int i = 0; i < ROWS; i++) {
      String[] cells = lines[i].split("\\|");
      requireRow(i, cells[0], cells[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"column", "table", "box", "markdown"})
  void columns(String mode) {
    // the first rows decide how wide columns are, so the bytes go last
    String text = shell(mode, "SELECT r, p FROM t ORDER BY id");
    Pattern cells =
        Pattern.compile(
            "^(?:[|]|\u00e2\u0094\u0082)? ?(-?[0-9][^ ]*|-?Inf) +(?:[|] |\u00e2\u0094\u0082 )?([^"
                + " ]+)");
    int found = 0;
    for (String line : text.split("\n")) {
      Matcher matcher = cells.matcher(line);
      if (matcher.find()) {
        requireRow(found++, matcher.group(1), matcher.group(2));
      }
    }
    requireCount(found);
  }

  @Test
  void line() {
    Matcher matcher =
        Pattern.compile(" +r = ([^\n]*)\n +p = ([^\n]*)\n")
            .matcher(shell("line", "SELECT r, p FROM t ORDER BY id"));
    int found = 0;
    while (matcher.find()) {
      requireRow(found++, matcher.group(1), matcher.group(2));
    }
    requireCount(found);
  }

  @Test
  void html() {
    Matcher matcher =
        Pattern.compile("<TR><TD>([^<]*)</TD>\n<TD>([^<]*)</TD>\n<TD>([^<]*)</TD>\n</TR>\n")
            .matcher(shell("html", ALL));
    int found = 0;
    while (matcher.find()) {
      requireRow(found, matcher.group(1), matcher.group(2));
      requireAny(
          found++,
          matcher
              .group(3)
              .replace("&lt;", "<")
              .replace("&gt;", ">")
              .replace("&quot;", "\"")
              .replace("&#39;", "'")
              .replace("&amp;", "&"));
    }
    requireCount(found);
  }

  @Test
  void tcl() {
    List<String> words = new ArrayList<>();
    Matcher matcher =
        Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"[ \n]", Pattern.DOTALL)
            .matcher(shell("tcl", ALL));
    while (matcher.find()) {
      words.add(matcher.group(1).replace(" ", "\\040"));
    }
    requireCount(words.size() / 3);
    for (int i = 0; i < ROWS; i++) {
      requireRow(i, words.get(3 * i), unescaped(words.get(3 * i + 1)));
      requireAny(i, unescaped(words.get(3 * i + 2)));
    }
  }

  private static String unescaped(String word) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c != '\\') {
        text.append(c);
      } else if (Character.isDigit(word.charAt(++i))) {
        text.append((char) Integer.parseInt(word.substring(i, i + 3), 8));
        i += 2;
      } else {
        int known = "tnrf".indexOf(word.charAt(i));
        text.append(known < 0 ? word.charAt(i) : "\t\n\r\f".charAt(known));
      }
    }
    return text.toString();
  }

  /** SQL is run by SQLite. */
  @Test
  void sql() throws SQLException {
    String dump = new String(lab.bytes(".dump --data-only t"), ISO_8859_1);
    List<String> scripts =
        List.of(
            shell("insert u", "SELECT id, r, p, a FROM t ORDER BY id"),
            read(RowFormat.INSERT, "SELECT id, r, p, a FROM t ORDER BY id"),
            dump.replace("INSERT INTO t", "INSERT INTO u"),
            Arrays.stream(shell("quote", "SELECT id, r, hex(p), hex(a) FROM t").split("\n"))
                .map(line -> "INSERT INTO u VALUES(" + unhexed(line) + ");\n")
                .reduce(new StringBuilder(), StringBuilder::append, StringBuilder::append)
                .toString());
    for (String script : scripts) {
      try (Connection db = DriverManager.getConnection("jdbc:sqlite::memory:");
          Statement statement = db.createStatement()) {
        statement.execute("CREATE TABLE u(id INTEGER PRIMARY KEY, r REAL, p TEXT, a TEXT)");
        db.setAutoCommit(false);
        for (String each : new String(script.getBytes(ISO_8859_1), UTF_8).split("(?<=\\);)\n")) {
          statement.execute(each);
        }
        try (ResultSet found =
            statement.executeQuery("SELECT r, hex(p), hex(a), typeof(a) FROM u ORDER BY id")) {
          int i = 0;
          while (found.next()) {
            Row row = rows.get(i++);
            assertEquals(row.real(), found.getDouble(1));
            assertEquals(hex(row.plain()), found.getString(2));
            assertEquals(hex(row.any()), found.getString(3));
            assertEquals("text", found.getString(4));
          }
          requireCount(i);
        }
      }
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }

  private static String unhexed(String line) {
    return line.replaceAll("'([0-9A-F]*)'", "CAST(x'$1' AS TEXT)");
  }

  @Test
  void quoteModeHasBytesAsSql() {
    assertEquals(
        "CAST(X'e9' AS TEXT),X'e9','é','it''s',1.5,NULL\n",
        lab.run(".mode quote\nSELECT CAST(x'e9' AS TEXT), x'e9', 'é', 'it''s', 1.5, NULL;"));
  }

  @Test
  void numbersInJsonAndForPeople() {
    for (String text :
        List.of(
            shell("json", "SELECT r FROM t ORDER BY id"),
            shell("jsonl", "SELECT r FROM t ORDER BY id"),
            shell("tsv", "SELECT r FROM t ORDER BY id"),
            read(RowFormat.JSON, "SELECT r FROM t ORDER BY id"),
            read(RowFormat.TABLE, "SELECT r FROM t ORDER BY id"),
            read(RowFormat.MARKDOWN, "SELECT r FROM t ORDER BY id"))) {
      Matcher matcher = Pattern.compile("-?[0-9][-+0-9.eE]*").matcher(text);
      int found = 0;
      while (matcher.find()) {
        if (!matcher.group().matches("-+")) {
          assertEquals(rows.get(found++).real(), Double.parseDouble(matcher.group()));
        }
      }
      requireCount(found);
    }
  }

  /** The same text as the bundled SQLite's own. */
  @Test
  void realsAreAsSqliteCastsThem() {
    assertEquals(
        shell("list", "SELECT CAST(r AS TEXT) FROM t ORDER BY id"),
        shell("list", "SELECT r FROM t ORDER BY id"));
  }

  @Test
  void readShowsPeopleBytesAsEscapes() {
    String table = read(RowFormat.TABLE, "SELECT CAST(x'41e9' AS TEXT) AS x");
    assertTrue(table.contains("A\\xe9"), table);
  }
}
