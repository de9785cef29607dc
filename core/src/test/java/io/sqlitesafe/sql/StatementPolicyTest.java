package io.sqlitesafe.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementPolicyTest {
  private static void check(String sql) {
    StatementPolicy.requireAllowedInTransaction(new SqlStatement(sql, 3, 14));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "BEGIN | SAVEPOINT",
        "begin immediate | SAVEPOINT",
        "/* x */ COMMIT | SAVEPOINT",
        "END TRANSACTION | SAVEPOINT",
        "ROLLBACK | ROLLBACK TO",
        "ROLLBACK TRANSACTION | ROLLBACK TO",
        "ROLLBACK TRANSACTION \"to\" | ROLLBACK TO",
        "EXPLAIN QUERY PLAN COMMIT | SAVEPOINT",
        "VACUUM | with-lock DB -- sqlite3 DB",
        "VACUUM | vacuum-into DB DEST",
        "vacuum main | with-lock",
        "VACUUM INTO 'x' | vacuum-into DB DEST",
        "VACUUM main INTO 'x' | vacuum-into DB DEST",
        "ATTACH 'x' AS y | each database",
        "DETACH y | each database",
        "PRAGMA journal_mode=WAL | sqlite-safe journal-mode",
        "PRAGMA journal_mode(wal) | sqlite-safe journal-mode",
        "PRAGMA main.journal_mode = delete | sqlite-safe journal-mode",
        "PRAGMA/**/\"main\" . /* x */ [JOURNAL_MODE]/**/= 'off' | sqlite-safe journal-mode",
        "PRAGMA 'journal_mode'=off | sqlite-safe journal-mode",
        "EXPLAIN PRAGMA journal_mode=off | sqlite-safe journal-mode",
        "EXPLAIN QUERY PLAN PRAGMA main.journal_mode=off | sqlite-safe journal-mode",
        "PRAGMA wal_checkpoint | sqlite-safe checkpoint",
        "PRAGMA wal_checkpoint(TRUNCATE) | sqlite-safe checkpoint",
        "PRAGMA synchronous=off | durable",
        "PRAGMA foreign_keys=0 | defer_foreign_keys",
        "PRAGMA locking_mode=exclusive | with-lock",
        "PRAGMA writable_schema=1 | corrupts",
        "PRAGMA schema_version=7 | corrupts",
        "PRAGMA page_size=4096 | --page-size",
        "PRAGMA auto_vacuum=1 | --create",
        "PRAGMA encoding='UTF-16' | --create",
        "PRAGMA busy_timeout=0 | --wait",
        "PRAGMA ignore_check_constraints=1 | with-lock",
        "PRAGMA jornal_mode=off | with-lock",
        "PRAGMA temp_store_directory='x' | with-lock",
        "PRAGMA | with-lock",
      })
  void refuses(String sql, String inHint) {
    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> check(sql));

    assertEquals(ErrorKind.USAGE, e.kind());
    assertTrue(message(e).startsWith("statement 3 (line 14): "), message(e));
    assertNotNull(e.hint());
    assertTrue(e.hint().contains(inHint), e.hint());
    assertEquals(3, e.details().get("statement"));
    assertEquals(14, e.details().get("line"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "SAVEPOINT s; ",
        "EXPLAIN SELECT 1",
        "EXPLAIN QUERY PLAN SELECT 1",
        "REINDEX",
        "ANALYZE",
        "CREATE TABLE \"begin\"(a)",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "INSERT INTO t VALUES('VACUUM')",
        "PRAGMA journal_mode",
        "PRAGMA main.page_size",
        "PRAGMA foreign_keys",
        "PRAGMA synchronous",
        "PRAGMA schema_version",
        "PRAGMA analysis_limit=100",
        "PRAGMA application_id=1",
        "PRAGMA automatic_index=1",
        "PRAGMA cache_size=-2000",
        "PRAGMA cache_spill=1",
        "PRAGMA collation_list",
        "PRAGMA compile_options",
        "PRAGMA data_version",
        "PRAGMA database_list",
        "PRAGMA defer_foreign_keys=1",
        "PRAGMA foreign_key_check",
        "PRAGMA foreign_key_list(t)",
        "PRAGMA freelist_count",
        "PRAGMA function_list",
        "PRAGMA incremental_vacuum(5)",
        "PRAGMA index_info(i)",
        "PRAGMA index_list('t')",
        "PRAGMA index_xinfo(i)",
        "PRAGMA integrity_check(10)",
        "PRAGMA legacy_alter_table=1",
        "PRAGMA module_list",
        "PRAGMA optimize",
        "PRAGMA page_count",
        "PRAGMA pragma_list",
        "PRAGMA main.quick_check",
        "PRAGMA \"recursive_triggers\" = 1",
        "PRAGMA secure_delete=1",
        "PRAGMA shrink_memory",
        "PRAGMA table_info(t)",
        "PRAGMA main.table_xinfo([t])",
        "PRAGMA table_list",
        "PRAGMA threads=1",
        "PRAGMA USER_VERSION=7",
      })
  void allowsWhatReallyRunsInsideATransactionAndLeavesItOpen(String sql) throws SQLException {
    check(sql);

    try (Connection db = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = db.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      statement.execute("CREATE TABLE t(a)");
      statement.execute(sql);
      // fails with "cannot rollback - no transaction is active" had the statement ended it
      statement.execute("ROLLBACK");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ROLLBACK TO s",
        "ROLLBACK TRANSACTION TO SAVEPOINT s",
        "rollback /* x */ to 's'",
        "RELEASE s",
        "RELEASE SAVEPOINT s"
      })
  void allowsSavepoints(String sql) throws SQLException {
    check(sql);

    try (Connection db = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = db.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      statement.execute("SAVEPOINT s");
      statement.execute(sql);
      statement.execute("ROLLBACK");
    }
  }

  @Test
  void aHugeStatementIsNotCopiedToBeJudged() {
    // only statements that start with one of a few words are looked at further
    check("INSERT INTO t VALUES('" + "x".repeat(10_000_000) + "')");
  }

  private static String message(SqliteSafeException e) {
    return String.valueOf(e.getMessage());
  }
}
