package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file on its way into place: written under a temporary name in the same directory, which only
 * this user can read, then made like what it is to be like, forced to the device, and renamed. What
 * was not put in place is removed when this is closed. Stays open all the time, so that it is this
 * file that gets an owner and permissions, whoever renames what. Not thread-safe.
 */
public final class PendingFile implements AutoCloseable {
  private final Path name;
  private final FileChannel channel;
  private boolean done;

  private PendingFile(Path name, FileChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  /**
   * Creates it, empty.
   *
   * @param name which must not be taken
   */
  public static PendingFile create(Path name) throws IOException {
    return new PendingFile(name, openNew(name));
  }

  /** Creates a file that only this user can read, for what is no pending file. */
  public static FileChannel openNew(Path name) throws IOException {
    boolean posix = name.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ours =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    return FileChannel.open(
        name, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ours);
  }

  /** The temporary name. */
  public Path name() {
    return name;
  }

  public long size() throws IOException {
    return channel.size();
  }

  /** Makes it empty again. */
  public void restart() throws IOException {
    channel.truncate(0); // and with it the position
  }

  /** Writes at its end; closing it does nothing. */
  public OutputStream stream() {
    return streamTo(channel);
  }

  static OutputStream streamTo(FileChannel channel) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
      }
    };
  }

  /** See {@link FileLikeness#applyOrNarrower}. */
  public void dress(FileLikeness likeness) throws IOException {
    likeness.applyOrNarrower(channel, name);
  }

  /** Forces it to the device, so that little is left to go wrong. */
  public void sync() throws IOException {
    channel.force(true);
  }

  /** Puts it in place, whatever was there; the directory is still to be forced to the device. */
  public void renameTo(Path target) throws IOException {
    channel.close();
    Files.move(name, target, StandardCopyOption.ATOMIC_MOVE);
    done = true;
  }

  /** Leaves it where it is: it belongs to somebody else now. */
  public void leave() throws IOException {
    done = true;
    channel.close();
  }

  /** Removes it, unless it was put in place. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (!done) {
      Files.deleteIfExists(name);
    }
  }
}
