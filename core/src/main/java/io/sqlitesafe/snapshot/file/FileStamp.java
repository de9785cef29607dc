package io.sqlitesafe.snapshot.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
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
  private static final List<String> SUFFIXES = List.of("", "-journal", "-wal", "-shm");

  /** Of a database and of what lies beside it; null stands for a missing file. */
  public static List<@Nullable FileStamp> ofDatabase(Path database) {
    List<@Nullable FileStamp> stamps = new ArrayList<>();
    for (String suffix : SUFFIXES) {
      stamps.add(of(database.resolveSibling(database.getFileName() + suffix)));
    }
    return stamps;
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
