package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names without links in them. No state. */
public final class ResolvedPath {
  private static final int MAX_LINKS = 40;

  private ResolvedPath() {}

  /**
   * The name of what {@code file} leads to, which need not be there; the directory must.
   *
   * @throws IOException where the directory is missing, or the file has no name any more (an open
   *     one that was removed, by {@code /proc/self/fd/N})
   */
  public static Path of(Path file) throws IOException {
    if (Files.exists(file)) {
      Path real = file.toRealPath();
      if (!Files.isSameFile(file, real)) {
        throw new IOException("it has no name");
      }
      return real;
    }
    Path current = file.toAbsolutePath();
    for (int i = 0; i < MAX_LINKS; i++) {
      Path parent = current.getParent();
      Path name = current.getFileName();
      if (parent == null || name == null || name.toString().equals("..")) {
        return current.toRealPath();
      }
      Path next = parent.toRealPath().resolve(name);
      if (!Files.isSymbolicLink(next)) {
        return next;
      }
      current = next.resolveSibling(Files.readSymbolicLink(next));
    }
    throw new IOException("too many levels of symbolic links");
  }
}
