package io.sqlitesafe.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
 * @param layer an overlay mount that has the path in another way, or null
 * @param assumed what a person said of it
 */
public record Mount(
    String type,
    String source,
    String options,
    String mountPoint,
    @Nullable Layer layer,
    Assumed assumed) {
  /** A person's word, which counts for more than the type. */
  public enum Assumed {
    NOTHING,
    /** Only this kernel uses the files. */
    LOCAL,
    /** Other hosts use them too, and locks work between them. */
    NETWORK
  }

  /**
   * How an overlay mount has the files in question, too: what is done to them by one way is not, or
   * not rightly, seen by the other (docs.kernel.org/filesystems/overlayfs.html, "Changes to
   * underlying filesystems").
   *
   * @param role {@code lower} or {@code upper}: they are in that layer of it; {@code shared}: its
   *     upper layer is also this mount's
   * @param mountPoint of that overlay mount
   */
  public record Layer(String role, String mountPoint) {}

  /**
   * Known to be of this kernel alone. All others are looked up in {@link PolicyTable}, which a
   * short process on one of these need not load.
   */
  private static final Set<String> LOCAL =
      Set.of(
          "ext2",
          "ext3",
          "ext4",
          "xfs",
          "btrfs",
          "tmpfs",
          "ramfs",
          "zfs",
          "bcachefs",
          "f2fs",
          "jfs",
          "overlay",
          "fuse.fuse-overlayfs",
          "fuseblk",
          "ntfs",
          "ntfs3",
          "fuse.ntfs-3g",
          "vfat",
          "exfat",
          "fuse.exfat",
          "apfs",
          "hfs",
          "fuse.lxcfs");

  public Mount(String type, String source, String options, String mountPoint) {
    this(type, source, options, mountPoint, null, Assumed.NOTHING);
  }

  static List<String> local() {
    return LOCAL.stream().sorted().toList();
  }

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
    String device = "";
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
        device = fields[2];
        best =
            new Mount(
                fields[dash + 1],
                unescape(fields[dash + 2]),
                fields[5] + "," + fields[dash + 3],
                point.toString());
      }
    }
    return best == null || !mountInfo.contains(" - overlay ")
        ? best
        : best.withLayer(OverlayLayers.find(mountInfo, path, best, device));
  }

  /** Blank, tab, newline and backslash stand as three octal digits. */
  static String unescape(String text) {
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

  private Mount withLayer(@Nullable Layer value) {
    return new Mount(type, source, options, mountPoint, value, assumed);
  }

  /** This mount, and what a person said of it. */
  public Mount assumed(Assumed value) {
    return value == assumed ? this : new Mount(type, source, options, mountPoint, layer, value);
  }

  /** The type, in lower case; NFS 4 mounted under its older name is {@code nfs4} too. */
  String kind() {
    String name = type.toLowerCase(Locale.ROOT);
    return name.equals("nfs") && ("," + options).contains(",vers=4") ? "nfs4" : name;
  }

  /** Whether it has this option; its {@link #layer} counts as {@code layer=ROLE}. */
  boolean has(String option) {
    return List.of(options.split(",")).contains(option)
        || (layer != null && option.equals("layer=" + layer.role()));
  }

  /** Whether {@link PolicyTable} has anything but "fine" to say: cheap where it has not. */
  public boolean isQuestionable() {
    return layer != null || isNetwork();
  }

  /**
   * True where another host or kernel may use the same files. Shared memory between processes ends
   * at the kernel, so a write-ahead log's index (sqlite.org/wal.html) does not work across them. An
   * unknown FUSE file system counts, because most of them are network clients or have no common
   * locks between two mounts.
   */
  public boolean isNetwork() {
    // No switch: javac would make a class for it, to be loaded by each short process.
    if (assumed != Assumed.NOTHING) {
      return assumed == Assumed.NETWORK;
    }
    String name = type.toLowerCase(Locale.ROOT);
    return !LOCAL.contains(name) && PolicyTable.isShared(name);
  }
}
