package io.sqlitesafe.internal.recover;

import io.sqlitesafe.error.Cancellation;
import java.nio.file.Path;
import java.util.List;

/** Looks whether a database that was made is sound. */
public interface ResultCheck {
  /**
   * What was found.
   *
   * @param damage what is wrong with the file
   * @param notes what its rows are like, and what could not be checked
   */
  record Checked(List<String> damage, List<String> notes) {}

  /** Checks a file that nobody else uses. */
  Checked check(Path file, Cancellation cancellation);
}
