package io.sqlitesafe.internal.db;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GroupPolicyTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t VALUES(1)",
        "  -- a comment\n insert into t values(1); /* another */ update t set a = 'BEGIN';;",
        "WITH x AS (SELECT 1) DELETE FROM t WHERE a IN x",
        "REPLACE INTO \"changes of state\" VALUES(1)",
        "VALUES(1)",
        "INSERT INTO t VALUES('he said \"temp.t\"')"
      })
  void share(String sql) {
    assertEquals(true, GroupPolicy.mayGroup(sql));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE t(a)",
        "INSERT INTO t VALUES(1); DROP TABLE t",
        "PRAGMA user_version=1",
        "SAVEPOINT a",
        "ROLLBACK",
        "EXPLAIN SELECT 1",
        "INSERT INTO t VALUES(last_insert_rowid())",
        "INSERT INTO t VALUES(LAST_INSERT_ROWID /* */ ())",
        "SELECT \"changes\"()",
        "SELECT `total_changes`()",
        "SELECT [Total_Changes]()",
        "SELECT * FROM temp.t",
        "SELECT * FROM \"TEMP\".t",
        "SELECT * FROM sqlite_temp_schema",
        "SELECT * FROM last_rowid_reset",
        "SELECT * FROM pragma_data_version"
      })
  void haveTheirOwn(String sql) {
    assertEquals(false, GroupPolicy.mayGroup(sql));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE TABLE u(a REFERENCES t)                                     | true",
        "CREATE TABLE u(a REFERENCES t DEFERRABLE INITIALLY DEFERRED)       | false",
        "CREATE TABLE u(a, FOREIGN KEY(a) REFERENCES t deferrable initially deferred) | false",
        "CREATE VIEW v AS SELECT last_insert_rowid() AS i                   | false",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = Changes(); END | false",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = 1; END   | true"
      })
  void schemas(String sql, boolean expected) throws Exception {
    Path file = directory.resolve("a.db");
    try (Database database =
        Database.open(file, OpenMode.CREATE, Duration.ZERO, new Cancellation())) {
      database.execute("CREATE TABLE t(a PRIMARY KEY)");
      database.execute(sql);
      assertEquals(expected, GroupPolicy.schemaAllows(database.handle()));
    }
  }
}
