package io.sqlitesafe.internal.fs;

import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Opens a pipe or a device to write to. A named pipe is not open before somebody reads from it, and
 * nothing interrupts the system call that waits for that; so a thread waits that nobody waits for.
 * No state.
 */
public final class PipeOpening {
  private static final Duration STEP = Duration.ofMillis(10);

  private PipeOpening() {}

  /** Waits until it is open, or until that is called off. */
  public static FileChannel open(Path file, Cancellation cancellation) throws IOException {
    CompletableFuture<FileChannel> opened = new CompletableFuture<>();
    Thread waiting = new Thread(() -> open(file, opened), "open " + file);
    waiting.setDaemon(true);
    waiting.start();
    while (!opened.isDone()) {
      try {
        cancellation.sleep(STEP);
        cancellation.throwIfRequested();
      } catch (RuntimeException calledOff) {
        opened.cancel(false);
        throw calledOff;
      }
    }
    try {
      return opened.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  private static void open(Path file, CompletableFuture<FileChannel> opened) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
      if (!opened.complete(channel)) {
        channel.close(); // too late
      }
    } catch (IOException e) {
      opened.completeExceptionally(e);
    }
  }
}
