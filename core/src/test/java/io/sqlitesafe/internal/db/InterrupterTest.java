package io.sqlitesafe.internal.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class InterrupterTest {
  private static final String ENDLESS =
      "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT max(i) FROM r";

  @TempDir Path directory;

  /** An interrupt of a connection on which nothing runs is forgotten. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void endsAStatementThatBeginsAfterTheRequest() {
    Cancellation cancellation = new Cancellation();
    try (Database database =
        Database.open(directory.resolve("a.db"), OpenMode.CREATE, Duration.ZERO, cancellation)) {
      cancellation.request(ErrorKind.TERMINATED);
      SQLException e = assertThrows(SQLException.class, () -> database.execute(ENDLESS));
      assertEquals(9, e.getErrorCode() & 0xff, e::toString); // SQLITE_INTERRUPT
    }
  }
}
