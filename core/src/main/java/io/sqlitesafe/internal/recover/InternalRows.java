package io.sqlitesafe.internal.recover;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of SQLite's own tables: the greatest rowids that AUTOINCREMENT has given, and the
 * planner's statistics. Losing some of them loses nothing of the user's. Used once, by one thread.
 */
final class InternalRows {
  private final Connection connection;
  private final PageImage image;
  private final PageKinds kinds;
  private final Map<String, Long> sequences = new HashMap<>();

  InternalRows(Connection connection, PageImage image, PageKinds kinds) {
    this.connection = connection;
    this.image = image;
    this.kinds = kinds;
  }

  /** Takes the pages of all of them. Statistics are written at once, sequences are kept. */
  void read(List<SchemaEntry> entries) throws SQLException {
    for (SchemaEntry entry : entries) {
      if (!entry.isTable() || !entry.isInternal()) {
        continue;
      }
      switch (entry.name()) {
        case "sqlite_sequence" -> walk(entry, new Sequences());
        case "sqlite_stat1" -> statistics(entry);
        default -> walk(entry, RowTaker.NOBODY);
      }
    }
  }

  private void walk(SchemaEntry entry, RowTaker taker) throws SQLException {
    new TreeWalk(image, kinds, null, taker).table(entry.root());
  }

  private void statistics(SchemaEntry entry) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("ANALYZE sqlite_schema"); // makes the table
      statement.execute("DELETE FROM sqlite_stat1");
    }
    ShapeReader.TableForm form = ShapeReader.of(connection, entry.name());
    try (TableWriter writer =
        new TableWriter(connection, entry.name(), form, (page, rowid, record, outcome) -> {})) {
      new TreeWalk(image, kinds, form.shape(), new Statistics(writer)).table(entry.root());
    }
  }

  private static final class Statistics extends RowTaker.Nobody {
    private final TableWriter writer;

    Statistics(TableWriter writer) {
      this.writer = writer;
    }

    @Override
    public void row(int page, long rowid, RecordView record) throws SQLException {
      if (record.count == 3) {
        writer.insert(page, rowid, record);
      }
    }
  }

  private final class Sequences extends RowTaker.Nobody {
    @Override
    public void row(int page, long rowid, RecordView record) {
      if (record.count == 2 && record.isText(0) && record.isInteger(1)) {
        sequences.put(new String(record.content(0), image.layout().charset()), record.bits(1));
      }
    }
  }

  /** Once all rows are there, for their inserts have counted, too: the greater value stays. */
  void restoreSequences() throws SQLException {
    try (Statement exists = connection.createStatement();
        ResultSet row =
            exists.executeQuery("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'")) {
      if (!row.next()) {
        return;
      }
    }
    for (Map.Entry<String, Long> each : sequences.entrySet()) {
      for (String sql :
          new String[] {
            "INSERT INTO sqlite_sequence(name, seq) SELECT ?1, ?2"
                + " WHERE ?1 NOT IN (SELECT name FROM sqlite_sequence)",
            "UPDATE sqlite_sequence SET seq = ?2 WHERE name = ?1 AND seq < ?2"
          }) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          statement.setString(1, each.getKey());
          statement.setLong(2, each.getValue());
          statement.executeUpdate();
        }
      }
    }
  }
}
