package io.sqlitesafe.changeset.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sqlitesafe.changeset.ChangeSorter;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.SchemaShape;
import io.sqlitesafe.changeset.SqlValues;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.TableShape;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both methods of capture against an exact difference of the tables, on random transactions. */
class CaptureTest {
  private static final int CASES = Boolean.getBoolean("sqlitesafe.long") ? 50_000 : 2_000;

  @TempDir static Path directory;

  @Test
  void bothMethodsFindTheExactDifference() throws SQLException, IOException {
    long from = Long.getLong("sqlitesafe.seed", 1);
    int changing = 0;
    int compared = 0;
    int interfered = 0;
    for (long seed = from; seed < from + CASES; seed++) {
      RandomTransaction transaction = RandomTransaction.of(seed);
      Path file = create(transaction.setUp());
      Run captured =
          run(file, transaction, new TriggerCapture(), new SnapshotCapture(new Cancellation()));
      for (int i = 0; i < captured.changesets.size(); i++) {
        if (!Arrays.equals(captured.expected, captured.changesets.get(i))) {
          fail(
              (i == 0 ? "triggers: " : "difference: ")
                  + transaction
                  + "\nexpected "
                  + text(captured.expected)
                  + "\nfound    "
                  + text(captured.changesets.get(i)));
        }
      }
      changing += captured.expected.length > 0 ? 1 : 0;
      if (seed % 4 == 0) {
        compared++;
        interfered += run(file, transaction).after.equals(captured.after) ? 0 : 1;
      }
      Files.delete(file);
    }
    assertTrue(changing > CASES / 2, changing + " of " + CASES + " transactions changed anything");
    // Statements that fail midway and are passed over, mostly: see TriggerCapture.
    assertTrue(
        interfered * 25 <= compared, interfered + " of " + compared + " were changed by triggers");
  }

  /** What one run made of the database, before it was rolled back. */
  private record Run(byte[] expected, List<byte[]> changesets, String after) {}

