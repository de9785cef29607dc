package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;

/** A directory for the time of one operation; closing it deletes it with everything in it. */
public final class Scratch implements AutoCloseable {
  private final Path directory;

  private Scratch(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes one, for this user only.
   *
   * @param parent where
   * @param needed bytes that must be free there
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} where there is not enough room
   */
  public static Scratch create(Path parent, long needed) {
    throw new SqliteSafeException(ErrorKind.INTERNAL, "not there yet", null);
  }

  public Path directory() {
    return directory;
  }

  @Override
  public void close() {}
}
