package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory that stays the same one while names in it are looked at, renamed and removed, even if
 * somebody puts another one, or a link, in its place; where the system allows for that. Follows no
 * link in it. Not thread-safe.
 */
public final class OpenDirectory implements AutoCloseable {
  private final Path directory;
  private final DirectoryStream<Path> stream;
  private final @Nullable SecureDirectoryStream<Path> secure;

  public OpenDirectory(Path directory) throws IOException {
    this.directory = directory;
    this.stream = Files.newDirectoryStream(directory);
    this.secure = stream instanceof SecureDirectoryStream<Path> same ? same : null;
  }

  /** What lies under the name, with owner and permissions where files have them; null = nothing. */
  public @Nullable BasicFileAttributes look(Path name) throws IOException {
    try {
      BasicFileAttributeView view = view(name, PosixFileAttributeView.class);
      return (view == null ? view(name, BasicFileAttributeView.class) : view).readAttributes();
    } catch (NoSuchFileException nothing) {
      return null;
    }
  }

  private <V extends BasicFileAttributeView> V view(Path name, Class<V> type) {
    return secure == null
        ? Files.getFileAttributeView(directory.resolve(name), type, LinkOption.NOFOLLOW_LINKS)
        : secure.getFileAttributeView(name, type, LinkOption.NOFOLLOW_LINKS);
  }

  /** Opens a regular file. */
  public InputStream read(Path name) throws IOException {
    Set<OpenOption> how = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    return Channels.newInputStream(
        secure == null
            ? Files.newByteChannel(directory.resolve(name), how)
            : secure.newByteChannel(name, how));
  }

  /** Renames within the directory, over what is there, and forces the directory to the device. */
  public void rename(Path from, Path to) throws IOException {
    if (secure == null) {
      Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    } else {
      secure.move(from, secure, to);
    }
    Durable.syncDirectory(directory);
  }

  public void delete(Path name) throws IOException {
    if (secure == null) {
      Files.delete(directory.resolve(name));
    } else {
      secure.deleteFile(name);
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
