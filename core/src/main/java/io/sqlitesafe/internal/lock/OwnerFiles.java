package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Arrays;

/**
 * What the owner of a lock writes into its directory to tell others: heartbeat and record. None of
 * it decides who owns the lock. Stateless apart from its names.
 */
final class OwnerFiles {
  private final LockPaths paths;
  private final Step.Listener listener;

  OwnerFiles(LockPaths paths, Step.Listener listener) {
    this.paths = paths;
    this.listener = listener;
  }

  /**
   * H1 to H3. False where the claim is gone. Trouble in H2 and H3 is not reported: those files
   * inform others, the claim alone decides, and every commit checks it again.
   */
  boolean beat(LockToken token, long sequence, OwnerRecord record) throws IOException {
    listener.before(Step.BEAT);
    if (!PlainFiles.opens(paths.claim(token))) {
      return false;
    }
    BasicFileAttributes found = FileKind.look(paths.heartbeat());
    if (found == null || !found.isRegularFile()) { // the first one, or after a late cleaner
      replace(paths.heartbeat(), token, pulse(token, sequence));
      found = FileKind.look(paths.heartbeat());
    } else if (!beatInPlace(pulse(token, sequence))) {
      found = null;
    }
    if (found == null) {
      moveTime();
    }
    if (!ownerNames(token)) {
      replace(paths.owner(), token, record.toJson());
    }
    return true;
  }

  private boolean beatInPlace(byte[] pulse) {
    try (FileChannel file =
        FileChannel.open(paths.heartbeat(), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      // In place: on a full disk the old block can still be overwritten, a truncated file could not
      // grow again.
      file.write(ByteBuffer.wrap(pulse), 0);
      return true;
    } catch (IOException uninformed) {
      return false;
    }
  }

  /** On a full disk: an empty file has a time, too, and that is what others judge by. */
  private void moveTime() {
    try {
      FileChannel.open(
              paths.heartbeat(),
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              LinkOption.NOFOLLOW_LINKS)
          .close();
    } catch (IOException uninformed) {
      // The claim decides.
    }
  }

  /**
   * Shows lockers of another make that this one is alive: they take a lock directory whose time has
   * not moved for a while for dead, and a heartbeat in it does not move its time. No clock of ours
   * has a part in it (O6). False where the claim is gone.
   */
  boolean touch(LockToken token) throws IOException {
    listener.before(Step.TOUCH);
    if (!PlainFiles.opens(paths.claim(token))) {
      return false;
    }
    Path temporary = paths.lock().resolve(LockPaths.TEMP_PREFIX + token);
    try {
      PlainFiles.deleteQuietly(temporary);
      Files.write(temporary, new byte[0], StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException uninformed) {
      // The claim decides.
    }
    PlainFiles.deleteQuietly(temporary);
    return true;
  }

  /**
   * Keeps the claim from cleaners of temporary files, who judge each file by its own times: it is
   * given the permissions that it has, which moves the time of its last change.
   */
  void freshen(LockToken token) {
    Path claim = paths.claim(token);
    PosixFileAttributeView view =
        Files.getFileAttributeView(claim, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null || FileKind.isStrange(claim)) {
      return;
    }
    try {
      view.setPermissions(view.readAttributes().permissions());
    } catch (IOException unprotected) {
      // The next check tells whether it is still there.
    }
  }

  /**
   * Whether the record is this owner's. Nobody else's text holds the token at the end of a member;
   * and each commit comes by here, so no JSON is parsed for it.
   */
  boolean ownerNames(LockToken token) {
    byte[] record = PlainFiles.read(paths.owner(), OwnerRecord.MAX_BYTES);
    return record != null
        && new String(record, StandardCharsets.ISO_8859_1).contains(":" + token + '"');
  }

  /**
   * After a long wait: the record and heartbeat were written before it, and would make a new lock
   * look old at once.
   */
  void refresh(LockToken token, OwnerRecord record) throws IOException {
    if (beat(token, 1, record)) {
      replace(paths.owner(), token, record.toJson());
    }
  }

  /**
   * H3 at once, for a record that others must see before the owner goes on.
   *
   * @throws IOException where it cannot be seen that they do
   */
  void declare(LockToken token, OwnerRecord record) throws IOException {
    listener.before(Step.DECLARE);
    replace(paths.owner(), token, record.toJson());
    if (!Arrays.equals(
        record.toJson(), PlainFiles.read(paths.owner(), OwnerRecord.MAX_BYTES + 1))) {
      throw new IOException("the record of the lock cannot be written: " + paths.owner());
    }
  }

  /** With the rights of the files beside it, whoever is the maker. */
  private void replace(Path file, LockToken token, byte[] content) {
    Path temporary = paths.lock().resolve(LockPaths.TEMP_PREFIX + token);
    Rights rights = Rights.of(paths.database());
    Rights wanted = rights == null ? null : rights.ofFile();
    try {
      PlainFiles.deleteQuietly(temporary);
      try (FileChannel channel =
          FileChannel.open(temporary, PreparedLock.NEW, Rights.toCreate(wanted))) {
        channel.write(ByteBuffer.wrap(content));
      }
      if (wanted == null || wanted.areOf(temporary)) {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } else {
        PlainFiles.deleteQuietly(temporary);
        replaceHandedOver(file, content);
      }
    } catch (IOException uninformed) {
      PlainFiles.deleteQuietly(temporary);
    }
  }

  /** By way of a private directory: in the lock directory it would change hands before others. */
  private void replaceHandedOver(Path file, byte[] content) throws IOException {
    LockToken token = LockToken.random();
    Path dir = paths.prepared(token);
    String name = String.valueOf(file.getFileName());
    try {
      PreparedLock.make(paths, dir, new PreparedLock.Content(name, content, false));
      Files.move(dir.resolve(name), file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      PreparedLock.discard(dir);
    }
  }

  /** ASCII, and never shorter than the one before it, so that rewriting in place leaves no tail. */
  static byte[] pulse(LockToken token, long sequence) {
    return (token + " " + sequence + "\n").getBytes(StandardCharsets.US_ASCII);
  }
}
