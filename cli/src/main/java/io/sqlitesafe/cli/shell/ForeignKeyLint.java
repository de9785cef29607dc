package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.doctor.ForeignKeyIndexes;
import io.sqlitesafe.sql.Handle;
import java.util.ArrayList;
import java.util.List;

/** The sqlite3 shell's .lint fkey-indexes. */
final class ForeignKeyLint {
  private ForeignKeyLint() {}

  /** A CREATE INDEX statement for each foreign key that no index serves. */
  static List<String> advice(Handle handle) {
    List<String> advice = new ArrayList<>();
    for (String table :
        Catalog.column(handle, "SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")) {
      ForeignKeyIndexes.of(handle, table).forEach(key -> advice.add(statement(key)));
    }
    return advice;
  }

  private static String statement(ForeignKeyIndexes.Missing key) {
    List<String> terms = new ArrayList<>();
    for (int i = 0; i < key.from().size(); i++) {
      String quoted = SqlLiteral.quotedName(key.from().get(i));
      terms.add(SqlLiteral.name(key.from().get(i)) + key.terms().get(i).substring(quoted.length()));
    }
    String to = key.to().isEmpty() ? "" : "(" + String.join(", ", key.to()) + ")";
    return "CREATE INDEX "
        + SqlLiteral.name(key.table() + "_" + String.join("_", key.from()))
        + " ON "
        + SqlLiteral.name(key.table())
        + "("
        + String.join(", ", terms)
        + "); --> "
        + key.parent()
        + to;
  }
}
