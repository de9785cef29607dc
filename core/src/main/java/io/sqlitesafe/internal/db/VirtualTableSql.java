package io.sqlitesafe.internal.db;

import io.sqlitesafe.sql.SqlLexer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A {@code CREATE VIRTUAL TABLE} statement, taken apart (sqlite.org/lang_createvtab.html).
 *
 * @param module its name in lower case
 * @param definition the text from the module's name on
 * @param arguments the module's arguments as they are written
 */
public record VirtualTableSql(String module, String definition, List<String> arguments) {

  /** Null where {@code sql} is another statement. */
  public static @Nullable VirtualTableSql parse(String sql) {
    SqlLexer lexer = SqlLexer.ofSchema(sql);
    boolean using = false;
    int words = 0;
    for (SqlLexer.Kind kind = lexer.next();
        kind != SqlLexer.Kind.END_OF_TEXT;
        kind = lexer.next()) {
      if (kind == SqlLexer.Kind.SPACE || kind == SqlLexer.Kind.COMMENT) {
        continue;
      }
      String token = lexer.token();
      if (using) {
        int start = lexer.text().length() - token.length();
        List<String> arguments = arguments(lexer);
        return new VirtualTableSql(
            unquoted(token).toLowerCase(Locale.ROOT), sql.substring(start), arguments);
      }
      if (words == 1 && !token.equalsIgnoreCase("VIRTUAL")) {
        return null;
      }
      words++;
      using = kind == SqlLexer.Kind.WORD && token.equalsIgnoreCase("USING");
    }
    return null;
  }

  private static List<String> arguments(SqlLexer lexer) {
    List<String> arguments = new ArrayList<>();
    StringBuilder argument = new StringBuilder();
    int depth = 0;
    for (SqlLexer.Kind kind = lexer.next();
        kind != SqlLexer.Kind.END_OF_TEXT;
        kind = lexer.next()) {
      String token = lexer.token();
      boolean opens = token.equals("(");
      boolean closes = token.equals(")");
      depth += opens ? 1 : closes ? -1 : 0;
      boolean ends = (depth == 1 && token.equals(",")) || (depth == 0 && closes);
      if (ends) {
        arguments.add(argument.toString().strip());
        argument.setLength(0);
      } else if (depth > 1 || (depth == 1 && !opens)) {
        argument.append(token);
      }
    }
    return arguments;
  }

  /** The value of the argument {@code name=value}, without quotes; null where there is none. */
  public @Nullable String option(String name) {
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals > 0 && argument.substring(0, equals).strip().equalsIgnoreCase(name)) {
        return unquoted(argument.substring(equals + 1).strip());
      }
    }
    return null;
  }

  private static String unquoted(String text) {
    char first = text.isEmpty() ? ' ' : text.charAt(0);
    if (text.length() < 2 || "'\"`[".indexOf(first) < 0) {
      return text;
    }
    String inner = text.substring(1, text.length() - 1);
    String quote = String.valueOf(first);
    return first == '[' ? inner : inner.replace(quote + quote, quote);
  }
}
