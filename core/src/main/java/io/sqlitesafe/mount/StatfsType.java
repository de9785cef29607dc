package io.sqlitesafe.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The type of a file system by statfs(2), for a path that no line of the mount table leads to (in a
 * {@code chroot} whose root is no mount point). Java cannot ask it, stat(1) can. Stateless.
 */
final class StatfsType {
  private StatfsType() {}

  /** As the mount table would name it; null where it cannot be told. */
  static @Nullable String of(Path path) {
    try {
      Process stat =
          new ProcessBuilder("stat", "-f", "-c", "%T", "--", path.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      stat.getOutputStream().close();
      byte[] said = stat.getInputStream().readAllBytes();
      return stat.waitFor() == 0 ? name(new String(said, StandardCharsets.UTF_8).strip()) : null;
    } catch (IOException noProgram) {
      return null;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** The kernel's name for what stat(1) of coreutils prints; one number may stand for several. */
  static @Nullable String name(String printed) {
    return switch (printed) {
      case "ext2/ext3" -> "ext4";
      case "overlayfs" -> "overlay";
      case "v9fs" -> "9p";
      case "smb", "smb2" -> "cifs";
      case "fuseblk" -> "fuse"; // every FUSE file system has this number
      default -> printed.isEmpty() || printed.startsWith("UNKNOWN") ? null : printed;
    };
  }
}
