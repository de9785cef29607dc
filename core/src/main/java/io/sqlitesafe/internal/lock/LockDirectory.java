package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * The file operations of the protocol, and the only class that touches {@code DB.lock/}. Each
 * method is one numbered step; none of them waits, judges or decides. Instances are stateless apart
 * from their names and may be shared between threads.
 *
 * <p>Rule O1 shapes all of it: the reply of a {@code rename} or {@code unlink} is a hint at best
 * (an NFS server may execute a request whose reply is lost, or execute it twice), so those methods
 * return nothing and the caller looks again.
 */
public final class LockDirectory {
  private final LockPaths paths;
  private final Step.Listener listener;
  private final boolean uncached;
  private final boolean network;
  private final OwnerFiles owner;
  private final LockClassifier classifier;
  private final LockCleaner cleaner;

  /** Where every look may be answered from a cache. */
  public LockDirectory(LockPaths paths, Step.Listener listener) {
    this(paths, listener, false, false);
  }

  /**
   * @param uncached whether an open tells what is there without a BARRIER ({@link
   *     io.sqlitesafe.mount.Mount#isUncached})
   * @param network whether it is a network file system
   */
  LockDirectory(LockPaths paths, Step.Listener listener, boolean uncached, boolean network) {
    this.network = network;
    this.paths = paths;
    this.listener = listener;
    this.uncached = uncached;
    this.owner = new OwnerFiles(paths, listener);
    this.classifier = new LockClassifier(paths, owner);
    this.cleaner = new LockCleaner(paths, listener, classifier);
  }

  LockPaths paths() {
    return paths;
  }

  /** Whether all that happens in it can be seen from here, at once. */
  boolean isUncached() {
    return uncached;
  }

  Step.Listener listener() {
    return listener;
  }

  // ---- looking -------------------------------------------------------------------------------

  /** Classifies by one readdir (protocol section 2). */
  public LockState classify() throws IOException {
    return classifier.classify();
  }

  /** The record, or null where it is missing, too long, or not a record. */
  public @Nullable OwnerRecord readOwner() {
    return readOwner(paths.owner());
  }

  static @Nullable OwnerRecord readOwner(Path file) {
    // A record is other people's text: never read more of it than the protocol allows.
    byte[] text = PlainFiles.read(file, OwnerRecord.MAX_BYTES + 1);
    return text == null ? null : OwnerRecord.parse(text);
  }

  /** The text of the record, or null where it is missing. */
  byte @Nullable [] readRecord() {
    return PlainFiles.read(paths.owner(), OwnerRecord.MAX_BYTES + 1);
  }

  /**
   * The heartbeat's content and time: two equal values mean that nobody has beaten in between.
   *
   * @param content at most a few hundred bytes of the file, or "missing"
   * @param modified by the file system's clock, of the claim where there is no heartbeat; null
   *     where there is neither
   */
  public record Pulse(String content, @Nullable FileTime modified) {}

  public Pulse readPulse(LockToken claim) {
    BasicFileAttributes found = FileKind.look(paths.heartbeat());
    if (found == null || !found.isRegularFile()) {
      BasicFileAttributes made = FileKind.look(paths.claim(claim)); // before the first beat
      return new Pulse("missing", made == null ? null : made.lastModifiedTime());
    }
    byte[] content = PlainFiles.read(paths.heartbeat(), 256);
    // Where it may not be read, its time still tells a beat from silence.
    return new Pulse(
        content == null ? "unreadable" : new String(content, StandardCharsets.ISO_8859_1),
        found.lastModifiedTime());
  }

  /**
   * Which directory, or file, there is without a claim, and since when by the file system's clock:
   * two equal values mean that it is the same one and nothing has moved.
   */
  record Presence(@Nullable Object key, FileTime modified) {}

  /** Null where there is none. */
  @Nullable Presence presence() {
    BasicFileAttributes found = FileKind.look(paths.lock());
    return found == null ? null : new Presence(found.fileKey(), found.lastModifiedTime());
  }

  /**
   * O2: creates, stats and removes a probe. It makes a caching client (NFS) look at the directory
   * anew, and gives the file system's own time; the local clock never enters a judgement.
   */
  public FileTime barrier() throws IOException {
    return barrier(paths.directory(), paths.probePrefix(), network);
  }

