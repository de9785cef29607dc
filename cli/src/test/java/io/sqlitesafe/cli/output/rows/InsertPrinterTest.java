package io.sqlitesafe.cli.output.rows;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sqlitesafe.sql.SqlSplitter;
import io.sqlitesafe.sql.SqlStatement;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InsertPrinterTest {
  /** Prints, runs what was printed in a real SQLite, and reads back. */
  private static List<@Nullable Object> roundTrip(String encoding, List<@Nullable Object> values)
      throws SQLException {
    ByteArrayOutputStream sql = new ByteArrayOutputStream();
    Rows.Feed printer = new Rows.Feed(RowFormat.INSERT.printer(sql, "t\"a'b;"));
    printer.columns(List.of("i\"d", "v"));
    for (int i = 0; i < values.size(); i++) {
      printer.row(Rows.of((long) i, values.get(i)));
    }
    printer.finish();
    List<@Nullable Object> found = new ArrayList<>();
    try (Connection db = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = db.createStatement()) {
      statement.execute("PRAGMA encoding='" + encoding + "'");
      statement.execute("CREATE TABLE \"t\"\"a'b;\"(\"i\"\"d\" INTEGER PRIMARY KEY, v)");
      SqlSplitter script = new SqlSplitter(new StringReader(sql.toString(UTF_8)), 10_000_000);
      for (SqlStatement s = script.next(); s != null; s = script.next()) {
        statement.execute(s.sql());
      }
      try (ResultSet rows =
          statement.executeQuery("SELECT v, typeof(v) FROM \"t\"\"a'b;\" ORDER BY \"i\"\"d\"")) {
        while (rows.next()) {
          found.add(
              switch (rows.getString(2)) {
                case "integer" -> rows.getLong(1);
                case "real" -> rows.getDouble(1);
                case "text" -> rows.getString(1);
                case "blob" -> rows.getBytes(1);
                default -> null;
              });
        }
      }
    }
    return found;
  }

  private static void assertRoundTrip(String encoding, List<@Nullable Object> values)
      throws SQLException {
    List<@Nullable Object> found = roundTrip(encoding, values);
    assertEquals(values.size(), found.size());
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) instanceof byte[] bytes) {
        assertArrayEquals(bytes, (byte[]) found.get(i));
      } else {
        assertEquals(values.get(i), found.get(i));
      }
    }
  }

  @Test
  void everyValueComesBackBitForBit() throws SQLException {
    assertRoundTrip("UTF-8", Rows.nasty());
  }

  @Test
  void alsoInADatabaseOfAnotherEncoding() throws SQLException {
    List<@Nullable Object> values = new ArrayList<>(Rows.nasty());
    assertRoundTrip("UTF-16le", values);
  }

  @Test
  void textFullOfNulsNeedsNoDeepExpression() throws SQLException {
    assertRoundTrip("UTF-8", List.of("\0".repeat(5000), "a\0".repeat(5000)));
  }

  @Test
  void everyRealComesBack() throws SQLException {
    Random random = new Random(42);
    List<@Nullable Object> reals = new ArrayList<>();
    while (reals.size() < 20_000) {
      double real = Double.longBitsToDouble(random.nextLong());
      if (!Double.isNaN(real)) {
        reals.add(real);
        reals.add(Math.rint(random.nextGaussian() * 1e6) / 1e3);
      }
    }
    assertRoundTrip("UTF-8", reals);
  }

  @Test
  void looksLikeThis() {
    String sql =
        Rows.print(
            RowFormat.INSERT,
            printer -> {
              printer.columns(List.of("a", "a"));
              printer.row(Rows.of(1L, 1.0));
              printer.row(Rows.of(null, new byte[] {1, -1}));
              printer.row(Rows.of("it's", "a\0b"));
              printer.row(Rows.of(Double.NaN, Double.NEGATIVE_INFINITY));
            });

    assertEquals(
        """
        INSERT INTO "table"("a","a:1") VALUES(1,1.0);
        INSERT INTO "table"("a","a:1") VALUES(NULL,X'01ff');
        INSERT INTO "table"("a","a:1") VALUES('it''s',replace('a\\0b','\\0',char(0)));
        INSERT INTO "table"("a","a:1") VALUES(NULL,-9e999);
        """,
        sql);
  }
}
