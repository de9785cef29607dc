package io.sqlitesafe.internal.lock;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** What a claim is filled with before it becomes the database (protocol section 10.3, P2). */
public interface ClaimContent {
  /** Writes all of it. */
  void writeTo(FileChannel claim) throws IOException;

  /**
   * Gives the claim the owner, permissions and other attributes that the database is to have.
   *
   * @param name of the open claim
   */
  void dress(FileChannel claim, Path name) throws IOException;

  /** Whether a file holds this content, to the last byte. */
  boolean isContentOf(Path file) throws IOException;
}
