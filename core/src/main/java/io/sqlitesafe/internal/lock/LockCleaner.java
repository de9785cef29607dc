package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.LockToken;
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

  /**
   * The release: one's own claim goes, then CLEAN. Its owner knows what is in its directory, so
   * that it is not listed; where something else is in it, too, the last step fails and CLEAN looks.
   *
   * @param beaten whether there is a heartbeat
   */
  void release(LockToken own, boolean beaten) throws IOException {
    listener.before(Step.RELEASE);
    boolean cleaned = false;
    String claim = LockPaths.CLAIM_PREFIX + own;
    try (OpenedLock opened = OpenedLock.openUnlisted(paths.lock())) {
      if (opened.has(claim)) {
        opened.mark();
        removeClaim(opened, own);
        cleaned = cleanKnown(opened, beaten);
      }
    } catch (NoSuchFileException | NotDirectoryException gone) {
      // O1: gone is gone
    }
    if (!cleaned) {
      PlainFiles.remove(paths.claim(own));
      clean(own);
    }
  }

  /**
   * What one's own directory holds besides the claim, which is gone, and the directory. It is done
   * to this very one, to which no other claim ever comes. False where something else is in it.
   */
  boolean cleanKnown(OpenedLock opened, boolean beaten) {
    return deleted(opened, LockPaths.OWNER)
        && (!beaten || deleted(opened, LockPaths.HEARTBEAT))
        && remove(opened);
  }

  private void removeClaim(OpenedLock opened, LockToken own) throws IOException {
    try {
      opened.delete(LockPaths.CLAIM_PREFIX + own);
    } catch (IOException hint) {
      PlainFiles.remove(paths.claim(own)); // O1
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
      boolean stays = again && LockPaths.isSilly(name);
      if (stays) {
        listener.before(Step.CLEAN_FILE);
      }
      if (stays || (!deleted(opened, name) && LockPaths.isSilly(name))) {
        moveAside(paths.lock().resolve(name));
        all = false;
      }
    }
    return all;
  }

  private boolean deleted(OpenedLock opened, String name) {
    listener.before(Step.CLEAN_FILE);
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
