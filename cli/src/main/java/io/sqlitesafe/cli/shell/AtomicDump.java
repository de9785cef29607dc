package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeSession;
import io.sqlitesafe.internal.db.DumpScript;
import io.sqlitesafe.sql.SqlStatement;
import io.sqlitesafe.sql.StatementPolicy;

/**
 * A dump in a script that is one transaction anyway: its own brackets are left out, and what
 * refuses them elsewhere does not apply. For one script.
 */
final class AtomicDump {
  private final DumpScript dump = new DumpScript();

  /**
   * Whether the session is to run the statement.
   *
   * @throws io.sqlitesafe.error.SqliteSafeException of kind USAGE for what may not run in a
   *     transaction
   */
  boolean takes(SqlStatement statement, SafeSession session) {
    switch (dump.next(statement)) {
      case FOREIGN_KEYS_OFF:
        // It has no effect within a transaction; this puts the check off, as far as can be.
        session.write(open -> open.update("PRAGMA defer_foreign_keys=ON"));
        return false;
      case BEGIN, COMMIT, WRITABLE_SCHEMA:
        return false;
      case SEQUENCE_TABLE:
        session.write(
            open -> {
              open.addSequenceTable();
              return true;
            });
        return false;
      case SEQUENCE_RESET:
        session.write(
            open -> {
              open.addSequenceTable();
              return true;
            });
        return true;
      case VIRTUAL_TABLE:
        session.write(
            open -> {
              open.addVirtualTable(statement);
              return true;
            });
        return false;
      default:
        StatementPolicy.requireAllowedInTransaction(statement);
        return true;
    }
  }
}
