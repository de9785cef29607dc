package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the lock directory is by its entries (protocol section 2). Stateless but for its names. */
final class LockClassifier {
  private final LockPaths paths;
  private final OwnerFiles owner;

  LockClassifier(LockPaths paths, OwnerFiles owner) {
    this.paths = paths;
    this.owner = owner;
  }

  /** By one readdir, and the types of what is in it. */
  LockState classify() throws IOException {
    try (OpenedLock opened = OpenedLock.open(paths.lock())) {
      LockState state = classify(opened, null);
      String strange = state instanceof LockState.Foreign ? null : strangeOne(opened.names());
      return strange == null
          ? state
          : new LockState.Foreign("it holds something that is no file: " + strange);
    } catch (NoSuchFileException absent) {
      return new LockState.Absent();
    } catch (NotDirectoryException other) {
      return classifyOther();
    } catch (AccessDeniedException closed) {
      return new LockState.Other(OtherLock.UNREADABLE);
    }
  }

  private LockState classifyOther() {
    BasicFileAttributes found = FileKind.look(paths.lock());
    if (found == null) {
      return new LockState.Absent();
    }
    if (found.isRegularFile()) {
      return new LockState.Other(OtherLock.FILE);
    }
    return new LockState.Foreign(
        found.isSymbolicLink() ? "it is a symbolic link" : "it is not a directory");
  }

  /** Of the names that stand for files of ours, one that stands for something else. */
  private @Nullable String strangeOne(List<String> names) {
    for (String name : names) {
      boolean file = !LockPaths.isSilly(name) && !name.startsWith("x-");
      if (file && FileKind.isStrange(paths.lock().resolve(name))) {
        return name;
      }
    }
    return null;
  }

  /**
   * @param own a token whose record need not be looked into, as it is of our make
   */
  LockState classify(OpenedLock opened, @Nullable LockToken own) {
    List<String> names = opened.names();
    LockToken claim = null;
    boolean onlySilly = true;
    for (String name : names) {
      onlySilly &= LockPaths.isSilly(name);
      if (!isKnown(name)) {
        return new LockState.Foreign("it holds a file of another make: " + name);
      }
      if (name.startsWith(LockPaths.CLAIM_PREFIX)) {
        if (claim != null) {
          return new LockState.Foreign("it holds two claims");
        }
        claim = new LockToken(name.substring(LockPaths.CLAIM_PREFIX.length()));
      }
    }
    if (claim != null) {
      return new LockState.Held(claim);
    }
    if (names.isEmpty()) {
      return empty(opened);
    }
    if (names.contains(LockPaths.OWNER) && (own == null || !owner.ownerNames(own))) {
      OwnerRecord record = LockDirectory.readOwner(paths.owner());
      if (record != null && record.token() == null) {
        return new LockState.Foreign("its owner.json was written by a locker of another make");
      }
    }
    return new LockState.Dead(onlySilly);
  }

  private static boolean isKnown(String name) {
    return name.equals(LockPaths.OWNER)
        || name.equals(LockPaths.HEARTBEAT)
        || LockPaths.isSilly(name)
        || name.startsWith("x-")
        || isTokenName(name, LockPaths.CLAIM_PREFIX)
        || isTokenName(name, LockPaths.TEMP_PREFIX);
  }

  private static boolean isTokenName(String name, String prefix) {
    return name.startsWith(prefix) && LockToken.isToken(name.substring(prefix.length()));
  }

  private static LockState empty(OpenedLock opened) {
    if (opened.isReservation()) {
      return new LockState.Reserved();
    }
    return opened.isMarked()
        ? new LockState.Dead(false)
        : new LockState.Other(OtherLock.EMPTY_DIRECTORY);
  }
}
