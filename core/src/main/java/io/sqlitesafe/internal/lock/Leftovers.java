package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;

/**
 * Sweeps what killed processes left beside the database: private directories that were never
 * published, files moved aside, and probe files. None blocks anybody; they only pile up.
 */
final class Leftovers {
  private static final Duration OLD = Duration.ofHours(24);
  private static final Duration OLD_PROBE = Duration.ofHours(1);

  /** The image's owner was broken and cannot commit, but it may be about to notice. */
  private static final Duration OLD_WORK = Duration.ofMinutes(2);

  private final LockDirectory directory;
  private final ProcessTable processes;

  Leftovers(LockDirectory directory, ProcessTable processes) {
    this.directory = directory;
    this.processes = processes;
  }

  /**
   * Removes those whose process on this host is dead, and those older than a day by the file
   * system's clock.
   */
  void sweep() {
    try {
      LockPaths paths = directory.paths();
      String name = paths.databaseName();
      long now = -1;
      for (String entry : PlainFiles.list(paths.directory())) {
        boolean prepared = entry.startsWith(name + LockPaths.preparedInfix());
        if (!prepared && !entry.startsWith(name + LockPaths.probeInfix())) {
          continue;
        }
        now = now < 0 ? directory.barrier().toMillis() : now;
        Path path = paths.directory().resolve(entry);
        if (prepared) {
          sweepPrepared(path, entry.substring((name + LockPaths.preparedInfix()).length()), now);
        } else if (isOlder(path, now, OLD_PROBE)) {
          Files.deleteIfExists(path);
        }
      }
    } catch (IOException nextTime) {
      // Nothing depends on it.
    }
  }

  private void sweepPrepared(Path path, String tokenText, long now) throws IOException {
    if (!LockToken.isToken(tokenText)) {
      return;
    }
    if (PreparedLock.isAside(path)) {
      PreparedLock.discardAside(path);
      return;
    }
    LockToken token = new LockToken(tokenText);
    OwnerRecord record = LockDirectory.readOwner(path.resolve(LockPaths.OWNER));
    boolean dead =
        record != null && record.speaksFor(token) && processes.lifeOf(record) == Life.DEAD;
    if (dead || isOlder(path, now, OLD)) {
      PreparedLock.discard(path);
    }
  }

  /**
   * Removes the private images of former owners (network-exclusive access). Only for the owner of
   * the lock: every image but its own is then of somebody who has lost it.
   */
  void sweepImages(LockToken own) {
    try {
      LockPaths paths = directory.paths();
      String mark = paths.databaseName() + LockPaths.imageInfix();
      for (String entry : PlainFiles.list(paths.directory())) {
        if (entry.startsWith(mark) && !entry.startsWith(mark + own)) {
          Path path = paths.directory().resolve(entry);
          if (isOlder(path, directory.barrier().toMillis(), OLD_WORK)) {
            Files.deleteIfExists(path);
          }
        }
      }
    } catch (IOException nextTime) {
      // Nothing depends on it.
    }
  }

  private static boolean isOlder(Path path, long now, Duration age) {
    BasicFileAttributes found = FileKind.look(path);
    return found != null && now - found.lastModifiedTime().toMillis() > age.toMillis();
  }
}
