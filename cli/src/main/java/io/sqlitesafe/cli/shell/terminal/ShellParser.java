package io.sqlitesafe.cli.shell.terminal;

import io.sqlitesafe.cli.shell.Shell;
import io.sqlitesafe.sql.SqlText;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;

/**
 * Decides when the Enter key ends an entry, by SQLite's own rule, and which word is being
 * completed.
 */
final class ShellParser implements Parser {
  /** The words up to the cursor; the last is the one that is being typed, perhaps empty. */
  record Words(List<String> words, String word, int wordCursor, String line, int cursor)
      implements CompletingParsedLine {
    @Override
    public int wordIndex() {
      return words.size() - 1;
    }

    /** Candidates are SQL already, with the quotes that they need. */
    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
      return candidate;
    }

    @Override
    public int rawWordCursor() {
      return wordCursor;
    }

    @Override
    public int rawWordLength() {
      return word.length();
    }
  }

  @Override
  public ParsedLine parse(String line, int cursor, ParseContext context) {
    if (context == ParseContext.ACCEPT_LINE
        && !Shell.isDotCommand(line)
        && !SqlText.isComplete(line)) {
      throw new EOFError(-1, cursor, "the statement is not complete");
    }
    boolean dot = Shell.isDotCommand(line);
    int start = cursor;
    while (start > 0 && belongs(line.charAt(start - 1), dot)) {
      start--;
    }
    int end = cursor;
    while (end < line.length() && belongs(line.charAt(end), dot)) {
      end++;
    }
    List<String> words = new ArrayList<>();
    for (String word : line.substring(0, start).strip().split("\\s+")) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    String word = line.substring(start, end);
    words.add(word);
    return new Words(words, word, cursor - start, line, cursor);
  }

  private static boolean belongs(char c, boolean dot) {
    if (dot) {
      return !Character.isWhitespace(c);
    }
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || Character.isSurrogate(c);
  }
}
