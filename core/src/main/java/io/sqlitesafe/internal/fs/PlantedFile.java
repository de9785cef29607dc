package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files of this program that somebody else may have put beside a file that they may neither read
 * nor remove: in a directory where several users make files and each removes only their own
 * (sticky, as /tmp). A manifest there would make any file a backup that is replaced or deleted.
 * Without that bit, who can make files in a directory can remove all others, too. No state.
 */
public final class PlantedFile {
  private static final int STICKY = 01000;
  private static final int OTHERS_WRITE = 0022;

  private PlantedFile() {}

  /**
   * Whether {@code file} is to be left alone: it belongs neither to this user nor to root, nor to
   * the owner of its directory or of {@code database}.
   */
  public static boolean is(Path file, Path database) {
    Path parent = file.toAbsolutePath().getParent();
    int owner = UserIds.ownerOf(file);
    return parent != null
        && isShared(parent)
        && owner != UserIds.UNKNOWN
        && owner != UserIds.ROOT
        && owner != UserIds.self()
        && owner != UserIds.ownerOf(real(parent))
        && owner != UserIds.ownerOf(real(database));
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException gone) {
      return file;
    }
  }

  private static boolean isShared(Path directory) {
    try {
      return Files.getAttribute(directory, "unix:mode") instanceof Integer mode
          && (mode & STICKY) != 0
          && (mode & OTHERS_WRITE) != 0;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      return false;
    }
  }
}