  private static Path create(List<String> sql) throws SQLException, IOException {
    Path file = Files.createTempFile(directory, "case", ".db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA synchronous=OFF");
      statement.execute("PRAGMA journal_mode=MEMORY");
      statement.execute("BEGIN");
      for (String each : sql) {
        attempt(() -> statement.executeUpdate(each));
      }
      statement.execute("COMMIT");
    }
    return file;
  }

  private interface Action {
    void run() throws SQLException;
  }

  private static void attempt(Action action) {
    try {
      action.run();
    } catch (SQLException | SqliteSafeException passedOver) {
      // part of the game
    }
  }

  private static Run run(Path file, RandomTransaction transaction, Capturer... capturers)
      throws SQLException {
    try (Database database =
        Database.open(file, Database.Mode.WRITE, Duration.ofSeconds(5), new Cancellation())) {
      Content before = Content.of(database.connection());
      database.execute("BEGIN IMMEDIATE");
      Both listener = new Both(capturers);
      for (Capturer capturer : capturers) {
        capturer.begin(database);
      }
      Session session = Session.of(database, listener);
      for (String sql : transaction.script()) {
        attempt(() -> session.update(sql));
      }
      Content after = Content.of(database.connection());
      List<byte[]> changesets = new ArrayList<>();
      for (Capturer capturer : capturers) {
        try (ChangeSorter sorter = new ChangeSorter()) {
          capturer.harvest(sorter);
          changesets.add(bytes(sorter));
        } catch (SQLException | RuntimeException e) {
          throw new AssertionError(transaction.toString(), e);
        }
        capturer.close();
      }
      database.execute("ROLLBACK");
      return new Run(difference(before, after), changesets, after.text());
    }
  }

  private record Both(Capturer... capturers) implements io.sqlitesafe.db.StatementListener {
    @Override
    public void prepared(String sql) throws SQLException {
      for (Capturer capturer : capturers) {
        capturer.prepared(sql);
      }
    }

    @Override
    public void done(String sql) throws SQLException {
      for (Capturer capturer : capturers) {
        capturer.done(sql);
      }
    }

    @Override
    public void bypassed() {
      fail("nothing bypasses");
    }
  }

  private static byte[] bytes(ChangeSorter sorter) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ChangesetWriter writer = new ChangesetWriter(out, "memory", Format.CHANGESET)) {
      sorter.transferTo(writer);
    }
    return out.toByteArray();
  }

  private static String text(byte[] changeset) {
    StringBuilder text = new StringBuilder();
    try (ChangesetReader reader = ChangesetReader.of(changeset, "memory")) {
      for (var change = reader.next(); change != null; change = reader.next()) {
        text.append("\n  ").append(reader.table().name()).append(' ').append(change);
      }
    }
    return text.toString();
  }

  // ---- the exact difference, by other means -----------------------------------------------------

  /** All rows of all tables that can be captured, by table and key. */
  private record Content(SchemaShape shape, Map<String, Map<List<Value>, Value[]>> tables) {
    static Content of(Connection connection) throws SQLException {
      SchemaShape shape = SchemaShape.of(connection, "main");
      SqlValues values = SqlValues.of(connection);
      Map<String, Map<List<Value>, Value[]>> tables = new TreeMap<>();
      for (TableShape table : shape.capturable()) {
        Map<List<Value>, Value[]> rows = new LinkedHashMap<>();
        String columns =
            String.join(", ", table.columns().stream().map(TableShape.Column::sql).toList());
        try (Statement statement = connection.createStatement();
            ResultSet result =
                statement.executeQuery("SELECT " + columns + " FROM " + table.sql("main"))) {
          while (result.next()) {
            add(rows, table, values.row(result, table.columns().size()));
          }
        }
        tables.put(table.name(), rows);
      }
      return new Content(shape, tables);
    }

    private static void add(Map<List<Value>, Value[]> rows, TableShape table, Value[] row) {
      List<Value> key = new ArrayList<>();
      for (int place : table.keyPlaces()) {
        Value value = row[place];
        if (value.equals(Value.NULL)) {
          if (table.kind() != TableShape.Kind.STATISTICS) {
            return;
          }
          value = Value.blob(new byte[0]);
          row[place] = value;
        }
        boolean zero = value.kind() == Value.Kind.REAL && value.real() == 0;
        key.add(zero ? Value.real(0) : value);
      }
      rows.put(key, row);
    }

    Map<List<Value>, Value[]> rows(String table) {
      TableShape known = shape.table(table);
      return known == null ? Map.of() : tables.getOrDefault(known.name(), Map.of());
    }

    String text() {
      StringBuilder text = new StringBuilder();
      tables.forEach(
          (name, rows) -> {
            text.append(name).append('\n');
            rows.values().stream().map(Arrays::toString).sorted().forEach(text::append);
          });
      return text.toString();
    }
  }

  private static byte[] difference(Content before, Content after) {
    try (ChangeSorter sorter = new ChangeSorter()) {
      for (TableShape table : after.shape.capturable()) {
        TableShape old = before.shape.table(table.name());
        boolean statistics = table.kind() == TableShape.Kind.STATISTICS;
        if (old != null && !statistics && !sameColumns(old, table)) {
          continue;
        }
        sorter.table(new TableHeader(table.name(), table.keyBytes()));
        Map<List<Value>, Value[]> was = before.rows(table.name());
        Map<List<Value>, Value[]> is = after.rows(table.name());
        was.forEach(
            (key, row) -> {
              if (!is.containsKey(key)) {
                sorter.change(io.sqlitesafe.changeset.Change.delete(row));
              }
            });
        is.forEach(
            (key, row) -> {
              Value @Nullable [] previous = was.get(key);
              if (previous == null) {
                sorter.change(io.sqlitesafe.changeset.Change.insert(row));
              } else {
                update(table, previous, row, sorter);
              }
            });
      }
      return bytes(sorter);
    }
  }

  private static boolean sameColumns(TableShape a, TableShape b) {
    return a.columns().stream()
            .map(TableShape.Column::name)
            .toList()
            .equals(b.columns().stream().map(TableShape.Column::name).toList())
        && Arrays.equals(a.keyBytes(), b.keyBytes());
  }

  private static void update(TableShape table, Value[] was, Value[] is, ChangeSorter sorter) {
    Value[] old = was.clone();
    Value[] now = is.clone();
    boolean changed = false;
    for (int i = 0; i < was.length; i++) {
      boolean key = table.columns().get(i).key() > 0;
      if (key || was[i].isUnchanged(is[i])) {
        old[i] = key ? was[i] : Value.UNDEFINED;
        now[i] = Value.UNDEFINED;
      } else {
        changed = true;
      }
    }
    if (changed) {
      sorter.change(io.sqlitesafe.changeset.Change.update(old, now));
    }
  }

  // ---- facts that the triggers rely on ----------------------------------------------------------

  @Test
  void temporaryTriggersFireBeforeThoseOfTheSchema() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
      statement.execute("CREATE TABLE log(n INTEGER PRIMARY KEY, who)");
      for (String when : List.of("BEFORE", "AFTER")) {
        for (String event : List.of("INSERT", "UPDATE", "DELETE")) {
          String body =
              " "
                  + when
                  + " "
                  + event
                  + " ON t BEGIN INSERT INTO log(who) VALUES('%s "
                  + when
                  + event
                  + "'); END";
          String name = when + event;
          statement.execute("CREATE TRIGGER a" + name + body.formatted("schema"));
          statement.execute(
              "CREATE TEMP TRIGGER m" + name + body.replace(" t ", " main.t ").formatted("temp"));
          statement.execute("CREATE TRIGGER z" + name + body.formatted("schema"));
        }
      }
      statement.execute("INSERT INTO t VALUES(1, 1)");
      statement.execute("UPDATE t SET v = 2");
      statement.execute("DELETE FROM t");
      List<String> order = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery("SELECT who FROM log ORDER BY n")) {
        while (rows.next()) {
          order.add(rows.getString(1));
        }
      }
      assertEquals(18, order.size());
      for (int i = 0; i < order.size(); i++) {
        assertEquals(i % 3 == 0, order.get(i).startsWith("temp"), order.toString());
      }
    }
  }
}
