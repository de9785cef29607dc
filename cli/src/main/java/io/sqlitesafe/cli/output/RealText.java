package io.sqlitesafe.cli.output;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Reals as SQLite casts them to text: 15 significant digits, and always a point. */
final class RealText {
  private static final MathContext DIGITS = new MathContext(15, RoundingMode.HALF_UP);

  private RealText() {}

  static String of(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "Inf" : "-Inf";
    }
    if (value == 0) {
      return "0.0";
    }
    BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    String digits = rounded.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - rounded.scale();
    String sign = value < 0 ? "-" : "";
    if (exponent < -4 || exponent > 14) {
      String fraction = digits.length() > 1 ? digits.substring(1) : "0";
      String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
      return sign + digits.charAt(0) + "." + fraction + "e" + (exponent < 0 ? "-" : "+") + power;
    }
    String plain = rounded.abs().toPlainString();
    return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
  }
}
