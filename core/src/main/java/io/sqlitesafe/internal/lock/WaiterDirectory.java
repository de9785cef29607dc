package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for the lock (protocol section 16). It is there only while somebody does, so that
 * whoever holds the lock finds out at the cost of one look that nobody does. Nothing of safety
 * hangs on it, and a waiter that cannot show itself waits all the same. For one thread.
 */
final class WaiterDirectory {
  static final String PREFIX = "w.";

  /** How long a waiter counts that has not written again: three times what it may take for that. */
  private static final Duration LIFE = Duration.ofSeconds(15);

  private static final int TRIES = 3;

  /** Anybody who may read the database can make files there. */
  private static final int MOST = 1000;

  private static final Duration OLD = Duration.ofHours(24);

  private final LockPaths paths;
  private final ProcessTable processes;
  private @Nullable LockToken own;

  /** What others have said of themselves, which does not change while they wait. */
  private final Map<String, Met> met = new HashMap<>();

  WaiterDirectory(LockPaths paths, ProcessTable processes) {
    this.paths = paths;
    this.processes = processes;
  }

  private Path file(LockToken token) {
    return paths.waiters().resolve(PREFIX + token);
  }

  /** Shows that the attempt of {@code token} waits. False where it cannot be shown. */
  boolean show(LockToken token, OwnerRecord record) {
    Rights rights = Rights.of(paths.database());
    for (int i = 0; i < TRIES; i++) { // another one that leaves may take the directory away
      try {
        make(rights);
        try (FileChannel file =
            FileChannel.open(
                file(token),
                PreparedLock.NEW,
                Rights.toCreate(rights == null ? null : rights.ofFile()))) {
          file.write(ByteBuffer.wrap(record.toWaiter()));
        }
        own = token;
        return true;
      } catch (NoSuchFileException again) {
        // once more
      } catch (IOException unseen) {
        return false;
      }
    }
    return false;
  }

  private void make(@Nullable Rights rights) throws IOException {
    if (FileKind.look(paths.waiters()) != null) {
      return;
    }
    Rights own = rights == null ? null : rights.ofReaders();
    try {
      Files.createDirectory(paths.waiters(), Rights.toCreate(own));
    } catch (FileAlreadyExistsException another) {
      return;
    }
    if (own != null && !own.areOf(paths.waiters())) {
      PreparedLock.handOverShared(paths.waiters(), own, PREFIX);
    }
  }

  /** In place, so that its time moves. */
  void beat(LockToken token, OwnerRecord record) {
    try (FileChannel file = PlainFiles.openToWrite(file(token))) {
      file.write(ByteBuffer.wrap(record.toWaiter()), 0);
    } catch (IOException unseen) {
      // It waits all the same.
    }
  }

  /** How many wait besides the one that this object has shown. */
  int others() {
    int all = FileKind.look(paths.waiters()) == null ? 0 : living().size();
    return own == null ? all : Math.max(0, all - 1);
  }

  /**
   * How many who live have waited for longer than this one, which is shown. Their order is for the
   * sake of the processor only: it says who is to be woken by a release.
   */
  int ahead(LockToken token, OwnerRecord record) {
    BasicFileAttributes mine = FileKind.look(file(token));
    if (mine == null) {
      return 0;
    }
    long oldest = mine.lastModifiedTime().toMillis() - LIFE.toMillis();
    int ahead = 0;
    List<String> names = PlainFiles.listOrNothing(paths.waiters());
    met.keySet().retainAll(names);
    for (String name : names.subList(0, Math.min(names.size(), MOST))) {
      Met other = meet(name);
      if (other != null && other.isBefore(record, PREFIX + token) && other.lives(oldest)) {
        ahead++;
      }
    }
    return ahead;
  }

  private @Nullable Met meet(String name) {
    Met known = met.get(name);
    String text = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : "";
    if (known == null && LockToken.isToken(text)) {
      OwnerRecord record = LockDirectory.readOwner(paths.waiters().resolve(name));
      if (record == null || !record.speaksFor(new LockToken(text))) {
        return null; // being written
      }
      known = new Met(name, record);
      met.put(name, known);
    }
    return known;
  }

  /** Another one. Whether its process is there is looked up once a second. */
  private final class Met {
    private static final long SECOND = 1_000_000_000;

    private final String name;
    private final OwnerRecord record;
    private long looked = System.nanoTime() - SECOND;
    private boolean dead;

    Met(String name, OwnerRecord record) {
      this.name = name;
      this.record = record;
    }

    boolean isBefore(OwnerRecord mine, String myName) {
      int order = record.createdAt().compareTo(mine.createdAt());
      return order < 0 || (order == 0 && name.compareTo(myName) < 0);
    }

    boolean lives(long oldest) {
      if (System.nanoTime() - looked >= SECOND) {
        looked = System.nanoTime();
        dead = processes.lifeOf(record) == Life.DEAD;
      }
      BasicFileAttributes seen = dead ? null : FileKind.look(paths.waiters().resolve(name));
      return seen != null && seen.lastModifiedTime().toMillis() > oldest;
    }
  }

  /** It waits no more. */
  void hide(LockToken token) {
    own = token.equals(own) ? null : own;
    remove(token);
  }

  private void remove(LockToken token) {
    PlainFiles.deleteQuietly(file(token));
    PlainFiles.deleteQuietly(paths.waiters()); // refused while there are others
  }

  /** Whether somebody waits who lives. */
  boolean isAny() {
    return FileKind.look(paths.waiters()) != null && !living(1).isEmpty();
  }

  /** Who waits, the longest first. Takes away those that are proven dead. */
  List<Waiter> living() {
    List<Waiter> found = living(MOST);
    found.sort((a, b) -> a.record().createdAt().compareTo(b.record().createdAt()));
    return found;
  }

  /** So many of them, in any order: an owner that keeps the lock asks whether there is one. */
  private List<Waiter> living(int enough) {
    List<Waiter> found = new ArrayList<>();
    long now = -1;
    List<String> names = PlainFiles.listOrNothing(paths.waiters());
    for (String name : names.subList(0, Math.min(names.size(), MOST))) {
      String text = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : "";
      if (!LockToken.isToken(text)) {
        continue;
      }
      LockToken token = new LockToken(text);
      BasicFileAttributes seen = FileKind.look(file(token));
      OwnerRecord record = LockDirectory.readOwner(file(token));
      if (seen == null || record == null || !record.speaksFor(token)) {
        continue; // gone, or being written
      }
      now = now < 0 ? now() : now;
      boolean old = now - seen.lastModifiedTime().toMillis() > OLD.toMillis();
      if (old || processes.lifeOf(record) == Life.DEAD) {
        remove(token);
      } else if (now - seen.lastModifiedTime().toMillis() < LIFE.toMillis()) {
        found.add(new Waiter(token, record));
        if (found.size() >= enough) {
          break;
        }
      }
    }
    return found;
  }

  private long now() {
    try {
      return LockDirectory.barrier(paths.directory(), paths.probePrefix(), false).toMillis();
    } catch (IOException noClock) {
      return 0; // then all of them count
    }
  }

  /**
   * Somebody who waits.
   *
   * @param record what it says of itself; its creation is when it began
   */
  record Waiter(LockToken token, OwnerRecord record) {}
}
