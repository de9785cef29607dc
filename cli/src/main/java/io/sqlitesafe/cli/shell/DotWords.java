package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * The words of a dot-command, cut as the sqlite3 shell cuts them: at blanks, with quotes of both
 * kinds around a word, and C's escapes inside double ones. Stateless.
 */
final class DotWords {
  private DotWords() {}

  /** All words; the first is the command's name with its dot. */
  static List<String> of(String line) {
    List<String> words = new ArrayList<>();
    int i = 0;
    while (true) {
      while (i < line.length() && Character.isWhitespace(line.charAt(i))) {
        i++;
      }
      if (i == line.length()) {
        return words;
      }
      char quote = line.charAt(i);
      StringBuilder word = new StringBuilder();
      if (quote == '"' || quote == '\'') {
        i++;
        while (i < line.length() && line.charAt(i) != quote) {
          if (quote == '"' && line.charAt(i) == '\\' && i + 1 < line.length()) {
            i = escape(line, i + 1, word);
          } else {
            word.append(line.charAt(i++));
          }
        }
        i++;
      } else {
        while (i < line.length() && !Character.isWhitespace(line.charAt(i))) {
          word.append(line.charAt(i++));
        }
      }
      words.add(Bytes.text(Bytes.of(word.toString())));
      i = Math.min(i, line.length());
    }
  }

  /**
   * A word without quotes whose escapes count too, as sqlite3 takes {@code .separator \t}. In other
   * words a backslash outside of quotes stays: it may be a letter of a file's name.
   */
  static String unescaped(String word) {
    StringBuilder text = new StringBuilder();
    int i = 0;
    while (i < word.length()) {
      if (word.charAt(i) == '\\' && i + 1 < word.length()) {
        i = escape(word, i + 1, text);
      } else {
        text.append(word.charAt(i++));
      }
    }
    return Bytes.text(Bytes.of(text.toString()));
  }

  /** Appends what the escape after a backslash stands for; returns the place after it. */
  private static int escape(String line, int at, StringBuilder word) {
    char c = line.charAt(at);
    int digits = 0;
    if (c >= '0' && c <= '7') {
      while (digits < 3 && at + digits < line.length() && isDigit(line.charAt(at + digits), 8)) {
        digits++;
      }
      word.append(character(line.substring(at, at + digits), 8));
      return at + digits;
    }
    if (c == 'x') {
      while (digits < 2
          && at + 1 + digits < line.length()
          && isDigit(line.charAt(at + 1 + digits), 16)) {
        digits++;
      }
      if (digits > 0) {
        word.append(character(line.substring(at + 1, at + 1 + digits), 16));
        return at + 1 + digits;
      }
    }
    int known = "abtnvfr".indexOf(c);
    word.append(known < 0 ? c : "\u0007\b\t\n\u000B\f\r".charAt(known));
    return at + 1;
  }

  private static boolean isDigit(char c, int radix) {
    return c < 0x80 && Character.digit(c, radix) >= 0;
  }

  /** One byte of UTF-8, so that several can make a character. */
  private static char character(String digits, int radix) {
    int value = Integer.parseInt(digits, radix) & 0xFF;
    return (char) (value < 0x80 ? value : 0xDC00 + value);
  }

  /** A text with escapes for what cannot be seen. */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        default -> {
          if (c < ' ') {
            escaped.append(String.format("\\%03o", (int) c));
          } else {
            escaped.append(c);
          }
        }
      }
    }
    return escaped.toString();
  }
}
