package io.sqlitesafe.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a file was written, without opening it.
 *
 * @param key inode; null where the file system has none
 * @param changed when anything about it was changed, which nobody can set; null where that is not
 *     known
 */
public record FileStamp(
    long size, FileTime modified, @Nullable Object key, @Nullable FileTime changed) {
  private static final long SETTLED_MS = 2_500;

  private static final List<String> SUFFIXES = List.of("", "-journal", "-wal", "-shm");

  /** Of a database and of what lies beside it; null stands for a missing file. */
  public static List<@Nullable FileStamp> ofDatabase(Path database) {
    List<@Nullable FileStamp> stamps = new ArrayList<>();
    for (String suffix : SUFFIXES) {
      stamps.add(of(database.resolveSibling(database.getFileName() + suffix)));
    }
    return stamps;
  }

  /**
   * A text that changes with whatever may have changed the file's content: inode, size and both
   * times, of the content and of the inode, which nobody can set back. Empty where the file system
   * does not say, or where one of these times is so near that a later change could have the same:
   * clocks of file systems tick in seconds, too.
   */
  public static String identity(Path file) throws IOException {
    Map<String, Object> all;
    try {
      all = Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime");
    } catch (UnsupportedOperationException | IllegalArgumentException noSuchThing) {
      return "";
    }
    if (!(all.get("lastModifiedTime") instanceof FileTime modified)
        || !(all.get("ctime") instanceof FileTime changed)) {
      return "";
    }
    long newest = Math.max(modified.toMillis(), changed.toMillis());
    if (System.currentTimeMillis() - newest < SETTLED_MS) {
      return "";
    }
    return String.join(
        " ",
        "dev=" + all.get("dev"),
        "ino=" + all.get("ino"),
        "size=" + all.get("size"),
        "mtime=" + modified.toInstant(),
        "ctime=" + changed.toInstant());
  }

  static @Nullable FileStamp of(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(
          attributes.size(), attributes.lastModifiedTime(), attributes.fileKey(), changed(file));
    } catch (IOException missing) {
      return null;
    }
  }

  private static @Nullable FileTime changed(Path file) throws IOException {
    try {
      return (FileTime) Files.getAttribute(file, "unix:ctime");
    } catch (UnsupportedOperationException | IllegalArgumentException notUnix) {
      return null;
    }
  }
}
