package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The files that this process has open, as Linux shows them in /proc. No state. */
final class OpenFiles {
  private static final Path SELF = Path.of("/proc/self");
  private static final long FARTHEST = 1L << 40;

  private OpenFiles() {}

  /**
   * A path that leads to the open file itself, whatever becomes of its name meanwhile; null where
   * there is no such thing. Valid while {@code channel} is open, for child processes too.
   *
   * <p>Java does not tell a channel's number. The kernel shows where each descriptor stands in its
   * file, so the channel is moved to a place where no other one is.
   */
  static @Nullable Path path(FileChannel channel) throws IOException {
    if (!Files.isDirectory(SELF.resolve("fdinfo"))) {
      return null;
    }
    long before = channel.position();
    long place = ThreadLocalRandom.current().nextLong(FARTHEST / 2, FARTHEST);
    channel.position(place);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(SELF.resolve("fdinfo"))) {
      String mark = "pos:\t" + place + "\n";
      for (Path each : all) {
        if (text(each).startsWith(mark)) {
          Path process = SELF.resolveSibling(Files.readSymbolicLink(SELF));
          return process.resolve("fd").resolve(String.valueOf(each.getFileName()));
        }
      }
      return null;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } finally {
      channel.position(before);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException closedMeanwhile) {
      return "";
    }
  }

  /**
   * Whether this process has {@code file} open, other than as standard output or error. False where
   * that cannot be seen.
   */
  static boolean contains(Path file) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(SELF.resolve("fd"))) {
      Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      for (Path each : all) {
        String number = String.valueOf(each.getFileName());
        if (!number.equals("1") && !number.equals("2") && isSame(each, key)) {
          return true;
        }
      }
      return false;
    } catch (IOException | DirectoryIteratorException unknown) {
      return false;
    }
  }

  private static boolean isSame(Path descriptor, @Nullable Object key) {
    try {
      return key != null
          && key.equals(Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey());
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }
}
