package io.sqlitesafe.internal.db;

import io.sqlitesafe.sql.SqlLexer;
import java.util.ArrayList;
import java.util.List;

/**
 * The expressions of a table's CHECK constraints, column and table constraints alike
 * (sqlite.org/lang_createtable.html). CHECK is a reserved word, so a bare one is never a name.
 */
public final class CheckClauses {
  private CheckClauses() {}

  /** The text between the parentheses of each, as it is written. */
  public static List<String> of(String createTable) {
    List<String> clauses = new ArrayList<>();
    SqlLexer lexer = SqlLexer.ofSchema(createTable);
    StringBuilder clause = new StringBuilder();
    boolean check = false;
    int depth = 0; // within the clause
    for (SqlLexer.Kind kind = lexer.next();
        kind != SqlLexer.Kind.END_OF_TEXT;
        kind = lexer.next()) {
      String token = lexer.token();
      if (depth == 0) {
        if (check && token.equals("(")) {
          depth = 1;
          clause.setLength(0);
        }
        boolean blank = kind == SqlLexer.Kind.SPACE || kind == SqlLexer.Kind.COMMENT;
        check = (check && blank) || (kind == SqlLexer.Kind.WORD && token.equalsIgnoreCase("CHECK"));
        continue;
      }
      depth += token.equals("(") ? 1 : token.equals(")") ? -1 : 0;
      if (depth == 0) {
        clauses.add(clause.toString());
      } else if (kind == SqlLexer.Kind.COMMENT) {
        clause.append(' '); // one to the end of the line would take what is put behind it
      } else {
        clause.append(token);
      }
    }
    return clauses;
  }
}
