package io.sqlitesafe.internal.fs;

import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The other names of a file: hard links, and file bind mounts. SQLite derives the names of its
 * journals from the name of the database, and the protocol that of its lock. So each name of a file
 * has journals and a lock of its own: two owners at a time, and a journal of a crash that the next
 * writer does not find. (Names that lie in the same directory by way of a symbolic link or of a
 * mounted directory are no other names: they lead to the same lock.)
 *
 * @param links how many hard links there are, 1 where that cannot be known
 * @param mounted whether the name is a mount by itself
 * @param key which file it is, where that was looked at; null where it is missing, or cannot be
 *     told
 */
public record OtherNames(int links, boolean mounted, @Nullable Object key) {
  /** Of a file of which it does not matter which one it is. */
  public OtherNames(int links, boolean mounted) {
    this(links, mounted, null);
  }

  /** What a restore that was cut short may have left: names that nobody uses. */
  public static final String BEFORE_RESTORE = ".before-restore-";

  /** Looks now. {@code file} is resolved, and may be missing. */
  public static OtherNames of(Path file) {
    return looked(file, Mount.isFileMount(file));
  }

  /** As {@link #of(Path)}, where the mount is known already. */
  public static OtherNames of(Path file, Mount mount) {
    return looked(file, mount.isAt(file));
  }

  /**
   * Looks once more.
   *
   * @param waited some time has passed: the file may have been mounted onto itself, which only the
   *     table of mounts shows, and that takes long to read
   */
  public OtherNames again(Path file, boolean waited) {
    OtherNames now = looked(file, mounted);
    return !waited && key != null && key.equals(now.key) ? now : of(file);
  }

  private static OtherNames looked(Path file, boolean mounted) {
    try {
      Map<String, Object> found =
          Files.readAttributes(file, "unix:nlink,fileKey", LinkOption.NOFOLLOW_LINKS);
      int links = found.get("nlink") instanceof Integer n ? n : 1;
      return new OtherNames(links, mounted, found.get("fileKey"));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      return new OtherNames(1, mounted, null);
    }
  }

  /**
   * How many hard links {@code file} has; 1 where its file system has none.
   *
   * @throws IOException where it is missing, or cannot be looked at
   */
  public static int links(Path file) throws IOException {
    try {
      return Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) instanceof Integer n
          ? n
          : 1;
    } catch (UnsupportedOperationException | IllegalArgumentException noSuchThing) {
      return 1;
    }
  }

  /** As {@link #links(Path)}; 1 where that cannot be known. */
  public static int linksIfKnown(Path file) {
    try {
      return links(file);
    } catch (IOException unknown) {
      return 1;
    }
  }

  /** Whether there are any. */
  public boolean any() {
    return links > 1 || mounted;
  }

  /** The same, without so many hard links. */
  public OtherNames without(int names) {
    return new OtherNames(links - names, mounted, key);
  }

  /** What to call it: "has 2 names (hard links)". */
  public String text() {
    String linked = "has " + links + " names (hard links)";
    String own = "is a mount of its own (a file bind mount)";
    return !mounted ? linked : links > 1 ? own + " and " + linked : own;
  }

  /** What is wrong with that. */
  public static String why() {
    return "each name has its own lock and its own journal, so that two would write at once, and a"
        + " crash would not be recovered";
  }

  /** What to do about it. */
  public String cure() {
    return mounted
        ? "mount the directory of the database instead of the file, wherever it is used"
        : "keep one name (find the others by: find DIRECTORY -samefile FILE), and use symbolic"
            + " links for others";
  }

  /** Names in the directory of {@code file} that begin with its name and {@code mark}. */
  public static List<Path> beside(Path file, String mark) {
    List<Path> found = new ArrayList<>();
    Path directory = file.getParent();
    String prefix = file.getFileName() + mark;
    if (directory == null) {
      return found;
    }
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            directory, entry -> String.valueOf(entry.getFileName()).startsWith(prefix))) {
      for (Path entry : entries) {
        if (!Files.isSymbolicLink(entry) && Files.isSameFile(entry, file)) {
          found.add(entry);
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException unreadable) {
      // Then they count.
    }
    return found;
  }
}
