package io.sqlitesafe.internal.changeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.ConflictHandler;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.Resolution;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.OpenMode;
import io.sqlitesafe.sql.StatementListener;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.ProgressHandler;

/** What a unit of work that applies changesets tells and leaves to others. */
class ApplyJobTest {
  private static final int CHILDREN = 20_000;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void create() throws SQLException {
    file = directory.resolve("a.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE parent(id INTEGER PRIMARY KEY)");
      statement.execute("CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent)");
      statement.execute("INSERT INTO parent VALUES(1)");
      statement.execute(
          "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < "
              + CHILDREN
              + ") INSERT INTO child SELECT x, 1 FROM c");
      statement.execute("CREATE VIRTUAL TABLE search USING fts5(body)");
      statement.execute("CREATE TABLE note(id INTEGER PRIMARY KEY, body)");
      statement.execute(
          "CREATE TRIGGER indexed AFTER UPDATE OF body ON note BEGIN"
              + " INSERT INTO search VALUES(new.body); END");
      statement.execute("INSERT INTO note VALUES(1, 'a')");
    }
  }

  private static byte[] changeset(String table, byte[] keys, Change... changes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChangesetWriter writer = new ChangesetWriter(bytes, "test", Format.CHANGESET);
    writer.table(new TableHeader(table, keys));
    for (Change change : changes) {
      writer.change(change);
    }
    writer.flush();
    return bytes.toByteArray();
  }

  private static byte[] child(long id, long parent) {
    return changeset(
        "child", new byte[] {1, 0}, Change.insert(Value.integer(id), Value.integer(parent)));
  }

  private static ApplyJob dryRun(byte[] changeset) {
    ConflictHandler omit = conflict -> Resolution.OMIT;
    return new ApplyJob(
        ApplyOptions.of(omit),
        List.of(() -> ChangesetReader.of(changeset, "test")),
        true,
        false,
        false);
  }

  private interface Use<T> {
    T in(Database database) throws SQLException;
  }

  private <T> T inTransaction(Use<T> use) throws SQLException {
    try (Database database =
        Database.open(file, OpenMode.WRITE, Duration.ofHours(1), new Cancellation())) {
      database.execute("PRAGMA foreign_keys=ON");
      database.execute("BEGIN IMMEDIATE");
      T result = use.in(database);
      database.execute("ROLLBACK");
      return result;
    }
  }

  /** Hundreds of steps of SQLite's virtual machine that something takes. */
  private static int steps(Database database, Runnable work) throws SQLException {
    int[] hundreds = {0};
    ProgressHandler.setHandler(
        database.connection(),
        100,
        new ProgressHandler() {
          @Override
          protected int progress() {
            hundreds[0]++;
            return 0;
          }
        });
    try {
      work.run();
    } finally {
      ProgressHandler.clearHandler(database.connection());
    }
    return hundreds[0];
  }

  @Test
  void aDryRunReadsTheChildrenOnce() throws SQLException {
    inTransaction(
        database -> {
          Handle handle = database.handle();
          int once =
              steps(database, () -> handle.rows("SELECT count(*) FROM pragma_foreign_key_check"));
          assertTrue(once > CHILDREN / 100, "" + once);
          int spent = steps(database, () -> dryRun(child(CHILDREN + 1, 1)).run(handle));
          assertTrue(spent < once * 3 / 2, spent + " steps where one check takes " + once);
          return true;
        });
  }

  @Test
  void aDryRunTellsOnlyOfNewOrphans() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE child SET p = 77 WHERE id < 5");
    }
    for (StatementListener watcher : new StatementListener[] {null, new Announced()}) {
      Map<String, Long> none =
          inTransaction(
              database -> dryRun(child(CHILDREN + 1, 1)).run(database.handle(watcher)).orphans());
      assertEquals(Map.of(), none);
      Map<String, Long> one =
          inTransaction(
              database -> dryRun(child(CHILDREN + 1, 2)).run(database.handle(watcher)).orphans());
      assertEquals(Map.of("child -> parent", 1L), one);
    }
  }

  @Test
  void aWatchedDryRunKeepsItsChangesForTheWatcher() throws SQLException {
    long children =
        inTransaction(
            database -> {
              Handle handle = database.handle(new Announced());
              dryRun(child(CHILDREN + 1, 2)).run(handle);
              return handle.integer("SELECT count(*) FROM child");
            });
    assertEquals(CHILDREN + 1, children);
  }

  /** Notes down what it is told. */
  private static final class Announced implements StatementListener {
    private final List<String> announced = new ArrayList<>();
    private boolean bypassed;

    @Override
    public void prepared(String sql) {
      announced.add(sql);
    }

    @Override
    public void done(String sql) {}

    @Override
    public void bypassed() {
      bypassed = true;
    }
  }

  @Test
  void whatItRunsIsAnnounced() throws SQLException {
    byte[] update =
        changeset(
            "note",
            new byte[] {1, 0},
            Change.update(
                new Value[] {Value.integer(1), Value.text("a")},
                new Value[] {Value.UNDEFINED, Value.text("b")}));
    Announced watcher = new Announced();
    inTransaction(database -> dryRun(update).run(database.handle(watcher)));
    assertTrue(!watcher.bypassed, "nothing was run unseen");
    assertTrue(
        watcher.announced.stream()
            .anyMatch(
                sql ->
                    sql.startsWith("UPDATE \"main\".\"note\"") || sql.startsWith("UPDATE main.")),
        watcher.announced::toString);
  }

  @Test
  void aListenerThatCannotGoOnStopsIt() throws SQLException {
    StatementListener stubborn =
        new StatementListener() {
          @Override
          public void prepared(String sql) throws SQLException {
            throw new SQLException("enough");
          }

          @Override
          public void done(String sql) {}

          @Override
          public void bypassed() {}
        };
    inTransaction(
        database -> {
          ApplyJob job = dryRun(child(CHILDREN + 1, 1));
          assertThrows(SqliteSafeException.class, () -> job.run(database.handle(stubborn)));
          return true;
        });
  }
}
