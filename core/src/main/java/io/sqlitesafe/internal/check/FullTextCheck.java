package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.VirtualTableSql;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.sql.Handle;
import java.util.List;

/**
 * Compares FTS5 indexes with the tables they were made of where {@code PRAGMA integrity_check} does
 * not: where the text is kept in another table (sqlite.org/fts5.html, "External Content Tables").
 *
 * <p>FTS5 itself does that only by an INSERT, which a read-only connection refuses. So the index is
 * copied into a temporary table of the same definition, for which a temporary view stands in for
 * the table with the text; what FTS5 then writes, it writes into SQLite's temporary file.
 */
final class FullTextCheck {
  private static final List<String> SHADOWS = List.of("_data", "_idx", "_docsize", "_config");

  private final Handle handle;
  private final Schema schema;
  private final VirtualTables virtual;
  private final Findings findings;

  FullTextCheck(Handle handle, Schema schema, VirtualTables virtual, Findings findings) {
    this.handle = handle;
    this.schema = schema;
    this.virtual = virtual;
    this.findings = findings;
  }

  void run() {
    schema.virtual().forEach(this::check);
  }

  private void check(String name, VirtualTableSql definition) {
    String content = definition.option("content");
    if (!definition.module().equals("fts5")
        || content == null
        || content.isEmpty()
        || virtual.isUnusable(name)) {
      return; // The integrity check has compared it, or there is nothing to compare with.
    }
    // query_only holds for temporary tables too; that the file is open read-only protects it.
    handle.update("PRAGMA query_only=OFF");
    handle.update("BEGIN");
    try {
      copy(name, definition, content);
      String table = Schema.quoted(name);
      handle.update(
          "INSERT INTO temp." + table + "(" + table + ", rank) VALUES('integrity-check', 1)");
    } catch (SqliteSafeException e) {
      report(name, content, e);
    } finally {
      handle.update("ROLLBACK");
      handle.update("PRAGMA query_only=ON");
    }
  }

  private void copy(String name, VirtualTableSql definition, String content) {
    viewOf(content);
    handle.update(
        "CREATE VIRTUAL TABLE temp." + Schema.quoted(name) + " USING " + definition.definition());
    for (String suffix : SHADOWS) {
      String shadow = Schema.quoted(name + suffix);
      if (schema.tables().contains(name + suffix)) {
        handle.update("DELETE FROM temp." + shadow);
        handle.update("INSERT INTO temp." + shadow + " SELECT * FROM main." + shadow);
      }
    }
  }

  private void viewOf(String content) {
    String view = "CREATE TEMP VIEW " + Schema.quoted(content) + " AS SELECT ";
    String from = " FROM main." + Schema.quoted(content);
    try {
      handle.update(view + "rowid AS rowid, *" + from);
      handle.update("SELECT 1 FROM temp." + Schema.quoted(content) + " LIMIT 0");
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      // The text comes from a view, or a table without rowids, and has a key of its own.
      handle.update("DROP VIEW IF EXISTS temp." + Schema.quoted(content));
      handle.update(view + "*" + from);
    }
  }

  private void report(String name, String content, SqliteSafeException e) {
    if ("SQLITE_CORRUPT_VTAB".equals(e.details().get("sqlite"))) {
      findings.add(
          CheckResult.Problem.of(
              CheckResult.Kind.DRIFT,
              "the full-text index " + name + " does not match its content table " + content,
              name));
    } else if (e.kind() == ErrorKind.FAILED) {
      findings.unchecked(
          "full-text index "
              + name
              + " was not compared with "
              + content
              + ": "
              + Findings.reason(e));
    } else {
      throw e;
    }
  }
}
