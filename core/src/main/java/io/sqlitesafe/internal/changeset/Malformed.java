package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The errors of reading and writing changesets, in one voice. */
public final class Malformed {
  private Malformed() {}

  /** The bytes are no changeset; {@code offset} counts from the start of the file. */
  public static SqliteSafeException at(String name, long offset, String what) {
    return new SqliteSafeException(
            ErrorKind.DAMAGED,
            name + " is not a well-formed changeset: at byte " + offset + ", " + what,
            "nothing was changed; get the file again from where it was made")
        .with("file", name)
        .with("offset", offset);
  }

  static SqliteSafeException tooLarge(String name, long offset, long bytes, @Nullable Error cause) {
    return new SqliteSafeException(
            ErrorKind.FAILED,
            name
                + ": the value at byte "
                + offset
                + " has "
                + bytes
                + " bytes, more than fit in memory",
            "nothing was changed; allow Java more memory: SQLITE_SAFE_JAVA_OPTS=-Xmx4g",
            cause)
        .with("file", name)
        .with("offset", offset);
  }

  /** Memory for a row as a whole. */
  static byte[] allocate(long bytes) {
    try {
      return new byte[Math.toIntExact(bytes)];
    } catch (OutOfMemoryError | ArithmeticException e) {
      // An array that does not fit leaves the heap as it was, so this error may be caught.
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "a changed row has " + bytes + " bytes, more than fit in memory",
          "nothing was changed; allow Java more memory: SQLITE_SAFE_JAVA_OPTS=-Xmx4g",
          e);
    }
  }

  public static SqliteSafeException unreadable(String name, IOException cause) {
    return new SqliteSafeException(
            ErrorKind.FAILED,
            "cannot read the changeset " + name + ": " + reason(cause),
            "check the name and the permissions",
            cause)
        .with("file", name);
  }

  public static SqliteSafeException unwritable(String name, IOException cause) {
    return new SqliteSafeException(
            ErrorKind.FAILED,
            "cannot write " + name + ": " + reason(cause),
            "check the permissions and the free space",
            cause)
        .with("file", name);
  }

  private static String reason(IOException e) {
    if (e instanceof java.nio.file.NoSuchFileException) {
      return "there is no such file or directory";
    }
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    return String.valueOf(e.getMessage());
  }
}
