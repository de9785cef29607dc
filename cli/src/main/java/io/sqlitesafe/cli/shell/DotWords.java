package io.sqlitesafe.cli.shell;

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
            i++;
            word.append(escape(line.charAt(i)));
          } else {
            word.append(line.charAt(i));
          }
          i++;
        }
        i++;
      } else {
        while (i < line.length() && !Character.isWhitespace(line.charAt(i))) {
          word.append(line.charAt(i++));
        }
      }
      words.add(word.toString());
      i = Math.min(i, line.length());
    }
  }

  private static char escape(char c) {
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      default -> c;
    };
  }
}
