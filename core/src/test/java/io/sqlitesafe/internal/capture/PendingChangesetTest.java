package io.sqlitesafe.internal.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.changeset.PendingOutcome.End;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.sql.OpenMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a changeset whose writer died between "ready" and its publication. */
class PendingChangesetTest {
  @TempDir Path directory;
  private Path db;
  private Path record;
  private Path changesets;
  private Path file;
  private byte[] content;

  @BeforeEach
  void crash() throws SQLException, IOException {
    db = directory.resolve("a.db");
    record = directory.resolve("a.db.changeset-pending");
    changesets = Files.createDirectory(directory.resolve("line\nbreak \\n"));
    file = changesets.resolve("file");
    sql("CREATE TABLE t(k INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'a'), (2, 'a')");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChangesetWriter writer = new ChangesetWriter(bytes, "test", Format.CHANGESET);
    writer.table(new TableHeader("t", new byte[] {1, 0}));
    for (long k = 1; k <= 2; k++) {
      writer.change(
          Change.update(
              new Value[] {Value.integer(k), Value.text("a")},
              new Value[] {Value.UNDEFINED, Value.text("b")}));
    }
    writer.flush();
    content = bytes.toByteArray();
    ChangesetFile replacement = new ChangesetFile(file, record, db);
    try (OutputStream out = replacement.open()) {
      out.write(content);
    }
    replacement.ready();
    replacement.leave();
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + db);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.executeUpdate(sql);
      }
    }
  }

  private @Nullable PendingOutcome resolve() throws SQLException {
    try (Database database =
        Database.open(db, OpenMode.WRITE, Duration.ofHours(1), new Cancellation())) {
      database.execute("BEGIN IMMEDIATE");
      PendingOutcome outcome =
          PendingChangeset.resolve(
              record, database, new PendingChangeset.Settling(directory, false));
      database.execute("ROLLBACK");
      return outcome;
    }
  }

  private PendingOutcome resolved() throws SQLException {
    return Objects.requireNonNull(resolve());
  }

  private List<Path> published() throws IOException {
    try (Stream<Path> files = Files.list(changesets)) {
      return files.toList();
    }
  }

  @Test
  void committed() throws SQLException, IOException {
    sql("UPDATE t SET v = 'b'");
    assertEquals(End.PUBLISHED, resolved().end());
    assertEquals(List.of(file), published());
    assertArrayEquals(content, Files.readAllBytes(file));
    assertTrue(Files.notExists(record));
  }

  @Test
  void notCommitted() throws SQLException, IOException {
    assertEquals(End.DISCARDED, resolved().end());
    assertEquals(List.of(), published());
    assertTrue(Files.notExists(record));
  }

  /** One row says yes and the other no, or neither says anything: whoever wrote had no lock. */
  @Test
  void rowsThatContradictEachOther() throws SQLException, IOException {
    for (String v : List.of("'b'", "'c'")) {
      sql("UPDATE t SET v = " + v, "UPDATE t SET v = iif(v = 'b', 'a', v) WHERE k = 2");
      PendingOutcome outcome = resolved();
      assertEquals(End.UNCERTAIN, outcome.end());
      assertTrue(outcome.needsAttention());
      List<Path> kept = published();
      assertEquals(1, kept.size());
      assertTrue(kept.get(0).toString().startsWith(file + ".uncertain-"), kept::toString);
      assertTrue(outcome.message().contains(kept.get(0).toString()), outcome::message);
      assertArrayEquals(content, Files.readAllBytes(kept.get(0)));
      assertTrue(Files.notExists(record));
      Files.delete(kept.get(0));
      Files.delete(changesets);
      Files.delete(db);
      crash();
    }
  }

  @Test
  void aDirectoryThatIsAwayIsWaitedFor() throws SQLException, IOException {
    sql("UPDATE t SET v = 'b'");
    Path away = directory.resolve("away");
    Files.move(changesets, away);
    PendingOutcome outcome = resolved();
    assertEquals(End.FAILED, outcome.end());
    assertTrue(outcome.needsAttention());
    assertTrue(Files.exists(record));
    Files.move(away, changesets);
    assertEquals(End.PUBLISHED, resolved().end());
    assertTrue(Files.notExists(record));
  }

  @Test
  void aDirectoryInItsPlaceIsWaitedFor() throws SQLException, IOException {
    sql("UPDATE t SET v = 'b'");
    Files.createDirectories(file.resolve("in the way"));
    assertEquals(End.FAILED, resolved().end());
    assertTrue(Files.exists(record));
    Files.delete(file.resolve("in the way"));
    Files.delete(file);
    assertEquals(End.PUBLISHED, resolved().end());
    assertArrayEquals(content, Files.readAllBytes(file));
    assertTrue(Files.notExists(record));
  }

  @Test
  void damagedChangesWaitForSomebodyWhoLooks() throws SQLException, IOException {
    sql("UPDATE t SET v = 'b'");
    Path temporary = published().get(0);
    byte[] damaged = content.clone();
    damaged[0] = '?';
    Files.write(temporary, damaged);
    assertEquals(End.FAILED, resolved().end());
    assertEquals(List.of(temporary), published());
    assertTrue(Files.exists(record));
  }

  @Test
  void aTornRecordMeansNoCommit() throws SQLException, IOException {
    String text = Files.readString(record);
    for (int length : new int[] {0, 10, text.indexOf('\n') + 1}) {
      Files.writeString(record, text.substring(0, length));
      assertNull(resolve(), "nothing to tell");
      assertTrue(Files.notExists(record));
    }
    Files.writeString(record, text.substring(0, text.length() - 1)); // not ready, then
    assertNotNull(resolve());
    assertEquals(List.of(), published());
  }
}
