package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** Whether there is room for a copy, before it is begun. */
public final class Room {
  /** File systems on which a copy of a whole file shares its blocks, and so needs no room. */
  private static final Set<String> CLONING = Set.of("btrfs", "xfs", "bcachefs");

  private static final long MARGIN = 64 * 1024;

  private Room() {}

  /**
   * Refuses where there is not enough.
   *
   * @param destination where to copy to
   * @param like the file that is copied
   * @param needed bytes that must be free
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  public static void require(Path destination, Path like, long needed) throws IOException {
    Path directory = Replacement.directory(destination);
    Mount mount = Mount.of(directory);
    if (CLONING.contains(mount.type()) && mount.equals(Mount.of(Replacement.directory(like)))) {
      return;
    }
    // Not by way of a FileStore, which cannot be found in a chroot: its root is no mount point.
    long free = directory.toFile().getUsableSpace();
    if (free < needed + MARGIN) {
      throw new SqliteSafeException(
              ErrorKind.UNSAFE,
              "no room for "
                  + destination
                  + ": "
                  + Sizes.text(needed)
                  + " needed, "
                  + Sizes.text(free)
                  + " free on "
                  + mount.mountPoint(),
              "make room, or choose another place; nothing was changed",
              null)
          .with("neededBytes", needed)
          .with("freeBytes", free);
    }
  }
}
