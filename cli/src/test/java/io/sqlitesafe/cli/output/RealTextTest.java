package io.sqlitesafe.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealTextTest {
  @ParameterizedTest
  @CsvSource({
    "0.0, 0.0",
    "-0.0, 0.0",
    "1, 1.0",
    "-1.5, -1.5",
    "0.1, 0.1",
    "0.30000000000000004, 0.3",
    "100000000000000, 100000000000000.0",
    "999999999999999, 999999999999999.0",
    "9999999999999999, 1.0e+16",
    "1e15, 1.0e+15",
    "0.0001, 0.0001",
    "0.00001, 1.0e-05",
    "123456.789, 123456.789",
    "1.7976931348623157e308, 1.79769313486232e+308",
    "4.9e-324, 4.94065645841247e-324",
    "2.2250738585072014e-308, 2.2250738585072e-308",
    "1e100, 1.0e+100",
    "-1e-100, -1.0e-100"
  })
  void examples(double value, String expected) {
    assertEquals(expected, RealText.of(value));
  }

  private static void assertExact(int count, DoubleSupplier values) {
    for (int i = 0; i < count; i++) {
      double value = values.getAsDouble();
      if (Double.isFinite(value) && value != 0) {
        assertEquals(RealText.exactly(value), RealText.of(value), () -> Double.toHexString(value));
      }
    }
  }

  @Test
  void theShortWayLeadsToTheExactText() {
    int count = Boolean.getBoolean("sqlitesafe.long") ? 20_000_000 : 100_000;
    Random random = new Random();
    assertExact(count, () -> Double.longBitsToDouble(random.nextLong()));
    assertExact(count, () -> random.nextInt(1_000_000) * 0.1);
    assertExact(count, () -> random.nextLong() / 1000.0);
    assertExact(count, () -> random.nextGaussian() * 1e6);
    // Those whose shortest text has 16 digits and ends with the half.
    assertExact(
        count,
        () ->
            Double.parseDouble(
                (1 + random.nextInt(9))
                    + "."
                    + String.format("%014d5", (random.nextLong() >>> 1) % 100_000_000_000_000L)
                    + "e"
                    + (random.nextInt(40) - 20)));
  }
}
