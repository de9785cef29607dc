package io.sqlitesafe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import io.sqlitesafe.snapshot.RestoreRequest;
import io.sqlitesafe.snapshot.RestoreResult;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Snapshots by the Java API, in a process that has other connections. */
class SnapshotTest {
  @TempDir Path temporary;
  private Path file;
  private SafeDatabase db;

  @BeforeEach
  void create() throws IOException {
    file = temporary.toRealPath().resolve("app.db");
    db = SafeDatabase.of(file);
    db.write(
        new WriteOptions(false, 0, new WriteOptions.NewDatabase(null, null, null)),
        tx -> {
          tx.update("CREATE TABLE t(v)");
          return tx.update("INSERT INTO t VALUES('one'), ('two')");
        });
  }

  private Connection other() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Closing a descriptor of the database would drop the locks of every connection of this process:
   * the other program would then write in the middle of this one's transaction.
   */
  @ParameterizedTest
  @EnumSource(BackupMethod.class)
  void otherConnectionsOfThisProcessKeepTheirLocks(BackupMethod method) throws SQLException {
    try (Connection other = other()) {
      execute(other, "BEGIN IMMEDIATE");
      List<FileUse.SqliteLock> before = FileUse.sqliteLocks(file);
      assumeTrue(!before.isEmpty(), "this system does not show its locks");
      String copy = file.resolveSibling("copy").toString();
      db.backup(BackupRequest.to(copy).withMethod(method), SnapshotListener.SILENT);
      assertEquals(before, FileUse.sqliteLocks(file));
      execute(other, "ROLLBACK");
    }
    assertEquals(List.of(), FileUse.sqliteLocks(file));
  }

  /** An interrupt closes a channel that is being read from, which would do the same. */
  @Test
  void anInterruptedBackupStopsAndKeepsLocks() throws SQLException, InterruptedException {
    Settings settings = Settings.defaults();
    SafeDatabase mine = SafeDatabase.of(file, settings);
    List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
    try (Connection other = other()) {
      execute(other, "BEGIN EXCLUSIVE");
      List<FileUse.SqliteLock> before = FileUse.sqliteLocks(file);
      Thread thread =
          new Thread(
              () -> {
                try {
                  String copy = file.resolveSibling("copy").toString();
                  mine.backup(BackupRequest.to(copy), SnapshotListener.SILENT);
                } catch (RuntimeException e) {
                  thrown.add(e);
                }
              });
      thread.start();
      thread.interrupt();
      thread.join();
      assertEquals(before, FileUse.sqliteLocks(file));
    }
    assertEquals(1, thrown.size());
    assertTrue(
        String.valueOf(thrown.get(0).getMessage()).contains("interrupted"), thrown::toString);
    assertTrue(Files.notExists(file.resolveSibling("copy")));
  }

  @Test
  void backUpAndRestore() {
    Path copy = file.resolveSibling("copy");
    BackupResult made = db.backup(BackupRequest.to(copy.toString()), SnapshotListener.SILENT);
    assertEquals(copy, made.file());
    assertEquals(List.of(), made.warnings());
    db.write(tx -> tx.update("DELETE FROM t"));
    RestoreResult tried =
        SafeDatabase.restoreDrill(
            RestoreRequest.of(copy),
            file.resolveSibling(""),
            Settings.defaults(),
            SnapshotListener.SILENT);
    assertTrue(tried.drill());
    assertEquals(0, db.<Long>read(tx -> tx.integer("SELECT count(*) FROM t")));
    RestoreResult done = db.restore(RestoreRequest.of(copy), SnapshotListener.SILENT);
    assertEquals(made.manifest().file().sha256(), done.sha256());
    assertEquals(2, db.<Long>read(tx -> tx.integer("SELECT count(*) FROM t")));
  }

  @Test
  void underTheLockAndVacuumed() {
    for (BackupResult made :
        List.of(
            db.copyUnderLock(
                BackupRequest.to(file.resolveSibling("exact").toString()), SnapshotListener.SILENT),
            db.vacuumInto(
                BackupRequest.to(file.resolveSibling("compact").toString()),
                SnapshotListener.SILENT))) {
      assertEquals(
          2, SafeDatabase.of(made.file()).<Long>read(tx -> tx.integer("SELECT count(*) FROM t")));
    }
  }
}
