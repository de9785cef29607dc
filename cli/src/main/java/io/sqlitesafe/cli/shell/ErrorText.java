package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeSession;
import io.sqlitesafe.cli.kit.Nearest;
import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.sql.SqlStatement;
import io.sqlitesafe.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An error for a person who has just typed the statement: SQLite's own sentence, the line with a
 * caret under the place that it names, and names that are near the wrong one.
 */
final class ErrorText {
  private static final Pattern NEAR =
      Pattern.compile("near \"(.+)\": syntax error", Pattern.DOTALL);
  private static final Pattern UNKNOWN =
      Pattern.compile("no such (table|column|function|index|view|trigger): (.+)", Pattern.DOTALL);
  private static final Pattern NO_COLUMN_NAMED = Pattern.compile("has no column named (.+)");
  private static final Pattern TOKEN =
      Pattern.compile("unrecognized token: \"(.+)\"", Pattern.DOTALL);
  private static final String ROLLED_BACK = "; SQLite rolled the whole transaction back";
  private static final int LONGEST_LINE = 70;

  private final SafeSession session;

  ErrorText(SafeSession session) {
    this.session = session;
  }

  /** One or more lines, without the last line end. */
  String of(SqliteSafeException e, @Nullable SqlStatement statement) {
    boolean undone = String.valueOf(e.getMessage()).endsWith(ROLLED_BACK);
    if (e.kind() == ErrorKind.INTERRUPTED) {
      return "interrupted" + (undone ? ROLLED_BACK : "");
    }
    if (!(e.getCause() instanceof SQLException cause)
        || statement == null
        || e.kind() != ErrorKind.FAILED) {
      return "error: " + e.getMessage() + (e.hint() == null ? "" : "\n  hint: " + e.hint());
    }
    String message = SqlErrors.text(cause);
    StringBuilder text = new StringBuilder("error: ").append(message);
    text.append(undone ? ROLLED_BACK : "");
    int place = place(message, cause, statement.sql());
    if (place >= 0) {
      appendCaret(statement.sql(), place, text);
    }
    String hint = suggestion(message, e.hint(), statement.sql());
    if (hint != null) {
      text.append("\n  hint: ").append(hint);
    }
    return text.toString();
  }

  private int place(String message, SQLException cause, String sql) {
    Matcher near = NEAR.matcher(message);
    if (near.find()) {
      return placeOfSyntaxError(near.group(1), cause, sql);
    }
    Matcher token = TOKEN.matcher(message);
    if (token.find()) {
      return sql.indexOf(token.group(1));
    }
    String wrong = unknownName(message);
    return wrong == null ? -1 : placeOfName(wrong, sql);
  }

  /**
   * SQLite names the token and not its place, and the same token may stand in many. The text up to
   * the wrong one gives the same error; up to an earlier one it is merely incomplete.
   */
  private int placeOfSyntaxError(String token, SQLException cause, String sql) {
    for (SqlText.Token each : SqlText.meaningful(sql)) {
      if (each.text().equals(token) && failsAlike(sql.substring(0, each.end()), cause)) {
        return each.start();
      }
    }
    return -1;
  }

  private boolean failsAlike(String beginning, SQLException cause) {
    try {
      return session.read(
          reading -> {
            reading.prepare(new SqlStatement(beginning, 1, 1)).close();
            return false;
          });
    } catch (SqliteSafeException e) {
      return e.getCause() instanceof SQLException sql
          && SqlErrors.text(sql).equals(SqlErrors.text(cause));
    }
  }

  private static @Nullable String unknownName(String message) {
    Matcher unknown = UNKNOWN.matcher(message);
    if (unknown.find()) {
      return unknown.group(2);
    }
    Matcher column = NO_COLUMN_NAMED.matcher(message);
    return column.find() ? column.group(1) : null;
  }

  private static String lastPart(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static int placeOfName(String name, String sql) {
    String last = lastPart(name);
    for (SqlText.Token token : SqlText.meaningful(sql)) {
      if (token.name().equalsIgnoreCase(last)) {
        return token.start();
      }
    }
    return -1;
  }

  private @Nullable String suggestion(String message, @Nullable String otherwise, String sql) {
    Matcher near = NEAR.matcher(message);
    if (near.find()) {
      List<String> keywords = Nearest.to(near.group(1), SqlLiteral.keywords());
      boolean word = near.group(1).length() > 2 && !SqlLiteral.isKeyword(near.group(1));
      return word && !keywords.isEmpty() ? Nearest.hint(near.group(1), keywords, "") : otherwise;
    }
    Matcher unknown = UNKNOWN.matcher(message);
    boolean found = unknown.find();
    String wrong = unknownName(message);
    if (wrong == null) {
      return otherwise;
    }
    Catalog catalog = new Catalog(session);
    Collection<String> candidates =
        switch (found ? unknown.group(1) : "column") {
          case "table", "view" -> catalog.tables();
          case "function" -> catalog.functions();
          case "column" -> columns(catalog, sql);
          default -> List.of();
        };
    List<String> hints = Nearest.to(lastPart(wrong), candidates);
    return hints.isEmpty() ? otherwise : Nearest.hint(lastPart(wrong), hints, "");
  }

  /** Of the tables in the statement; of all where it names none. */
  private static List<String> columns(Catalog catalog, String sql) {
    List<String> columns = new ArrayList<>();
    new TablesInStatement(sql, catalog.tables())
        .byAlias()
        .values()
        .forEach(table -> columns.addAll(catalog.columns(table)));
    return columns.isEmpty() ? catalog.allColumns() : columns;
  }

  private static void appendCaret(String sql, int place, StringBuilder text) {
    int start = sql.lastIndexOf('\n', place - 1) + 1;
    int end = sql.indexOf('\n', place);
    String line = sql.substring(start, end < 0 ? sql.length() : end);
    int column = place - start;
    if (column > LONGEST_LINE) {
      line = "…" + line.substring(column - LONGEST_LINE / 2);
      column = LONGEST_LINE / 2 + 1;
    }
    if (line.length() > LONGEST_LINE + LONGEST_LINE / 2) {
      line = line.substring(0, LONGEST_LINE + LONGEST_LINE / 2) + "…";
    }
    String shown = line.replace('\t', ' ');
    text.append("\n  ").append(shown).append("\n  ");
    text.append(" ".repeat(io.sqlitesafe.cli.output.text.TextWidth.of(shown.substring(0, column))));
    text.append('^');
  }
}
