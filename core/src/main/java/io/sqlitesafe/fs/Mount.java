package io.sqlitesafe.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The mounted file system that holds a path.
 *
 * @param type the kernel's name of it, such as {@code ext4} or {@code nfs4}
 * @param source device, export or share
 * @param options mount options, comma separated
 * @param mountPoint where it is mounted
 */
public record Mount(String type, String source, String options, String mountPoint) {
  /**
   * File systems that other hosts, or other kernels, may have mounted at the same time. Shared
   * memory between processes ends at the kernel, so a write-ahead log's index (sqlite.org/wal.html)
   * does not work across them.
   */
  private static final Set<String> NETWORK =
      Set.of(
          "nfs",
          "nfs4",
          "cifs",
          "smb3",
          "smbfs",
          "ncpfs",
          "afs",
          "ceph",
          "lustre",
          "gfs2",
          "ocfs2",
          "gpfs",
          "beegfs",
          "glusterfs",
          "orangefs",
          "pvfs2",
          "coda",
          "9p",
          "virtiofs",
          "vboxsf",
          "prl_fs",
          "vmhgfs",
          "webdav",
          "davfs",
          "fuse");

  /** FUSE programs that serve a device of this host to this host only. */
  private static final Set<String> LOCAL_FUSE =
      Set.of("fuseblk", "fuse.fuse-overlayfs", "fuse.ntfs-3g", "fuse.exfat", "fuse.lxcfs");

  /**
   * The mount that holds {@code path}, which must exist. Reads {@code /proc/self/mountinfo} where
   * there is one, else asks the JDK, which knows no options.
   */
  public static Mount of(Path path) {
    try {
      Mount best = find(Files.readString(Path.of("/proc/self/mountinfo")), path.toRealPath());
      if (best != null) {
        return best;
      }
    } catch (IOException notLinux) {
      // fall through
    }
    try {
      FileStore store = Files.getFileStore(path);
      return new Mount(store.type(), store.name(), "", store.toString());
    } catch (IOException unknown) {
      return new Mount("unknown", "unknown", "", "unknown");
    }
  }

  /** Parses proc(5)'s mountinfo; of several mounts on one point the last is the visible one. */
  static @Nullable Mount find(String mountInfo, Path path) {
    Mount best = null;
    int depth = -1;
    for (String line : mountInfo.lines().toList()) {
      String[] fields = line.split(" ", -1);
      int dash = Arrays.asList(fields).indexOf("-");
      if (dash < 6 || fields.length < dash + 4) {
        continue;
      }
      Path point = Path.of(unescape(fields[4]));
      if (path.startsWith(point) && point.getNameCount() >= depth) {
        depth = point.getNameCount();
        best =
            new Mount(
                fields[dash + 1],
                unescape(fields[dash + 2]),
                fields[5] + "," + fields[dash + 3],
                point.toString());
      }
    }
    return best;
  }

  /** Blank, tab, newline and backslash stand as three octal digits. */
  private static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] plain = new byte[bytes.length];
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\\' && i + 3 < bytes.length) {
        plain[length++] =
            (byte) ((bytes[i + 1] - '0') * 64 + (bytes[i + 2] - '0') * 8 + (bytes[i + 3] - '0'));
        i += 3;
      } else {
        plain[length++] = bytes[i];
      }
    }
    return new String(plain, 0, length, StandardCharsets.UTF_8);
  }

  /**
   * True where another host or kernel may use the same files. An unknown FUSE file system counts,
   * because most of them are network clients or have no common locks between two mounts.
   */
  public boolean isNetwork() {
    String name = type.toLowerCase(Locale.ROOT);
    if (LOCAL_FUSE.contains(name)) {
      return false;
    }
    return NETWORK.contains(name) || name.startsWith("fuse.");
  }
}
