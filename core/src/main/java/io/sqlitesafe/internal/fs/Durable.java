package io.sqlitesafe.internal.fs;

import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

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
   * old content or the new. See {@link AtomicFile}.
   */
  public static void replace(Path file, byte[] content) throws IOException {
    try (AtomicFile replaced = new AtomicFile(file, List.of(), new Cancellation())) {
      replaced.stream().write(content);
      replaced.replaceTarget();
    }
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
