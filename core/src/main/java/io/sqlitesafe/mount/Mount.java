package io.sqlitesafe.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
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

  /** What nothing tells; as a type it has a row of {@link PolicyTable}. */
  static final String UNKNOWN = "unknown";

  private static final Path TABLE = Path.of("/proc/self/mountinfo");

  /**
   * On a device or in the memory of this kernel. All that is done to their names goes through it,
   * so that an open tells what is there, at once. An overlay is not: its layers can be reached by
   * other ways. Nor is what a process serves (FUSE).
   */
  private static final Set<String> UNCACHED =
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
          "jfs");

  /**
   * Known to be of this kernel alone, besides those. All others are looked up in {@link
   * PolicyTable}, which a short process on one of these need not load.
   */
  private static final Set<String> OTHER_LOCAL =
      Set.of(
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
    return Stream.of(UNCACHED, OTHER_LOCAL).flatMap(Set::stream).sorted().toList();
  }

  /**
   * The mount that holds {@code path}, which must exist. Reads {@code /proc/self/mountinfo} where
   * there is one, else asks the JDK, which knows no options.
   */
  public static Mount of(Path path) {
    try {
      return ofResolved(path.toRealPath());
    } catch (IOException gone) {
      return ofStore(path);
    }
  }

  /** As {@link #of}, of a path without links, whose last name may be missing yet. */
  public static Mount ofResolved(Path path) {
    String table = table();
    Mount best = table == null ? null : find(table, path);
    if (best != null) {
      return best;
    }
    Path parent = path.getParent();
    Path there = parent == null || Files.exists(path) ? path : parent;
    Mount same = table == null ? null : ofDevice(table, there);
    return same != null ? same : ofStore(there);
  }

  /**
   * In a root that is no mount point ({@code chroot}) the mount that holds it is not in the table;
   * but another of the same device may be, and says what it is.
   */
  private static @Nullable Mount ofDevice(String table, Path path) {
    try {
      return find(table, path, device((Long) Files.getAttribute(path, "unix:dev")));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      return null;
    }
  }

  /** As the table has it; the number of stat(2) is put together in glibc's way. */
  static String device(long number) {
    long major = (number >>> 8 & 0xfff) | (number >>> 32 & ~0xfffL);
    long minor = (number & 0xff) | (number >>> 12 & 0xffffff00L);
    return major + ":" + minor;
  }

  /** As {@link #find(String, Path)}, of the first mount of that device. */
  static @Nullable Mount find(String mountInfo, Path path, String device) {
    for (String line : mountInfo.split("\n")) {
      String[] fields = line.split(" ", -1);
      if (dash(fields) > 0 && fields[2].equals(device)) {
        fields[4] = "/";
        return of(fields, mountInfo, path);
      }
    }
    return null;
  }

  private static Mount ofStore(Path path) {
    try {
      FileStore store = Files.getFileStore(path);
      return new Mount(store.type(), store.name(), "", store.toString());
    } catch (IOException noLineLeadsToIt) {
      String type = StatfsType.of(path);
      return new Mount(type == null ? UNKNOWN : type, UNKNOWN, "", UNKNOWN);
    }
  }

  /** Names in it are bytes: a name that is no UTF-8 must not hide all other lines. */
  static @Nullable String table() {
    try {
      return Files.readString(TABLE, StandardCharsets.ISO_8859_1);
    } catch (IOException notLinux) {
      return null;
    }
  }

  /**
   * Whether {@code file}, which is resolved, is a mount by itself (a file bind mount), so that it
   * has another name in another directory. Looks now, and most often without parsing the table.
   */
  public static boolean isFileMount(Path file) {
    String table = table();
    String name = bytes(file.toString());
    if (table == null || (isPlain(name) && !table.contains(" " + name + " "))) {
      return false;
    }
    Mount mount = find(table, file);
    return mount != null && mount.isAt(file);
  }

  /** Whether nothing has told what it is. */
  public boolean isUnknown() {
    return type.equals(UNKNOWN);
  }

  /** Whether it is mounted on just this path. */
  public boolean isAt(Path path) {
    return mountPoint.equals(path.toString());
  }

  private static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) <= ' ' || name.charAt(i) == '\\' || name.charAt(i) == '#') {
        return false;
      }
    }
    return true;
  }

  /** Parses proc(5)'s mountinfo, as bytes. */
  static @Nullable Mount find(String mountInfo, Path path) {
    String[] fields = line(mountInfo, path);
    return fields == null ? null : of(fields, mountInfo, path);
  }

  /** The fields of its line, the mount point as it is. */
  static String @Nullable [] line(String mountInfo, Path path) {
    String wanted = bytes(path.toString());
    List<String[]> covering = new ArrayList<>();
    for (int from = 0, end; from < mountInfo.length(); from = end + 1) {
      int newline = mountInfo.indexOf('\n', from); // not lines(): a name may hold "\r"
      end = newline < 0 ? mountInfo.length() : newline;
      String[] fields = mountInfo.substring(from, end).split(" ", -1);
      if (dash(fields) < 0) {
        continue;
      }
      fields[4] = unescape(fields[4]);
      if (covers(fields[4], wanted)) {
        covering.add(fields);
      }
    }
    return visible(covering);
  }

  /** Where a line's optional fields end; negative where it is no whole line. */
  static int dash(String[] fields) {
    int dash = Arrays.asList(fields).indexOf("-");
    return dash < 6 || fields.length < dash + 4 ? -1 : dash;
  }

  private static Mount of(String[] fields, String mountInfo, Path path) {
    int dash = dash(fields);
    Mount best =
        new Mount(
            fields[dash + 1],
            text(unescape(fields[dash + 2])),
            text(fields[5] + "," + fields[dash + 3]),
            text(fields[4]));
    return mountInfo.contains(" - overlay ")
        ? best.withLayer(OverlayLayers.find(text(mountInfo), path, best, fields[2]))
        : best;
  }

  private static boolean covers(String point, String path) {
    return path.startsWith(point)
        && (point.equals("/")
            || path.length() == point.length()
            || path.charAt(point.length()) == '/');
  }

  /**
   * Which of the mounts on the way to a path is in use there: from the root on, each time the one
   * that is mounted next. A mount that others hide is in the table too.
   */
  private static String @Nullable [] visible(List<String[]> covering) {
    String[] current = null;
    for (String[] each : covering) {
      if (isRoot(each, covering) && (current == null || each[4].length() <= current[4].length())) {
        current = each;
      }
    }
    String[] next = current;
    while (next != null) {
      current = next;
      next = null;
      for (String[] each : covering) {
        boolean on = each != current && isOn(each, current);
        if (on && (next == null || each[4].length() <= next[4].length())) {
          next = each;
        }
      }
    }
    return current;
  }

  private static boolean isRoot(String[] mount, List<String[]> covering) {
    for (String[] each : covering) {
      if (each != mount && isOn(mount, each)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOn(String[] mount, String[] parent) {
    return mount[1].equals(parent[0]);
  }

  static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  static String text(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** Blank, tab, newline and backslash stand as three octal digits. */
  static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 3 < text.length()) {
        c = (char) (octal(text, i + 1) * 64 + octal(text, i + 2) * 8 + octal(text, i + 3));
        i += 3;
      }
      plain.append(c);
    }
    return plain.toString();
  }

  private static int octal(String text, int at) {
    return text.charAt(at) - '0';
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
   * Whether nothing is cached between this process and the truth about names (see {@link
   * #UNCACHED}). A person's word that others use the files too is believed; the word that they do
   * not, only of the types that are known.
   */
  public boolean isUncached() {
    return assumed != Assumed.NETWORK
        && layer == null
        && UNCACHED.contains(type.toLowerCase(Locale.ROOT));
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
    return !UNCACHED.contains(name) && !OTHER_LOCAL.contains(name) && PolicyTable.isShared(name);
  }
}
