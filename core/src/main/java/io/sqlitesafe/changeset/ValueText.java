package io.sqlitesafe.changeset;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** Values as text. */
public final class ValueText {
  private static final HexFormat HEX = HexFormat.of();
  private static final int BRIEF = 40;
  private static final int NAME = 60;

  private ValueText() {}

  /** For a message: on one line, cut, and with nothing in it that a terminal would obey. */
  public static String brief(Value value) {
    return switch (value.kind()) {
      case UNDEFINED -> "?";
      case NULL -> "NULL";
      case INTEGER -> Long.toString(value.integer());
      case REAL -> Double.toString(value.real());
      case TEXT -> briefText(value.bytes());
      case BLOB -> briefBlob(value.bytes());
    };
  }

  /** A name for a message: it may be anybody's. */
  public static String name(String name) {
    StringBuilder shown = new StringBuilder();
    append(shown, name, NAME);
    return name.codePointCount(0, name.length()) > NAME
        ? shown.append('…').toString()
        : shown.toString();
  }

  private static void append(StringBuilder shown, String text, int most) {
    int characters = 0;
    for (int i = 0; i < text.length() && characters < most; characters++) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if ((c >= ' ' && c < 0x7f) || (c > 0xa0 && Character.isLetterOrDigit(c))) {
        shown.appendCodePoint(c);
      } else {
        shown.append(String.format(Locale.ROOT, "\\u%04x", c));
      }
    }
  }

  private static String briefText(byte[] bytes) {
    String text = new String(bytes, 0, Math.min(bytes.length, BRIEF * 4), StandardCharsets.UTF_8);
    StringBuilder shown = new StringBuilder("'");
    append(shown, text, BRIEF);
    boolean whole = text.codePointCount(0, text.length()) <= BRIEF && bytes.length <= BRIEF * 4;
    return shown.append(whole ? "'" : "…'").toString();
  }

  private static String briefBlob(byte[] bytes) {
    int shown = Math.min(bytes.length, BRIEF / 2);
    String hex = HEX.formatHex(bytes, 0, shown);
    return shown == bytes.length
        ? "x'" + hex + "'"
        : "x'" + hex + "…' (" + bytes.length + " bytes)";
  }
}