  /**
   * O2, in any directory.
   *
   * @param network a new directory costs an NFS client two requests, a new file five; elsewhere a
   *     file costs a third
   */
  static FileTime barrier(Path directory, String prefix, boolean network) throws IOException {
    while (true) {
      Path probe = directory.resolve(prefix + LockToken.random().hex());
      try {
        if (network) {
          Files.createDirectory(probe);
        } else {
          Files.write(probe, new byte[0], StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
        FileTime now = Files.getLastModifiedTime(probe);
        Files.deleteIfExists(probe);
        return now;
      } catch (NoSuchFileException swept) {
        // Somebody tidied it away as a leftover (this process was stopped for long): once more.
        if (!Files.isDirectory(directory)) {
          throw swept;
        }
      } catch (IOException e) {
        Files.deleteIfExists(probe);
        throw e;
      }
    }
  }

  /**
   * O3: CHECK(t). True = owner, false = not owner. Only an open may decide: attribute caches make
   * {@code stat} and {@code exists} lie for half a minute on NFS.
   *
   * @throws IOException where nothing can be said; the caller retries and must not commit
   */
  public boolean check(LockToken token) throws IOException {
    listener.before(Step.CHECK);
    if (!uncached) {
      barrier();
    }
    return PlainFiles.opens(paths.claim(token));
  }

  /**
   * A4: CHECK(t) directly after {@link #claim}, which is itself a change in the directory that a
   * caching client has just been told of.
   */
  boolean checkClaimed(LockToken token) throws IOException {
    listener.before(Step.CHECK);
    return PlainFiles.opens(paths.claim(token));
  }

  /**
   * Whether the database is marked for network-exclusive access. On a network file system a plain
   * look-up may be answered from a cache, for half a minute, so there a barrier comes first, where
   * this user may write, and an open decides.
   *
   * @param barrier false right after a CHECK, which has just made one
   * @throws NotDirectoryException where the mark is something that marks nothing
   */
  boolean isNetworkExclusive(boolean network, boolean barrier) throws NotDirectoryException {
    if (network && barrier && !uncached) {
      try {
        barrier();
      } catch (IOException mayNotWrite) {
        // Then an open tells as much as can be told.
      }
    }
    BasicFileAttributes found = FileKind.look(paths.readers());
    if (found != null && !found.isDirectory()) {
      throw new NotDirectoryException(paths.readers().toString());
    }
    if (!network) {
      return found != null;
    }
    try (DirectoryStream<Path> readers = Files.newDirectoryStream(paths.readers())) {
      return readers != null;
    } catch (IOException unmarked) {
      return false;
    }
  }

  // ---- acquiring -----------------------------------------------------------------------------

  /** A1: the private directory, complete before anybody can see it under the lock's name. */
  public void prepare(LockToken token, OwnerRecord record) throws IOException {
    listener.before(Step.PREPARE);
    Path dir = paths.prepared(token);
    try {
      // SQLite's own syncs make the renamed directory durable, but the record in it could be empty
      // after a power cut. Then the claim's name has to tell that its owner died with its boot; a
      // sync of the record costs as much as one of the database.
      String mark = record.process().bootPrefix();
      boolean synced = mark == null || !token.hex().startsWith(mark);
      PreparedLock.make(
          paths,
          dir,
          new PreparedLock.Content(LockPaths.OWNER, record.toJson(), synced),
          new PreparedLock.Content(LockPaths.CLAIM_PREFIX + token, new byte[0], false));
    } catch (IOException e) {
      PreparedLock.discard(dir);
      throw e;
    }
  }

  /**
   * A2: false where the lock directory (or something else of that name) is there already. Nobody
   * may write to it, which tells it from an empty lock directory of another program.
   */
  public boolean reserve() throws IOException {
    listener.before(Step.RESERVE);
    try {
      Files.createDirectory(paths.lock(), Rights.ofReservation());
      return true;
    } catch (FileAlreadyExistsException busy) {
      return false;
    } catch (FileSystemException e) {
      if (PlainFiles.isStaleHandle(e)) {
        return false; // what overlay mounts answer to the loser
      }
      throw e;
    }
  }

  /**
   * E1: whoever is stopped between A2 and A3 must not go on to A3 when its reservation has been
   * given to another: without its private directory it cannot.
   *
   * @return the name of one that could not be removed; null where there is none left
   */
  @Nullable String evictOthers(LockToken own) throws IOException {
    listener.before(Step.EVICT);
    String mark = paths.databaseName() + LockPaths.preparedInfix();
    String stays = null;
    for (String name : PlainFiles.list(paths.directory())) {
      String token = name.startsWith(mark) ? name.substring(mark.length()) : "";
      if (!LockToken.isToken(token) || token.equals(own.hex())) {
        continue;
      }
      Path other = paths.directory().resolve(name);
      PreparedLock.discard(other);
      boolean prepared = PreparedLock.isDirectory(other) && !PreparedLock.isAside(other);
      stays = prepared ? name : stays;
    }
    return stays;
  }

  /**
   * A3: replaces an empty lock directory in one step.
   *
   * @return whether it certainly did; else {@link #check} tells
   */
  public boolean claim(LockToken token) {
    listener.before(Step.CLAIM);
    try {
      // Only ATOMIC_MOVE is rename(2); a plain move of a directory onto an empty one fails.
      Files.move(paths.prepared(token), paths.lock(), StandardCopyOption.ATOMIC_MOVE);
      return uncached;
    } catch (IOException hint) {
      return false; // O1
    }
  }

  boolean preparedExists(LockToken token) {
    return PreparedLock.isDirectory(paths.prepared(token));
  }

  /**
   * A5: gives up, wherever the private directory may be by now: the token's names are nobody
   * else's.
   */
  void abandon(LockToken token) {
    PreparedLock.discard(paths.prepared(token));
    try {
      if (PlainFiles.opens(paths.claim(token))) {
        release(token, true);
      }
    } catch (IOException unreachable) {
      // The claim's process ends; others will find it dead.
    }
  }

  /**
   * Where rename refuses an empty directory: makes room for A3 once the empty one has outlived its
   * grace.
   */
  void removeEmpty() {
    listener.before(Step.CLEAN_RMDIR);
    PlainFiles.deleteQuietly(paths.lock());
  }

  /**
   * Whether this file system renames a directory onto an empty one, tried on two scratch
   * directories. POSIX does; Windows and SMB refuse.
   */
  boolean renameReplacesEmpty() throws IOException {
    Path from = Files.createDirectory(paths.prepared(LockToken.random()));
    Path to = Files.createDirectory(paths.prepared(LockToken.random()));
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException refused) {
      // An acquirer that takes a reservation over may have removed them as somebody's (E1).
      return !PlainFiles.isThere(from) || !PlainFiles.isThere(to);
    } finally {
      PlainFiles.deleteQuietly(from);
      PlainFiles.deleteQuietly(to);
    }
  }

  // ---- holding: see OwnerFiles ---------------------------------------------------------------

  public boolean beat(LockToken token, long sequence, OwnerRecord record) throws IOException {
    return owner.beat(token, sequence, record);
  }

  boolean touch(LockToken token) throws IOException {
    return owner.touch(token);
  }

  void freshen(LockToken token) {
    owner.freshen(token);
  }

  void refresh(LockToken token, OwnerRecord record) throws IOException {
    owner.refresh(token, record);
  }

  void declare(LockToken token, OwnerRecord record) throws IOException {
    owner.declare(token, record);
  }

  // ---- leaving -------------------------------------------------------------------------------

  /**
   * BREAK, and a break by force: removes another's claim. Idempotent by the uniqueness of its name.
   */
  public void removeClaim(LockToken token) throws IOException {
    listener.before(Step.BREAK);
    mark(token);
    PlainFiles.remove(paths.claim(token));
  }

  /**
   * A break by force, in trusted access only, where this user may not remove the claim but may
   * rename in the directory of the database: moves the lock directory away with all that is in it.
   * By then it may be another's; that one finds its lock lost at its next commit, which is harmless
   * where SQLite's own locks hold, and only there.
   *
   * @return whether it was the one with this claim
   */
  boolean moveAway(LockToken token) throws IOException {
    Path away = paths.prepared(LockToken.random());
    listener.before(Step.BREAK);
    if (!PlainFiles.isThere(paths.claim(token))) {
      return false;
    }
    Files.move(paths.lock(), away, StandardCopyOption.ATOMIC_MOVE);
    boolean it = PlainFiles.isThere(away.resolve(LockPaths.CLAIM_PREFIX + token));
    PreparedLock.discard(away); // as far as it can be; its owner or root sweeps the rest
    return it;
  }

  /**
   * Before a claim is taken away from its directory, in whatever way. A slow cleaner of an earlier
   * lock may have removed the other files by then, and without the mark the empty directory would
   * look like another program's.
   */
  void mark(LockToken token) throws IOException {
    try (OpenedLock opened = OpenedLock.openUnlisted(paths.lock())) {
      if (opened.has(LockPaths.CLAIM_PREFIX + token)) {
        opened.mark();
      }
    } catch (NoSuchFileException | NotDirectoryException gone) {
      // Then so is the claim.
    }
  }

  /**
   * As {@link #mark}, for the claim of one's own; the directory stays open.
   *
   * @return null where the claim is not there
   */
  @Nullable OpenedLock openMarked(LockToken own) throws IOException {
    OpenedLock opened;
    try {
      opened = OpenedLock.openUnlisted(paths.lock());
    } catch (NoSuchFileException | NotDirectoryException gone) {
      return null;
    }
    if (!opened.has(LockPaths.CLAIM_PREFIX + own)) {
      opened.close();
      return null;
    }
    opened.mark();
    return opened;
  }

  /** See {@link LockCleaner#cleanKnown}. */
  boolean cleanKnown(OpenedLock opened, boolean beaten) {
    return cleaner.cleanKnown(opened, beaten);
  }

  /** The private image of an owner that is no more: whatever it does, it cannot publish it. */
  void removeImage(LockToken token) {
    Path work = paths.image(token);
    PlainFiles.deleteQuietly(work);
    PlainFiles.deleteQuietly(work.resolveSibling(work.getFileName() + "-journal"));
  }

  /** CLEAN. */
  public void clean() throws IOException {
    cleaner.clean();
  }

  /**
   * The release: one's own claim goes, then CLEAN.
   *
   * @param beaten whether this owner has made a heartbeat
   */
  public void release(LockToken own, boolean beaten) throws IOException {
    cleaner.release(own, beaten);
  }
}
