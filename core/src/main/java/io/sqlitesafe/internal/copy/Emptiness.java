package io.sqlitesafe.internal.copy;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Whether a database holds nothing: no table but SQLite's own, some of which stay when all others
 * have been dropped ({@code sqlite_sequence}, {@code sqlite_stat1}). No state.
 */
public final class Emptiness {
  private static final String TABLES =
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%'"
          + " ESCAPE '\\'";

  private Emptiness() {}

  /**
   * Of a file that nobody writes to. What cannot be read as a database is not empty, as far as is
   * known.
   */
  public static boolean of(Path file, Cancellation cancellation) {
    try (Database database = Database.open(file, OpenMode.IMMUTABLE, Duration.ZERO, cancellation)) {
      return of(database);
    } catch (SqliteSafeException unknown) {
      return false;
    }
  }

  static boolean of(Database database) {
    return database.unguarded().integer(TABLES) == 0;
  }
}
