package io.sqlitesafe.internal.capture;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.sql.StatementListener;
import java.sql.SQLException;
import java.util.List;

/** One method of noticing changes, for one transaction. */
interface Capturer extends StatementListener, AutoCloseable {
  /** The transaction has begun and has changed nothing. */
  void begin(Database database) throws SQLException;

  /**
   * The work is done: hands on the changes, in any order, and returns what is not among them. What
   * could hinder the commit is closed.
   */
  List<NotCaptured> harvest(ChangeSink sink) throws SQLException;

  @Override
  void close();
}
