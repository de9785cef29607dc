package io.sqlitesafe.cli.output;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Reals as SQLite casts them to text: the exact value rounded to 15 significant digits, and always
 * a point.
 *
 * <p>Mostly by way of the shortest text that reads back as the same real, of at most 17 digits,
 * which costs a tenth of the exact value. Where it has at most 15, it is the text that is wanted,
 * as 15 digits survive the way through a real and back. Where it has more, it lies on the same side
 * of every half of the 15th digit as the exact value does: a half is a number of 16 digits, and if
 * one lay between the two it would have been the shortest or the nearest. Only one that ends with
 * such a half does not tell.
 */
final class RealText {
  private static final int DIGITS = 15;
  private static final MathContext ROUNDED = new MathContext(DIGITS, RoundingMode.HALF_UP);

  private RealText() {}

  static String of(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "Inf" : "-Inf";
    }
    if (value == 0) {
      return "0.0";
    }
    double size = Math.abs(value);
    String sign = value < 0 ? "-" : "";
    Decimal shortest = Decimal.parse(Values.real(size));
    boolean half = shortest.digits.length() == DIGITS + 1 && shortest.digits.charAt(DIGITS) == '5';
    boolean tells = size >= Double.MIN_NORMAL && !half;
    return sign + (tells ? shortest.rounded() : Decimal.exactly(size)).text();
  }

  /** For tests: without the shortest text. */
  static String exactly(double value) {
    return (value < 0 ? "-" : "") + Decimal.exactly(Math.abs(value)).text();
  }

  /**
   * A number d.ddd × 10^exponent.
   *
   * @param digits neither begins nor ends with zeros
   */
  private record Decimal(String digits, int exponent) {
    /** Of {@code 123.45}, {@code 0.012} or {@code 1.2E-30}. */
    static Decimal parse(String text) {
      int e = text.indexOf('E');
      int power = e < 0 ? 0 : Integer.parseInt(text, e + 1, text.length(), 10);
      int end = e < 0 ? text.length() : e;
      int point = text.indexOf('.');
      String all = text.substring(0, point) + text.substring(point + 1, end);
      int first = 0;
      while (all.charAt(first) == '0') {
        first++;
      }
      return new Decimal(withoutZeros(all.substring(first)), power + point - 1 - first);
    }

    static Decimal exactly(double value) {
      BigDecimal rounded = new BigDecimal(value).round(ROUNDED);
      String digits = rounded.unscaledValue().toString();
      return new Decimal(withoutZeros(digits), digits.length() - 1 - rounded.scale());
    }

    private static String withoutZeros(String digits) {
      int end = digits.length();
      while (digits.charAt(end - 1) == '0') {
        end--;
      }
      return digits.substring(0, end);
    }

    Decimal rounded() {
      if (digits.length() <= DIGITS) {
        return this;
      }
      long kept = Long.parseLong(digits, 0, DIGITS, 10) + (digits.charAt(DIGITS) >= '5' ? 1 : 0);
      String text = Long.toString(kept);
      return new Decimal(withoutZeros(text), exponent + text.length() - DIGITS);
    }

    String text() {
      if (exponent < -4 || exponent > 14) {
        String fraction = digits.length() > 1 ? digits.substring(1) : "0";
        String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
        return digits.charAt(0) + "." + fraction + "e" + (exponent < 0 ? "-" : "+") + power;
      }
      if (exponent < 0) {
        return "0." + "0".repeat(-1 - exponent) + digits;
      }
      int whole = exponent + 1;
      return digits.length() <= whole
          ? digits + "0".repeat(whole - digits.length()) + ".0"
          : digits.substring(0, whole) + "." + digits.substring(whole);
    }
  }
}
