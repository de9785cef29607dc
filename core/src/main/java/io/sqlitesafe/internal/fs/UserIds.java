package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Numbers of users, as files have them. No state. */
public final class UserIds {
  /** Not known: the file is gone, or files have no such numbers here. */
  public static final int UNKNOWN = -1;

  public static final int ROOT = 0;

  private static final Path SELF = Path.of("/proc/self/");

  private UserIds() {}

  /** Whom {@code file} belongs to; of a symbolic link, the link itself. */
  public static int ownerOf(Path file) {
    return number(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** As {@link #ownerOf}; of a symbolic link, what it leads to. */
  static int ownerBehindLinks(Path file) {
    return number(file);
  }

  /** Who this process acts as; the kernel gives its directory in /proc to that user. */
  public static int self() {
    return number(SELF);
  }

  private static int number(Path file, LinkOption... links) {
    try {
      return Files.getAttribute(file, "unix:uid", links) instanceof Integer n ? n : UNKNOWN;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      return UNKNOWN;
    }
  }
}
