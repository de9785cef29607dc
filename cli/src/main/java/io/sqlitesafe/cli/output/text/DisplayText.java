package io.sqlitesafe.cli.output.text;

/**
 * Text for people's eyes: fit for one line of a terminal, with nothing in it that the terminal
 * would obey. Data may come from anyone; an escape sequence in it could rewrite the screen, and a
 * direction override could make it read backwards.
 */
public final class DisplayText {
  /** First and last code points that take two columns: East Asian wide ones and pictographs. */
  private static final int[] WIDE = {
    0x1100, 0x115F, 0x231A, 0x231B, 0x23E9, 0x23EC, 0x25FD, 0x25FE, 0x2614, 0x2615, 0x2648, 0x2653,
    0x26A1, 0x26A1, 0x26BD, 0x26BE, 0x2705, 0x2705, 0x274C, 0x274C, 0x2753, 0x2757, 0x2795, 0x2797,
    0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2E80, 0x303E, 0x3041, 0xA4CF, 0xA960, 0xA97F, 0xAC00, 0xD7A3,
    0xF900, 0xFAFF, 0xFE10, 0xFE19, 0xFE30, 0xFE6F, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0,
    0x18DFF, 0x1AFF0, 0x1B2FF, 0x1F004, 0x1F004, 0x1F18E, 0x1F19A, 0x1F200, 0x1F64F, 0x1F680,
    0x1F6FF, 0x1F7E0, 0x1F7EB, 0x1F90C, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD
  };

  private DisplayText() {}

  /** The text on one line, harmless; cut with … where it would be wider than {@code maxWidth}. */
  public static String of(String text, int maxWidth) {
    StringBuilder shown = new StringBuilder(Math.min(text.length(), maxWidth) + 8);
    int width = 0;
    int cutAt = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      int before = shown.length();
      append(shown, c);
      width += width(shown, before);
      if (width > maxWidth) {
        return shown.delete(cutAt, shown.length()).append('…').toString();
      }
      if (width < maxWidth) {
        cutAt = shown.length();
      }
    }
    return shown.toString();
  }

  /** Columns that a text made by this class takes on a terminal; approximate beyond East Asia. */
  public static int width(CharSequence shown) {
    return width(shown, 0);
  }

  private static int width(CharSequence shown, int from) {
    int width = 0;
    for (int i = from; i < shown.length(); ) {
      int c = Character.codePointAt(shown, i);
      i += Character.charCount(c);
      width += width(c);
    }
    return width;
  }

  private static int width(int c) {
    if (c < 0x300) {
      return 1;
    }
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    for (int i = 0; i < WIDE.length && c >= WIDE[i]; i += 2) {
      if (c <= WIDE[i + 1]) {
        return 2;
      }
    }
    return 1;
  }

  /** Appends the character, or an escape where it would act instead of being seen. */
  public static void append(StringBuilder shown, int c) {
    switch (c) {
      case '\n' -> shown.append("\\n");
      case '\r' -> shown.append("\\r");
      case '\t' -> shown.append("\\t");
      default -> {
        if (!acts(c)) {
          shown.appendCodePoint(c);
        } else if (Bytes.isByte(c)) {
          shown.append("\\x").append(Integer.toHexString(c & 0xFF));
        } else if (c <= 0xFFFF) {
          shown.append(String.format("\\u%04x", c));
        } else {
          shown.append(String.format("\\U%08x", c));
        }
      }
    }
  }

  private static boolean acts(int c) {
    if (c >= ' ' && c < 0x7F) {
      return false;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      // the joiners shape letters and build emoji, they hide nothing
      case Character.FORMAT -> c != 0x200C && c != 0x200D;
      default -> false;
    };
  }
}
