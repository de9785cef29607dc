package io.sqlitesafe.cli.shell.terminal;

import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.cli.shell.Shell;
import io.sqlitesafe.sql.SqlText;
import org.jline.reader.Highlighter;
import org.jline.reader.LineReader;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/** Colours SQL while it is typed; a quote or comment that lacks its end is red. */
final class SqlHighlighter implements Highlighter {
  private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
  private static final AttributedStyle KEYWORD = PLAIN.foreground(AttributedStyle.CYAN).bold();
  private static final AttributedStyle STRING = PLAIN.foreground(AttributedStyle.GREEN);
  private static final AttributedStyle NUMBER = PLAIN.foreground(AttributedStyle.MAGENTA);
  private static final AttributedStyle PARAMETER = PLAIN.foreground(AttributedStyle.YELLOW);
  private static final AttributedStyle COMMENT = PLAIN.faint();
  private static final AttributedStyle OPEN = PLAIN.foreground(AttributedStyle.RED).bold();

  private final boolean colour;

  SqlHighlighter(boolean colour) {
    this.colour = colour;
  }

  @Override
  public AttributedString highlight(LineReader reader, String line) {
    return highlight(line);
  }

  AttributedString highlight(String line) {
    AttributedStringBuilder text = new AttributedStringBuilder(line.length());
    if (!colour) {
      return text.append(line).toAttributedString();
    }
    if (Shell.isDotCommand(line)) {
      return text.append(line, KEYWORD).toAttributedString();
    }
    int end = 0;
    for (SqlText.Token token : SqlText.tokens(line)) {
      text.append(line.substring(token.start(), token.end()), style(token));
      end = token.end();
    }
    return text.append(line.substring(end)).toAttributedString();
  }

  private static AttributedStyle style(SqlText.Token token) {
    if (token.isOpen()) {
      return OPEN;
    }
    return switch (token.kind()) {
      case COMMENT -> COMMENT;
      case QUOTED -> token.text().startsWith("'") ? STRING : PLAIN;
      case WORD -> {
        if (Character.isDigit(token.text().charAt(0))) {
          yield NUMBER;
        }
        yield SqlLiteral.isKeyword(token.text()) ? KEYWORD : PLAIN;
      }
      case OTHER -> token.text().length() > 1 ? PARAMETER : PLAIN;
      default -> PLAIN;
    };
  }
}
