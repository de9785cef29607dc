package io.sqlitesafe.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes that survive a power cut. Thread-safe, no state. */
public final class Durable {
  private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

  /** What the names of temporary files have in common. */
  public static final String TEMPORARY = ".sqlite-safe-tmp-";

  private Durable() {}

  /** Creates a new file with this content and forces it to the device. */
  public static void writeAndSync(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      ByteBuffer rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }

  /**
   * Gives {@code file} this content in one step: whoever reads it, also after a power cut, sees the
   * old content or the new. Goes through a temporary file beside it, which is gone afterwards,
   * unless the process is killed meanwhile: its name is the file's with {@link #TEMPORARY} and a
   * number.
   */
  public static void replace(Path file, byte[] content) throws IOException {
    Path target = file.toAbsolutePath();
    Path temporary = target.resolveSibling(target.getFileName() + TEMPORARY + unique());
    try {
      writeAndSync(temporary, content);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    syncDirectory(target.resolveSibling(""));
  }

  private static String unique() {
    return ProcessHandle.current().pid() + "-" + Long.toUnsignedString(System.nanoTime(), 36);
  }

  /**
   * Forces a directory's entries (creations, renames, removals) to the device. Windows has no such
   * call and orders its metadata by itself; there it does nothing.
   */
  public static void syncDirectory(Path directory) throws IOException {
    if (WINDOWS) {
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
