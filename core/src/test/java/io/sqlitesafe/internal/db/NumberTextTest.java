package io.sqlitesafe.internal.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NumberTextTest {
  private static final int CASES = Boolean.getBoolean("sqlitesafe.long") ? 20_000_000 : 100_000;

  private static String text(double value) {
    byte[] text = new byte[NumberText.LONGEST];
    int end = NumberText.add(value, text, 0);
    return new String(text, 0, end, StandardCharsets.US_ASCII);
  }

  private static String text(long value) {
    byte[] text = new byte[NumberText.LONGEST];
    int end = NumberText.add(value, text, 0);
    return new String(text, 0, end, StandardCharsets.US_ASCII);
  }

  @Test
  void integers() {
    long[] edges = {0, 9, 10, 99, 100, -1, -10, Long.MAX_VALUE, Long.MIN_VALUE, 999_999_999_999L};
    for (long value : edges) {
      assertEquals(Long.toString(value), text(value));
    }
    Random random = new Random(1);
    for (int i = 0; i < CASES; i++) {
      long value = random.nextLong() >> random.nextInt(64);
      assertEquals(Long.toString(value), text(value));
    }
    for (long power = 1; power < 1_000_000_000_000_000_000L; power *= 10) {
      assertEquals(Long.toString(power), text(power));
      assertEquals(Long.toString(power - 1), text(power - 1));
      assertEquals(Long.toString(-power), text(-power));
    }
  }

  /** Whatever is said is what SQLite says; and of ordinary numbers nearly all is. */
  @Test
  void realsAreAsSqliteHasThem() throws SQLException {
    Random random = new Random(2);
    int said = 0;
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        PreparedStatement cast = connection.prepareStatement("SELECT CAST(? AS TEXT)")) {
      for (int i = 0; i < CASES; i++) {
        double value = real(random, i);
        String ours = text(value);
        if (!ours.isEmpty()) {
          cast.setDouble(1, value);
          try (ResultSet row = cast.executeQuery()) {
            assertEquals(row.getString(1), ours);
          }
          said++;
        }
      }
    }
    assertTrue(said > CASES / 3, said + " of " + CASES);
  }

  private static double real(Random random, int i) {
    return switch (i % 8) {
      case 0 -> Double.longBitsToDouble(random.nextLong());
      case 1 -> random.nextDouble() * 1000;
      case 2 -> random.nextInt() / 100.0;
      case 3 -> random.nextInt(1_000_000) * 0.1;
      case 4 -> (random.nextLong() >> 12 + random.nextInt(40)) / Math.pow(10, random.nextInt(9));
      case 5 -> Math.nextUp(random.nextInt(100_000) / 1000.0);
      case 6 -> (double) (random.nextLong() >> random.nextInt(60));
      default -> Math.pow(10, random.nextInt(32) - 16) * (random.nextInt(3) - 1);
    };
  }
}
