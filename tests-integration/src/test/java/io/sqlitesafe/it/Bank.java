package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;

/**
 * A database with an invariant: money is moved and never made, and every move is counted and
 * logged. A copy that mixes two states breaks one of them.
 */
final class Bank {
  static final long ACCOUNTS = 200;
  private static final long EACH = 100;

  private Bank() {}

  /** With so many megabytes of other content, so that copying takes a while. */
  static Path create(Path directory, String name, String mode, int megabytes) {
    Path db =
        Db.create(
            directory,
            name,
            "CREATE TABLE account(id INTEGER PRIMARY KEY, balance INT NOT NULL, note BLOB)",
            "CREATE TABLE moves(n INT)",
            "CREATE TABLE log(n INT, note)",
            "CREATE TABLE filler(body)",
            "INSERT INTO moves VALUES(0)",
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < "
                + megabytes
                + ") INSERT INTO filler SELECT randomblob(1000000) FROM c",
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < "
                + ACCOUNTS
                + ") INSERT INTO account SELECT x, "
                + EACH
                + ", randomblob(3000) FROM c");
    assertEquals(List.of(mode), Db.column(db, "PRAGMA journal_mode=" + mode));
    return db;
  }

  /**
   * A writer that knows nothing of the lock: plain SQLite from Python. Its small cache puts pages
   * into the file before the commit, every third transaction is rolled back after that, and its
   * frequent checkpoints start a write-ahead log anew all the time. Prints a line per commit; runs
   * until its input ends.
   *
   * @param pause seconds between transactions
   */
  static Program foreign(Path db, double pause) {
    return Program.of("python3", "-B", Cli.module().resolve("participant/bank.py"), db, pause);
  }

  static void assertWhole(Path copy) {
    assertEquals(List.of("ok"), Db.column(copy, "PRAGMA integrity_check"));
    assertEquals(ACCOUNTS * EACH, Db.integer(copy, "SELECT sum(balance) FROM account"));
    assertEquals(
        Db.integer(copy, "SELECT n FROM moves"), Db.integer(copy, "SELECT count(*) FROM log"));
  }
}
