package io.sqlitesafe.probe;

import java.util.ArrayList;
import java.util.List;

/** Messages as one line of text: words between tabs. */
final class Words {
  /** Of each word, the last one too, so that a line of another make is no message. */
  static final String END = "\t";

  private Words() {}

  static String toLine(List<String> words) {
    StringBuilder line = new StringBuilder();
    for (String word : words) {
      line.append(
          word.replace("\\", "\\\\")
              .replace("\t", "\\t")
              .replace("\n", "\\n")
              .replace("\r", "\\r"));
      line.append(END);
    }
    return line.toString();
  }

  static List<String> ofLine(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\t') {
        words.add(word.toString());
        word.setLength(0);
      } else if (c == '\\' && i + 1 < line.length()) {
        i++;
        char escaped = line.charAt(i);
        word.append(
            switch (escaped) {
              case 't' -> '\t';
              case 'n' -> '\n';
              case 'r' -> '\r';
              default -> escaped;
            });
      } else {
        word.append(c);
      }
    }
    return words;
  }
}
