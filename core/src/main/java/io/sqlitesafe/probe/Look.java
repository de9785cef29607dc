package io.sqlitesafe.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A change made by one side, and a way for the other to see it. Each has a directory of its own, so
 * that none helps another.
 */
enum Look {
  /** A new file, by stat. */
  NEW_BY_STAT(false),
  /** A new file, by opening it. */
  NEW_BY_OPEN(false),
  /** A new file, in the list of its directory. */
  NEW_BY_READDIR(false),
  /** A new directory, by trying to make it. */
  NEW_BY_MKDIR(false),
  /** A new file, as the protocol looks: by opening it behind a barrier. */
  NEW_BY_CHECK(true),
  /** A removed file, by stat. */
  GONE_BY_STAT(false),
  /** A removed file, as the protocol looks. */
  GONE_BY_CHECK(true),
  /** Another file under the same name: what is read behind a barrier. */
  REPLACED(true),
  /** New content of the same size in the same file: what is read behind a barrier. */
  REWRITTEN(true);

  private static final byte[] OLD = "old".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NEW = "new".getBytes(StandardCharsets.UTF_8);

  private final boolean barrier;

  Look(boolean barrier) {
    this.barrier = barrier;
  }

  /** Whether the other side asks the server first; then it must see the change at once. */
  boolean isBehindBarrier() {
    return barrier;
  }

  String id() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  private Path directory(Path base) {
    return base.resolve(id());
  }

  private Path file(Path base) {
    return directory(base).resolve("x");
  }

  /** By the side that changes, before all. */
  void setUp(Path base) throws IOException {
    Files.createDirectories(directory(base));
    if (compareTo(GONE_BY_STAT) >= 0) {
      Files.write(file(base), OLD);
    }
  }

  /** By the side that looks: fills the caches of its client with what is there before. */
  void lookBefore(Path base) throws IOException {
    Workspace.entries(directory(base));
    for (int i = 0; i < 3; i++) {
      if (Files.exists(file(base), LinkOption.NOFOLLOW_LINKS)) {
        Files.readAllBytes(file(base));
      }
    }
  }

  /** By the side that changes. */
  void change(Path base) throws IOException {
    Path file = file(base);
    switch (this) {
      case NEW_BY_MKDIR -> Files.createDirectory(file);
      case GONE_BY_STAT, GONE_BY_CHECK -> Files.delete(file);
      case REPLACED -> {
        Path next = file.resolveSibling("y");
        Files.write(next, NEW);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      }
      case REWRITTEN -> Files.write(file, NEW, StandardOpenOption.WRITE);
      default -> Files.write(file, NEW);
    }
  }

  /** By the side that looks: whether it sees the change. */
  boolean isSeen(Path base) throws IOException {
    if (barrier) {
      Barrier.cross(directory(base));
    }
    Path file = file(base);
    return switch (this) {
      case NEW_BY_STAT -> Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      case NEW_BY_OPEN, NEW_BY_CHECK -> opens(file);
      case NEW_BY_READDIR -> Workspace.entries(directory(base)).contains(file);
      case NEW_BY_MKDIR -> isRefused(file);
      case GONE_BY_STAT -> !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      case GONE_BY_CHECK -> !opens(file);
      case REPLACED, REWRITTEN -> java.util.Arrays.equals(Files.readAllBytes(file), NEW);
    };
  }

  private static boolean opens(Path file) {
    try {
      Files.newByteChannel(file).close();
      return true;
    } catch (IOException no) {
      return false;
    }
  }

  /** Should it not be refused, then there are two who made it. */
  private static boolean isRefused(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
      return false;
    } catch (FileAlreadyExistsException seen) {
      return true;
    }
  }
}
