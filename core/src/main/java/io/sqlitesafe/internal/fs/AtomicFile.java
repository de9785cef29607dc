package io.sqlitesafe.internal.fs;

import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An output that others see complete or not at all: a {@link PendingFile} that {@link
 * #replaceTarget} puts in place of a former one, durably. Closed without that, nothing has
 * happened. A pipe or a character device is written through. Not thread-safe.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final @Nullable PendingFile pending;
  private final FileLikeness likeness;
  private final @Nullable FileChannel through;

  /**
   * Opens it.
   *
   * @param target as an {@link OutputRule} gave it
   * @param models see {@link FileLikeness#ofOutput}
   * @param cancellation ends the wait for the reader of a pipe
   */
  public AtomicFile(Path target, List<Path> models, Cancellation cancellation) throws IOException {
    this.target = target.toAbsolutePath();
    FileKind kind = FileKind.of(target);
    boolean special = kind == FileKind.PIPE || kind == FileKind.CHARACTER_DEVICE;
    likeness = special ? FileLikeness.ofNewFile() : FileLikeness.ofOutput(target, models);
    through = special ? PipeOpening.open(target, cancellation) : null;
    pending = special ? null : PendingFile.create(beside());
  }

  private Path beside() {
    String unique =
        ProcessHandle.current().pid() + "-" + Long.toUnsignedString(System.nanoTime(), 36);
    return target.resolveSibling(Durable.TEMPORARY + unique); // fits, however long the name is
  }

  /** Whether it is a pipe or a device, from which nothing can be taken back. */
  public boolean isThrough() {
    return through != null;
  }

  /** Takes back what was written so far, which is not to a pipe or a device. */
  public void restart() throws IOException {
    pending().restart();
  }

  /** Closing it does nothing: {@link #close} does. */
  public OutputStream stream() {
    if (through != null) {
      return PendingFile.streamTo(through);
    }
    return pending().stream();
  }

  private PendingFile pending() {
    if (pending == null) {
      throw new IllegalStateException("written through");
    }
    return pending;
  }

  /** Forces to the device what was written so far, so that little is left to go wrong. */
  public void sync() throws IOException {
    if (through == null) {
      pending().sync();
    }
  }

  /** Makes what was written the file, durably. */
  public void replaceTarget() throws IOException {
    if (through == null) {
      pending().dress(likeness);
      sync();
      pending().renameTo(target);
      Durable.syncDirectory(target.resolveSibling(""));
    }
  }

  /** Takes the temporary file away, if there still is one. */
  @Override
  public void close() throws IOException {
    if (through != null) {
      through.close();
    } else {
      pending().close();
    }
  }
}
