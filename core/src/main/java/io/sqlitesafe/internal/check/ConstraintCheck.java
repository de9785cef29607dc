package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.CheckClauses;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.RowSink;
import java.util.Map;

/**
 * Finds rows against the CHECK constraints of their table.
 *
 * <p>The trap: {@code PRAGMA integrity_check} does that too, but when SQLite reads the schema of a
 * database that is open read-only, it leaves CHECK constraints out, and finds nothing (measured,
 * 3.54). So the expressions are taken from the schema and asked for as queries, which tell the rows
 * besides.
 */
public final class ConstraintCheck {
  /** Else a private copy, which is open for writing, would have everything reported twice. */
  public static final String WITHOUT_SQLITES_OWN = "PRAGMA ignore_check_constraints=ON;";

  private final Handle handle;
  private final Schema schema;
  private final int limit;
  private final Findings findings;

  ConstraintCheck(Handle handle, Schema schema, int limit, Findings findings) {
    this.handle = handle;
    this.schema = schema;
    this.limit = limit;
    this.findings = findings;
  }

  void run() {
    for (Map.Entry<String, String> table : schema.definitions().entrySet()) {
      for (String clause : CheckClauses.of(table.getValue())) {
        findings.during(() -> check(table.getKey(), clause));
      }
    }
  }

  private void check(String table, String clause) {
    try {
      check(table, clause, "rowid");
    } catch (SqliteSafeException withoutRowid) {
      if (withoutRowid.kind() != ErrorKind.FAILED) {
        throw withoutRowid;
      }
      checkWithoutRowid(table, clause);
    }
  }

  private void checkWithoutRowid(String table, String clause) {
    try {
      check(table, clause, "NULL");
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      findings.unchecked(
          "CHECK (" + clause + ") of " + table + " could not be checked: " + Findings.reason(e));
    }
  }

  /** A constraint that is NULL for a row is satisfied. */
  private void check(String table, String clause, String rowid) {
    handle.query(
        "SELECT "
            + rowid
            + " FROM main."
            + Schema.quoted(table)
            + " WHERE NOT ("
            + clause
            + ") LIMIT "
            + ((long) limit + 1),
        names ->
            (RowSink.Rows.OfValues)
                values -> {
                  Long row = values[0] instanceof Long number ? number : null;
                  findings.add(
                      new CheckResult.Problem(
                          CheckResult.Kind.CONSTRAINT,
                          (row == null ? "a row" : "row " + row)
                              + " of "
                              + table
                              + " is against CHECK ("
                              + clause
                              + ")",
                          table,
                          null,
                          null,
                          row,
                          null));
                });
  }
}
