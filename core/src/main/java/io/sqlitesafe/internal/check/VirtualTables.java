package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.VirtualTableSql;
import io.sqlitesafe.sql.Handle;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The virtual tables that cannot be opened here, because their module or tokenizer comes with their
 * own program.
 *
 * <p>The trap: {@code PRAGMA integrity_check} skips a table whose module is missing without a word,
 * and of a missing tokenizer of FTS5 it says "SQL logic error".
 *
 * @param unusable the reason for each, in SQLite's words
 */
record VirtualTables(Map<String, String> unusable) {

  static VirtualTables of(Handle session, Schema schema) {
    Map<String, String> unusable = new LinkedHashMap<>();
    for (Map.Entry<String, VirtualTableSql> table : schema.virtual().entrySet()) {
      String name = table.getKey();
      try {
        session.rows(use(Schema.quoted(name), table.getValue().module()));
      } catch (SqliteSafeException e) {
        if (e.kind() == ErrorKind.FAILED) {
          unusable.put(name, Findings.reason(e));
        } else if (e.kind() != ErrorKind.DAMAGED) {
          throw e;
        } // else the integrity check meets the same and reports it
      }
    }
    return new VirtualTables(unusable);
  }

  /** FTS5 looks for its tokenizer only when it needs one. */
  private static String use(String table, String module) {
    return "SELECT 1 FROM main."
        + table
        + (module.equals("fts5") ? " WHERE " + table + " MATCH '\"a\"' LIMIT 1" : " LIMIT 0");
  }

  boolean isUnusable(String table) {
    return unusable.containsKey(table);
  }

  /** Why the check of the whole file failed: SQLite's own words, or better ones. */
  String reason(SqliteSafeException e) {
    String own = Findings.reason(e);
    return own.equals("SQL logic error") && !unusable.isEmpty()
        ? unusable.values().iterator().next()
        : own;
  }

  void tell(Findings findings) {
    unusable.forEach((name, reason) -> tell(name, reason, findings));
  }

  static void tell(String name, String reason, Findings findings) {
    findings.unchecked(
        "virtual table "
            + name
            + " could not be checked, only the tables in which it keeps its data: "
            + reason);
  }
}
