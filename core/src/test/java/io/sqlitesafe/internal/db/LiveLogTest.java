package io.sqlitesafe.internal.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.OpenMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that its last user leaves while another user is about to join it. */
class LiveLogTest {
  private static final String APPLICATION =
      """
      import sqlite3, sys
      connection = sqlite3.connect(sys.argv[1], isolation_level=None)
      connection.execute("PRAGMA journal_mode=" + sys.argv[2])
      connection.execute("CREATE TABLE t(a)")
      print("in", flush=True)
      sys.stdin.readline()
      connection.close()
      print("out", flush=True)
      """;

  @TempDir Path directory;

  private Path db() {
    return directory.resolve("a.db");
  }

  private boolean isThere(String suffix) {
    return Files.exists(directory.resolve("a.db" + suffix));
  }

  /** Another process that has the database open until it is told. */
  private record Application(Process process, BufferedReader out) implements AutoCloseable {
    static Application start(Path db, String mode) throws IOException {
      Process process =
          new ProcessBuilder("python3", "-c", APPLICATION, db.toString(), mode).start();
      var text = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8);
      Application started = new Application(process, new BufferedReader(text));
      assertEquals("in", started.out.readLine());
      return started;
    }

    void leave() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      assertEquals("out", out.readLine());
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private @Nullable LiveLog hold() {
    return LiveLog.holdAsOther(db(), Duration.ZERO, new Cancellation());
  }

  @Test
  void stays() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "no POSIX locks here");
    try (Application application = Application.start(db(), "wal")) {
      try (LiveLog log = hold()) {
        assertNotNull(log);
        application.leave();
        assertTrue(isThere("-wal") && isThere("-shm"));
      }
    }
    // And the next one who leaves removes it: nothing is held any more.
    try (Database owner = Database.open(db(), OpenMode.WRITE, Duration.ZERO, new Cancellation())) {
      assertNotNull(owner);
      owner.handle().rows("SELECT * FROM t");
    }
    assertFalse(isThere("-wal") || isThere("-shm"));
  }

  @Test
  void thatHasGoneIsNotMadeAnew() throws IOException {
    try (Application application = Application.start(db(), "wal")) {
      application.leave();
    }
    SqliteSafeException e = assertThrows(SqliteSafeException.class, this::hold);
    assertTrue(SqlErrors.isChanging(e));
  }

  @Test
  void whereThereIsNone() throws IOException {
    try (Application application = Application.start(db(), "delete")) {
      assertNull(hold());
      application.leave();
    }
  }
}
