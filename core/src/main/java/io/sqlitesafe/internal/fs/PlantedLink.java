package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Symbolic links that somebody else may have put in the way: in a directory where everybody can
 * make files but nobody can remove another's, as /tmp. The kernel refuses to follow those (proc(5),
 * protected_symlinks); a program that reads links itself has to. No state.
 */
final class PlantedLink {
  private static final int STICKY = 01000;
  private static final int OTHERS_WRITE = 0002;
  private static final int MAX_LINKS = 40;

  private PlantedLink() {}

  /** Null where {@code file} leads through no such link. */
  static @Nullable String objection(Path file) throws IOException {
    Path current = file.toAbsolutePath();
    for (int i = 0; i < MAX_LINKS && Files.isSymbolicLink(current); i++) {
      Path parent = current.getParent();
      int owner = UserIds.ownerOf(current);
      if (parent != null
          && isShared(parent)
          && UserIds.self() != UserIds.UNKNOWN
          && owner != UserIds.self()
          && owner != UserIds.ownerOf(parent.toRealPath())) {
        return "is a symbolic link of another user (uid " + owner + ") in " + parent;
      }
      current = current.resolveSibling(Files.readSymbolicLink(current));
    }
    return null;
  }

  private static boolean isShared(Path directory) throws IOException {
    try {
      int wanted = STICKY | OTHERS_WRITE;
      return Files.getAttribute(directory, "unix:mode") instanceof Integer mode
          && (mode & wanted) == wanted;
    } catch (UnsupportedOperationException | IllegalArgumentException noSuchView) {
      return false;
    }
  }
}
