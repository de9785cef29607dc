package io.sqlitesafe.internal.owner;

import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.sql.OpenMode;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * How an owner opens the database.
 *
 * @param create a missing file is made
 * @param first pragmas that SQLite heeds only before it has read anything, each ended by a
 *     semicolon
 * @param preparation what is done to the drained connection before the transaction; null = nothing
 */
public record Opening(boolean create, String first, @Nullable Preparation preparation) {
  /** A file that is there, as it is. */
  public static final Opening PLAIN = new Opening(false, "", null);

  /** Settings of a connection that have no effect within a transaction. */
  @FunctionalInterface
  public interface Preparation {
    /** Foreign keys are not enforced. */
    Preparation WITHOUT_FOREIGN_KEYS = database -> database.execute("PRAGMA foreign_keys=OFF");

    void apply(Database database) throws SQLException;
  }

  OpenMode mode() {
    return create ? OpenMode.CREATE : OpenMode.WRITE;
  }
}
