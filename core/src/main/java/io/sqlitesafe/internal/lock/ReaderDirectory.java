package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
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
  private final boolean network;

  ReaderDirectory(LockPaths paths, Step.Listener listener, boolean network) {
    this.paths = paths;
    this.network = network;
    this.listener = listener;
  }

  LockPaths paths() {
    return paths;
  }

  /** O2, in the directory of the readers. */
  FileTime barrier() throws IOException {
    return LockDirectory.barrier(paths.readers(), paths.probePrefix(), network);
  }

  /**
   * R2: exclusive create.
   *
   * @throws NoSuchFileException where the database is not marked for this mode (any more)
   */
  void mark(LockToken token, OwnerRecord record) throws IOException {
    listener.before(Step.SHARE_MARK);
    Rights rights = Rights.of(paths.database());
    try (FileChannel marker =
        FileChannel.open(
            paths.marker(token),
            PreparedLock.NEW,
            Rights.toCreate(rights == null ? null : rights.ofFile()))) {
      marker.write(ByteBuffer.wrap(record.toMarker()));
    }
  }

  /** R5: rewrites the marker in place, without create. False where it is gone. */
  boolean beat(LockToken token, OwnerRecord record) throws IOException {
    listener.before(Step.SHARE_BEAT);
    if (FileKind.isStrange(paths.marker(token))) {
      return false;
    }
    try (FileChannel marker = PlainFiles.openToWrite(paths.marker(token))) {
      marker.write(ByteBuffer.wrap(record.toMarker()), 0);
      return true;
    } catch (NoSuchFileException gone) {
      return false;
    } catch (FileSystemException e) {
      if (PlainFiles.isGone(e)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * R6. True = the marker is there, so no writer has been in since it was made.
   *
   * @throws IOException where nothing can be said; an unknown answer is not a yes
   */
  boolean check(LockToken token) throws IOException {
    listener.before(Step.SHARE_VALIDATE);
    barrier();
    return PlainFiles.opens(paths.marker(token));
  }

  /** R7, and a break: idempotent by the uniqueness of the name. */
  void remove(LockToken token, Step why) throws IOException {
    listener.before(why);
    PlainFiles.remove(paths.marker(token));
  }

  /**
   * The readers that are in, after a barrier. Something else than a file under a marker's name is
   * nobody's: a reader that had one there finds it gone.
   */
  List<LockToken> list() throws IOException {
    listener.before(Step.DRAIN_LIST);
    barrier();
    List<LockToken> tokens = new ArrayList<>();
    for (String name : PlainFiles.list(paths.readers())) {
      String token = name.substring(Math.min(name.length(), LockPaths.MARKER_PREFIX.length()));
      if (name.startsWith(LockPaths.MARKER_PREFIX)
          && LockToken.isToken(token)
          && !FileKind.isStrange(paths.readers().resolve(name))) {
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
    BasicFileAttributes found = FileKind.look(file);
    byte[] content = PlainFiles.read(file, OwnerRecord.MAX_BYTES + 1);
    // Where it may not be read, its time still tells a beat from silence.
    return new Marker(
        content == null ? null : new String(content, StandardCharsets.ISO_8859_1),
        found == null ? null : found.lastModifiedTime());
  }
}
