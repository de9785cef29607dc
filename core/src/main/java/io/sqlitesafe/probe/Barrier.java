package io.sqlitesafe.probe;

import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes a caching client ask the server about a directory: by changing it (rule O2 of the
 * protocol).
 */
final class Barrier {
  static final String MARK = "barrier.";

  private Barrier() {}

  /** Crosses, and tells the directory's time, in milliseconds. */
  static long cross(Path directory) throws IOException {
    Path file = directory.resolve(MARK + LockToken.random());
    Files.createFile(file);
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
