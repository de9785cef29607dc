package io.sqlitesafe.internal.recover;

import java.sql.SQLException;

/** Takes what is found in a tree. Records are valid during the call only. */
interface RowTaker {
  /**
   * A whole row.
   *
   * @param rowid 0 where the table has none
   */
  void row(int page, long rowid, RecordView record) throws SQLException;

  /** A row of which a part is lost, or of which it is not certain that it was one. */
  void doubtful(int page, long rowid, RecordView record) throws SQLException;

  /** Cells of a page in which not even that can be read. */
  void lost(int page, int cells);

  /** For trees whose pages are taken, and whose rows are not. */
  RowTaker NOBODY = new Nobody();

  /** Takes nothing. */
  class Nobody implements RowTaker {
    @Override
    public void row(int page, long rowid, RecordView record) throws SQLException {}

    @Override
    public void doubtful(int page, long rowid, RecordView record) {}

    @Override
    public void lost(int page, int cells) {}
  }
}
