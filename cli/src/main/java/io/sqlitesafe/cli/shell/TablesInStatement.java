package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.sql.SqlText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The tables that a statement, perhaps half typed, is about. By a simple rule: a known name after
 * FROM, JOIN, INTO, UPDATE or TABLE, or after a comma, and the word after it as its alias.
 */
public final class TablesInStatement {
  private final Map<String, String> byAlias = new LinkedHashMap<>();

  public TablesInStatement(String sql, List<String> known) {
    List<SqlText.Token> tokens = SqlText.meaningful(sql);
    for (int i = 1; i < tokens.size(); i++) {
      String before = tokens.get(i - 1).keyword();
      boolean place =
          switch (before) {
            case "FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ON" -> true;
            default -> tokens.get(i - 1).text().equals(",");
          };
      if (place) {
        i = take(tokens, i, known);
      }
    }
  }

  private int take(List<SqlText.Token> tokens, int at, List<String> known) {
    String name = tokens.get(at).name();
    int next = at + 1;
    if (next + 1 < tokens.size() && tokens.get(next).text().equals(".")) {
      String schema = name.equalsIgnoreCase("main") ? "" : name + ".";
      name = schema + tokens.get(next + 1).name();
      next += 2;
    }
    String wanted = name;
    String table = known.stream().filter(wanted::equalsIgnoreCase).findFirst().orElse(null);
    if (table == null) {
      return at;
    }
    byAlias.put(table.toLowerCase(Locale.ROOT), table);
    if (next < tokens.size() && tokens.get(next).keyword().equals("AS")) {
      next++;
    }
    if (next < tokens.size()
        && (tokens.get(next).kind() == SqlText.Kind.WORD
            || tokens.get(next).kind() == SqlText.Kind.QUOTED)
        && !SqlLiteral.isKeyword(tokens.get(next).text())) {
      byAlias.put(tokens.get(next).name().toLowerCase(Locale.ROOT), table);
    }
    return next - 1;
  }

  /** Tables by alias and by their own name, both in lower case. */
  public Map<String, String> byAlias() {
    return byAlias;
  }
}
