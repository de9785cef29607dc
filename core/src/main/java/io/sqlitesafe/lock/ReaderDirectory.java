package io.sqlitesafe.lock;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file operations of the shared lock (protocol section 10.1), and the only class that touches
 * {@code DB.lock.readers/}. Each method is one step; none of them waits, judges or decides.
 * Stateless but for its names.
 */
final class ReaderDirectory {
  private final LockPaths paths;
  private final Step.Listener listener;

  ReaderDirectory(LockPaths paths, Step.Listener listener) {
    this.paths = paths;
    this.listener = listener;
  }

  LockPaths paths() {
    return paths;
  }

  /** O2, in the directory of the readers. */
  FileTime barrier() throws IOException {
    return LockDirectory.barrier(paths.readers(), paths.probePrefix());
  }

  /**
   * R2: exclusive create.
   *
   * @throws NoSuchFileException where the database is not marked for this mode (any more)
   */
  void mark(LockToken token, OwnerRecord record) throws IOException {
    listener.before(Step.SHARE_MARK);
    Files.write(
        paths.marker(token),
        record.toMarker(),
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.WRITE);
  }

  /** R5: rewrites the marker in place, without create. False where it is gone. */
  boolean beat(LockToken token, OwnerRecord record) throws IOException {
    listener.before(Step.SHARE_BEAT);
    try (FileChannel marker = FileChannel.open(paths.marker(token), StandardOpenOption.WRITE)) {
      marker.write(ByteBuffer.wrap(record.toMarker()), 0);
      return true;
    } catch (NoSuchFileException gone) {
      return false;
    } catch (FileSystemException e) {
      if (LockDirectory.isStaleHandle(e)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * R6. True = the marker is there, so no writer has been in since it was made.
   *
   * @throws IOException where nothing can be said; that is no yes
   */
  boolean check(LockToken token) throws IOException {
    listener.before(Step.SHARE_VALIDATE);
    barrier();
    return LockDirectory.opens(paths.marker(token));
  }

  /** R7, and a break: idempotent by the uniqueness of the name. */
  void remove(LockToken token, Step why) throws IOException {
    listener.before(why);
    LockDirectory.remove(paths.marker(token));
  }

  /** The readers that are in, after a barrier. */
  List<LockToken> list() throws IOException {
    listener.before(Step.DRAIN_LIST);
    barrier();
    List<LockToken> tokens = new ArrayList<>();
    for (String name : LockDirectory.list(paths.readers())) {
      String token = name.substring(Math.min(name.length(), LockPaths.MARKER_PREFIX.length()));
      if (name.startsWith(LockPaths.MARKER_PREFIX) && LockToken.isToken(token)) {
        tokens.add(new LockToken(token));
      }
    }
    return tokens;
  }

  /**
   * A marker as it is at this moment: two equal ones mean that its reader has not beaten in
   * between.
   *
   * @param content null where it could not be read (any more)
   */
  record Marker(@Nullable String content, @Nullable FileTime modified) {}

  Marker read(LockToken token) {
    Path file = paths.marker(token);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(OwnerRecord.MAX_BYTES + 1);
      return new Marker(
          new String(content, StandardCharsets.ISO_8859_1), Files.getLastModifiedTime(file));
    } catch (IOException gone) {
      return new Marker(null, null);
    }
  }
}
