package io.sqlitesafe.internal.changeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.ApplyResult;
import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetApply;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.ConflictPolicy;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.Resolution;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes applied without the actions of foreign keys, which are checked in the end. */
class ForeignKeyWatchTest {
  private static final ApplyOptions OPTIONS = ApplyOptions.DEFAULT.withForeignKeyActions(false);

  private Connection connection;

  @BeforeEach
  void create() throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite::memory:");
    run(
        "CREATE TABLE z_parent(id TEXT COLLATE NOCASE PRIMARY KEY, v)",
        "CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES z_parent ON DELETE CASCADE)",
        "CREATE TABLE a_parent(id INT PRIMARY KEY, up INT REFERENCES a_parent ON DELETE RESTRICT)",
        "CREATE TABLE b_child(x, y TEXT, PRIMARY KEY(x, y),"
            + " FOREIGN KEY(y) REFERENCES a_parent(id) ON DELETE SET NULL)",
        "INSERT INTO z_parent VALUES('one', 1), ('two', 2)",
        "INSERT INTO child VALUES(1, 'ONE'), (2, 'two'), (3, 'nowhere')",
        "INSERT INTO a_parent VALUES(1, NULL), (2, 1), (3, 2)",
        "INSERT INTO b_child VALUES('k', '1')",
        "PRAGMA foreign_keys=ON");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private void run(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private String text(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.getString(1);
    }
  }

  private static TableHeader table(String name, int first, int second) {
    return new TableHeader(name, (byte) first, (byte) second);
  }

  private static Value value(Object value) {
    return value instanceof Integer number
        ? Value.integer(number.longValue())
        : Value.text((String) value);
  }

  private static Change delete(Object... row) {
    return Change.delete(values(row));
  }

  private static Change insert(Object... row) {
    return Change.insert(values(row));
  }

  private static Value[] values(Object... row) {
    Value[] values = new Value[row.length];
    for (int i = 0; i < row.length; i++) {
      values[i] = value(row[i]);
    }
    return values;
  }

  private record Part(TableHeader table, List<Change> changes) {}

  private ApplyResult apply(ApplyOptions options, Part... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChangesetWriter writer = new ChangesetWriter(bytes, "bytes", Format.CHANGESET);
    for (Part part : parts) {
      writer.table(part.table());
      part.changes().forEach(writer::change);
    }
    writer.flush();
    try (ChangesetApply apply = ChangesetApply.begin(connection, options);
        ChangesetReader reader = ChangesetReader.of(bytes.toByteArray(), "bytes")) {
      apply.add(reader);
      return apply.finish();
    }
  }

  /** The child is moved after its old parent went: a cascade would have deleted it. */
  @Test
  void actionsDoNotRun() throws SQLException {
    Part parents = new Part(table("z_parent", 1, 0), List.of(delete("one", 1), insert("three", 3)));
    Part children =
        new Part(
            table("child", 1, 0),
            List.of(
                Change.update(
                    values(1, "ONE"), new Value[] {Value.UNDEFINED, Value.text("THREE")})));
    assertEquals(3, apply(OPTIONS, parents, children).applied());
    assertEquals("THREE", text("SELECT p FROM child WHERE id = 1"));
    assertEquals("1", text("PRAGMA foreign_keys"), "enforced again");
    assertEquals("0", text("SELECT count(*) FROM temp.sqlite_schema"), "nothing is left");
  }

  /** RESTRICT is not deferred by SQLite, whatever comes later. */
  @Test
  void restrictIsAskedInTheEnd() throws SQLException {
    Part chain =
        new Part(
            table("a_parent", 1, 0),
            List.of(Change.delete(Value.integer(1), Value.NULL), delete(2, 1), delete(3, 2)));
    Part child = new Part(table("b_child", 1, 2), List.of(delete("k", "1")));
    assertEquals(4, apply(OPTIONS, chain, child).applied());
    assertEquals("0", text("SELECT count(*) FROM a_parent"));
  }

  @Test
  void anOrphanIsAConflictAndUndoesEverything() throws SQLException {
    Part parents = new Part(table("z_parent", 1, 0), List.of(delete("one", 1)));
    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> apply(OPTIONS, parents));
    assertEquals(Map.of("child -> z_parent", 1L), e.details().get("foreignKeys"));
    assertEquals("2", text("SELECT count(*) FROM z_parent"));
    assertEquals("1", text("PRAGMA foreign_keys"));
    Part child = new Part(table("b_child", 1, 2), List.of(insert("l", "4")));
    e = assertThrows(SqliteSafeException.class, () -> apply(OPTIONS, child));
    assertEquals(Map.of("b_child -> a_parent", 1L), e.details().get("foreignKeys"));
  }

  /** '2' and 2 are one key by the parent's affinity, 'nowhere' was an orphan before. */
  @Test
  void onlyWhatWasTouchedCounts() throws SQLException {
    Part child = new Part(table("b_child", 1, 2), List.of(insert("l", "2")));
    assertEquals(1, apply(OPTIONS, child).applied());
    Part other = new Part(table("child", 1, 0), List.of(delete(2, "two")));
    assertEquals(1, apply(OPTIONS, other).applied());
    ApplyOptions omit =
        ApplyOptions.of(ConflictPolicy.of(Resolution.OMIT)).withForeignKeyActions(false);
    Part orphan = new Part(table("child", 1, 0), List.of(insert(9, "elsewhere")));
    assertEquals(1, apply(omit, orphan).applied());
    assertEquals("elsewhere", text("SELECT p FROM child WHERE id = 9"));
  }
}
