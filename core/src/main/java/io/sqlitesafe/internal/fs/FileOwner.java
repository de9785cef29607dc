package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;

/**
 * Who this process is, and whose a file is: for what may be done only by the owner, and for
 * messages that name both. Stateless.
 */
public final class FileOwner {
  private FileOwner() {}

  /**
   * Whether files that SQLite makes beside {@code file} can be used by its owner: we are its owner,
   * or root, for whom SQLite gives them to the owner. True where there are no such owners.
   */
  public static boolean makesFilesFor(Path file) {
    int self = UserIds.self();
    return self <= UserIds.ROOT || self == UserIds.ownerBehindLinks(file);
  }

  /**
   * Why this process may not do it: "uid 65534 may not make a file in /srv/app, which belongs to
   * root:root and has mode 755".
   *
   * @param what "write", "make a file in"
   */
  public static String mayNot(String what, Path file) {
    int self = UserIds.self();
    return (self < 0 ? "this user" : "uid " + self)
        + " may not "
        + what
        + " "
        + file
        + of(file, self);
  }

  private static String of(Path file, int self) {
    try {
      if (isReadOnly(file)) {
        return ", for it lies on a file system that is mounted read-only";
      }
      PosixFileAttributes is = Files.readAttributes(file, PosixFileAttributes.class);
      return ", which belongs to "
          + is.owner().getName()
          + ":"
          + is.group().getName()
          + " and has mode "
          + octal(file);
    } catch (IOException | UnsupportedOperationException unknown) {
      return "";
    }
  }

  private static boolean isReadOnly(Path file) {
    try {
      return Files.getFileStore(file).isReadOnly();
    } catch (IOException noLineOfTheMountTableLeadsToIt) {
      return false;
    }
  }

  private static String octal(Path file) throws IOException {
    Map<String, Object> mode = Files.readAttributes(file, "unix:mode");
    return mode.get("mode") instanceof Integer bits ? Integer.toOctalString(bits & 07777) : "?";
  }
}
