package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** What lies under a name. Looking opens nothing, so that a pipe without an end cannot hold it. */
public enum FileKind {
  ABSENT("nothing"),
  REGULAR("a regular file"),
  DIRECTORY("a directory"),
  LINK("a symbolic link"),
  PIPE("a named pipe"),
  CHARACTER_DEVICE("a character device"),
  BLOCK_DEVICE("a block device"),
  SOCKET("a socket"),
  OTHER("not a regular file");

  private static final int TYPE = 0170000;

  private final String words;

  FileKind(String words) {
    this.words = words;
  }

  /** For a message: "a named pipe". */
  public String words() {
    return words;
  }

  /** What {@code file} leads to; {@link #LINK} only where links are not followed. */
  public static FileKind of(Path file, LinkOption... links) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(file, BasicFileAttributes.class, links);
    } catch (NoSuchFileException missing) {
      return ABSENT;
    }
    if (found.isRegularFile()) {
      return REGULAR;
    }
    if (found.isDirectory()) {
      return DIRECTORY;
    }
    return found.isSymbolicLink() ? LINK : special(file, links);
  }

  /** True where there is something that is no regular file. What is missing is not strange. */
  public static boolean isStrange(Path file) {
    BasicFileAttributes found = look(file);
    return found != null && !found.isRegularFile();
  }

  /** The thing itself and not what it points at; null where it cannot be seen. */
  public static @Nullable BasicFileAttributes look(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException missing) {
      return null;
    }
  }

  private static FileKind special(Path file, LinkOption... links) throws IOException {
    try {
      Object mode = Files.getAttribute(file, "unix:mode", links);
      return switch (mode instanceof Integer bits ? bits & TYPE : 0) {
        case 0010000 -> PIPE;
        case 0020000 -> CHARACTER_DEVICE;
        case 0060000 -> BLOCK_DEVICE;
        case 0140000 -> SOCKET;
        default -> OTHER;
      };
    } catch (UnsupportedOperationException | IllegalArgumentException noSuchView) {
      return OTHER;
    }
  }
}
