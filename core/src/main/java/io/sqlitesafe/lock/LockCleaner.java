package io.sqlitesafe.lock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * CLEAN, and the release, which ends in it. What is removed is in the very directory that was
 * looked at, never in a later lock's. Stateless apart from its names.
 */
final class LockCleaner {
  private static final int CLEAN_ROUNDS = 5;

  private final LockPaths paths;
  private final Step.Listener listener;
  private final LockClassifier classifier;

  LockCleaner(LockPaths paths, Step.Listener listener, LockClassifier classifier) {
    this.paths = paths;
    this.listener = listener;
    this.classifier = classifier;
  }

  /**
   * CLEAN: removes what a claimless directory still holds. Anybody may, at any time; a lock taken
   * meanwhile can lose its record or heartbeat to this, which its owner restores, but never its
   * claim.
   */
  void clean() throws IOException {
    clean(null);
  }

  /** The release: one's own claim goes, then CLEAN. */
  void release(LockToken own) throws IOException {
    listener.before(Step.RELEASE);
    boolean cleaned = false;
    try (OpenedLock opened = OpenedLock.open(paths.lock())) {
      // Not by equals: what the compiler makes for a record is linked anew in each process.
      if (classifier.classify(opened, own) instanceof LockState.Held held
          && held.token().equals(own)) {
        opened.mark();
        PlainFiles.remove(paths.claim(own));
        // What was seen with the claim is cleaned without another look: it is done to this very
        // directory, to which no other claim ever comes.
        cleaned = empty(opened, false) && remove(opened);
      }
    } catch (NoSuchFileException | NotDirectoryException gone) {
      // O1: gone is gone
    }
    if (!cleaned) {
      PlainFiles.remove(paths.claim(own));
      clean(own);
    }
  }

  private void clean(@Nullable LockToken own) throws IOException {
    for (int round = 0; round < CLEAN_ROUNDS; round++) {
      listener.before(Step.CLEAN_LIST);
      try (OpenedLock opened = OpenedLock.open(paths.lock())) {
        if (!(classifier.classify(opened, own) instanceof LockState.Dead)) {
          return;
        }
        opened.mark();
        empty(opened, round > 0);
        if (remove(opened)) {
          return;
        }
      } catch (NoSuchFileException | NotDirectoryException done) {
        return;
      }
    }
  }

  /**
   * Removes what is not a claim, from the directory that was listed: never from a later one.
   *
   * @param again not for the first time: FUSE says yes, and gives the file another silly name
   */
  private boolean empty(OpenedLock opened, boolean again) {
    boolean all = true;
    for (String name : opened.names()) {
      if (name.startsWith(LockPaths.CLAIM_PREFIX)) {
        continue;
      }
      listener.before(Step.CLEAN_FILE);
      boolean stays = again && LockPaths.isSilly(name);
      if (stays || (!deleted(opened, name) && LockPaths.isSilly(name))) {
        moveAside(paths.lock().resolve(name));
        all = false;
      }
    }
    return all;
  }

  private static boolean deleted(OpenedLock opened, String name) {
    try {
      opened.delete(name);
      return true;
    } catch (IOException looked) {
      return false;
    }
  }

  private boolean remove(OpenedLock opened) {
    listener.before(Step.CLEAN_RMDIR);
    return opened.removeFromItsName();
  }

  /**
   * FUSE gives a file that is unlinked while open another such name, again and again; the rmdir of
   * the lock directory would wait, and everybody with it, for a stranger. The file says nothing
   * about the lock, so it may be moved out of any lock directory at any time. Of NFS clients the
   * one that keeps it refuses this too; there another client's unlink helps.
   */
  private void moveAside(Path silly) {
    Path aside = paths.prepared(LockToken.random());
    try {
      Files.createDirectory(aside);
      Files.move(silly, aside.resolve(silly.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException looked) {
      // O1: the next round, or the next acquirer, looks again
    }
    PreparedLock.discardAside(aside);
  }
}
