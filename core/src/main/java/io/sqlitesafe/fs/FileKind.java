package io.sqlitesafe.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * What lies under a name, without opening it: a pipe keeps whoever opens it waiting for ever, a
 * device does something. No state.
 */
public final class FileKind {
  private FileKind() {}

  /** True where there is something that is no regular file. What is missing is not strange. */
  public static boolean isStrange(Path file) {
    BasicFileAttributes found = look(file);
    return found != null && !found.isRegularFile();
  }

  /** The thing itself and not what it points at; null where it cannot be seen. */
  public static @Nullable BasicFileAttributes look(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException missing) {
      return null;
    }
  }
}
