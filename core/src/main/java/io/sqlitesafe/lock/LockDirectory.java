package io.sqlitesafe.lock;

import io.sqlitesafe.fs.Durable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
final class LockDirectory {
  private static final int CLEAN_ROUNDS = 5;

  private final LockPaths paths;
  private final Step.Listener listener;

  LockDirectory(LockPaths paths, Step.Listener listener) {
    this.paths = paths;
    this.listener = listener;
  }

  LockPaths paths() {
    return paths;
  }

  Step.Listener listener() {
    return listener;
  }

  // ---- looking -------------------------------------------------------------------------------

  /** Classifies by one readdir (protocol section 2). */
  LockState classify() throws IOException {
    return classify((LockToken) null);
  }

  /**
   * @param own a token whose record need not be looked into, as it is of our make
   */
  private LockState classify(@Nullable LockToken own) throws IOException {
    List<String> names;
    try {
      if (Files.isSymbolicLink(paths.lock())) {
        return new LockState.Foreign("it is a symbolic link");
      }
      names = list(paths.lock());
    } catch (NoSuchFileException absent) {
      return new LockState.Absent();
    } catch (NotDirectoryException file) {
      return new LockState.Foreign("it is not a directory");
    } catch (FileSystemException e) {
      if (isStaleHandle(e)) {
        return new LockState.Absent();
      }
      throw e;
    }
    return classify(names, own);
  }

  private LockState classify(List<String> names, @Nullable LockToken own) {
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
      return new LockState.Empty();
    }
    if (names.contains(LockPaths.OWNER) && !(own != null && ownerNames(own))) {
      OwnerRecord owner = readOwner();
      if (owner != null && owner.token() == null) {
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

  /** The record, or null where it is missing, too long, or not a record. */
  @Nullable OwnerRecord readOwner() {
    return readOwner(paths.owner());
  }

  static @Nullable OwnerRecord readOwner(Path file) {
    byte[] text = readRecord(file);
    return text == null ? null : OwnerRecord.parse(text);
  }

  /** The text of the record, or null where it is missing. */
  byte @Nullable [] readRecord() {
    return readRecord(paths.owner());
  }

  private static byte @Nullable [] readRecord(Path file) {
    // A record is other people's text: never read more of it than the protocol allows.
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(OwnerRecord.MAX_BYTES + 1);
    } catch (IOException missing) {
      return null;
    }
  }

  /**
   * The heartbeat's content and time: two equal values mean that nobody has beaten in between.
   *
   * @param content at most a few hundred bytes of the file, or "missing"
   * @param modified by the file system's clock; null where missing
   */
  record Pulse(String content, @Nullable FileTime modified) {}

  Pulse readPulse() {
    try (InputStream in = Files.newInputStream(paths.heartbeat())) {
      String content = new String(in.readNBytes(256), StandardCharsets.ISO_8859_1);
      return new Pulse(content, Files.getLastModifiedTime(paths.heartbeat()));
    } catch (IOException missing) {
      return new Pulse("missing", null);
    }
  }

  /** When the lock directory last changed, by the file system's clock; null where it is gone. */
  @Nullable FileTime modified() {
    try {
      return Files.getLastModifiedTime(paths.lock(), LinkOption.NOFOLLOW_LINKS);
    } catch (IOException gone) {
      return null;
    }
  }

  /**
   * O2: creates, stats and removes a probe file. It makes a caching client (NFS) look at the
   * directory anew, and gives the file system's own time; the local clock never enters a judgement.
   */
  FileTime barrier() throws IOException {
    return barrier(paths.directory(), paths.probePrefix());
  }

  static FileTime barrier(Path directory, String prefix) throws IOException {
    while (true) {
      Path probe = directory.resolve(prefix + LockToken.random().hex());
      try {
        Files.write(probe, new byte[0], StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
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
  boolean check(LockToken token) throws IOException {
    listener.before(Step.CHECK);
    barrier();
    return opens(paths.claim(token));
  }

  /**
   * Whether the database is marked for network-exclusive access. On a network file system a plain
   * look-up may be answered from a cache, for half a minute, so there a barrier comes first, where
   * this user may write, and an open decides.
   *
   * @param barrier false right after a CHECK, which has just made one
   */
  boolean isNetworkExclusive(boolean network, boolean barrier) {
    if (!network) {
      return Files.isDirectory(paths.readers());
    }
    try {
      if (barrier) {
        barrier();
      }
    } catch (IOException mayNotWrite) {
      // Then an open tells as much as can be told.
    }
    try (DirectoryStream<Path> readers = Files.newDirectoryStream(paths.readers())) {
      return readers != null;
    } catch (IOException unmarked) {
      return false;
    }
  }

  static boolean opens(Path file) throws IOException {
    try (FileChannel claim = FileChannel.open(file, StandardOpenOption.READ)) {
      return claim.isOpen();
    } catch (NoSuchFileException | NotDirectoryException gone) {
      return false;
    } catch (FileSystemException e) {
      if (isStaleHandle(e) || isNotDirectory(e)) {
        return false;
      }
      throw e;
    }
  }

  // ---- acquiring -----------------------------------------------------------------------------

  /** A1: the private directory, complete before anybody can see it under the lock's name. */
  void prepare(LockToken token, OwnerRecord record) throws IOException {
    listener.before(Step.PREPARE);
    Path dir = Files.createDirectory(paths.prepared(token));
    try {
      // The one sync that buys something: SQLite's own syncs make the renamed directory durable,
      // and without this
      // the record in it could be empty after a power cut, so nobody could tell that its owner died
      // with its boot.
      Durable.writeAndSync(dir.resolve(LockPaths.OWNER), record.toJson());
      Files.write(dir.resolve(LockPaths.HEARTBEAT), pulse(token, 0));
      Files.write(
          dir.resolve(LockPaths.CLAIM_PREFIX + token),
          new byte[0],
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      discardPrepared(dir, token);
      throw e;
    }
  }

  /** A2: false where the lock directory (or something else of that name) is there already. */
  boolean reserve() throws IOException {
    listener.before(Step.RESERVE);
    try {
      Files.createDirectory(paths.lock());
      return true;
    } catch (FileAlreadyExistsException busy) {
      return false;
    } catch (FileSystemException e) {
      if (isStaleHandle(e)) {
        return false; // what overlay mounts answer to the loser
      }
      throw e;
    }
  }

  /** A3: replaces an empty lock directory in one step. {@link #check} tells whether it did. */
  void publish(LockToken token) {
    listener.before(Step.PUBLISH);
    try {
      // Only ATOMIC_MOVE is rename(2); a plain move of a directory onto an empty one fails.
      Files.move(paths.prepared(token), paths.lock(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException hint) {
      // O1
    }
  }

  boolean preparedExists(LockToken token) {
    return Files.isDirectory(paths.prepared(token));
  }

  /**
   * A5: gives up, wherever the private directory may be by now: the token's names are nobody
   * else's.
   */
  void abandon(LockToken token) {
    discardPrepared(paths.prepared(token), token);
    try {
      if (opens(paths.claim(token))) {
        release(token);
      }
    } catch (IOException unreachable) {
      // The claim's process ends; others will find it dead.
    }
  }

  /** Claim first, so that no moment shows a claimed directory without its record. */
  static void discardPrepared(Path dir, LockToken token) {
    for (String name :
        new String[] {
          LockPaths.CLAIM_PREFIX + token, LockPaths.OWNER, LockPaths.HEARTBEAT,
        }) {
      deleteQuietly(dir.resolve(name));
    }
    deleteQuietly(dir);
  }

  /**
   * Where rename refuses an empty directory: makes room for A3 once the empty one has outlived its
   * grace.
   */
  void removeEmpty() {
    listener.before(Step.CLEAN_RMDIR);
    deleteQuietly(paths.lock());
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
      return false;
    } finally {
      deleteQuietly(from);
      deleteQuietly(to);
    }
  }

  // ---- holding -------------------------------------------------------------------------------

  /**
   * H1 to H3. False where the claim is gone. Trouble in H2 and H3 is not reported: those files
   * inform others, the claim alone decides, and every commit checks it again.
   */
  boolean beat(LockToken token, long sequence, OwnerRecord record) throws IOException {
    listener.before(Step.BEAT);
    if (!opens(paths.claim(token))) {
      return false;
    }
    try (FileChannel file =
        FileChannel.open(paths.heartbeat(), StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
      // In place: on a full disk the old block can still be overwritten, a truncated file could not
      // grow again.
      file.write(ByteBuffer.wrap(pulse(token, sequence)), 0);
    } catch (IOException uninformed) {
      return true;
    }
    if (!ownerNames(token)) {
      rewriteOwner(token, record);
    }
    return true;
  }

  /**
   * Whether the record is this owner's. Nobody else's text holds the token at the end of a member;
   * and each commit comes by here, so no JSON is parsed for it.
   */
  private boolean ownerNames(LockToken token) {
    try (InputStream in = Files.newInputStream(paths.owner())) {
      byte[] record = in.readNBytes(OwnerRecord.MAX_BYTES);
      return new String(record, StandardCharsets.ISO_8859_1).contains(":" + token + '"');
    } catch (IOException missing) {
      return false;
    }
  }

  /**
   * After a long wait: the record and heartbeat were written before it, and would make a new lock
   * look old at once.
   */
  void refresh(LockToken token, OwnerRecord record) throws IOException {
    if (beat(token, 1, record)) {
      rewriteOwner(token, record);
    }
  }

  /**
   * H3 at once, for a record that others must see before the owner goes on.
   *
   * @throws IOException where it cannot be seen that they do
   */
  void declare(LockToken token, OwnerRecord record) throws IOException {
    listener.before(Step.DECLARE);
    rewriteOwner(token, record);
    if (!Arrays.equals(record.toJson(), readRecord())) {
      throw new IOException("the record of the lock cannot be written: " + paths.owner());
    }
  }

  private void rewriteOwner(LockToken token, OwnerRecord record) {
    Path temporary = paths.lock().resolve(LockPaths.TEMP_PREFIX + token);
    try {
      Files.write(temporary, record.toJson());
      Files.move(temporary, paths.owner(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException uninformed) {
      deleteQuietly(temporary);
    }
  }

  /** ASCII, and never shorter than the one before it, so that rewriting in place leaves no tail. */
  private static byte[] pulse(LockToken token, long sequence) {
    return (token + " " + sequence + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  // ---- leaving -------------------------------------------------------------------------------

  /**
   * Removes a claim: the release when it is one's own, the break when it is another's. Idempotent
   * by the uniqueness of its name.
   */
  void removeClaim(LockToken token, Step why) throws IOException {
    listener.before(why);
    remove(paths.claim(token));
  }

  /**
   * Removes a file whose name is nobody else's, ever; one that is gone already is none the less.
   */
  static void remove(Path file) throws IOException {
    try {
      Files.delete(file);
    } catch (NoSuchFileException | NotDirectoryException done) {
      // O1: gone is gone
    } catch (FileSystemException e) {
      if (opens(file)) {
        throw e;
      }
    }
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
    removeClaim(own, Step.RELEASE);
    clean(own);
  }

  /** The private image of an owner that is no more: whatever it does, it cannot publish it. */
  void removeWork(LockToken token) {
    Path work = paths.work(token);
    deleteQuietly(work);
    deleteQuietly(work.resolveSibling(work.getFileName() + "-journal"));
  }

  private void clean(@Nullable LockToken own) throws IOException {
    for (int round = 0; round < CLEAN_ROUNDS; round++) {
      listener.before(Step.CLEAN_LIST);
      if (!(classify(own) instanceof LockState.Dead)) {
        return;
      }
      for (String name : listOrNothing(paths.lock())) {
        if (!name.startsWith(LockPaths.CLAIM_PREFIX)) {
          listener.before(Step.CLEAN_FILE);
          Path file = paths.lock().resolve(name);
          // FUSE says yes, and gives the file another silly name: then the next round moves it.
          boolean stays = round > 0 && LockPaths.isSilly(name);
          if (stays || (!deleteQuietly(file) && LockPaths.isSilly(name))) {
            moveAside(file);
          }
        }
      }
      listener.before(Step.CLEAN_RMDIR);
      try {
        Files.delete(paths.lock());
        return;
      } catch (NoSuchFileException done) {
        return;
      } catch (FileSystemException refilled) {
        // Not empty, or EBUSY, or ESTALE: look again.
      }
    }
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
    discardAside(aside);
  }

  /** Removes what {@link #moveAside} made, as far as it can be removed yet. */
  static void discardAside(Path aside) {
    for (String name : listOrNothing(aside)) {
      if (LockPaths.isSilly(name)) {
        deleteQuietly(aside.resolve(name));
      }
    }
    deleteQuietly(aside);
  }

  /** Whether that is a prepared directory or one for files moved aside. */
  static boolean isAside(Path prepared) {
    List<String> names = listOrNothing(prepared);
    return !names.isEmpty() && names.stream().allMatch(LockPaths::isSilly);
  }

  // ---- small change --------------------------------------------------------------------------

  static List<String> list(Path dir) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
      for (Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  private static List<String> listOrNothing(Path dir) {
    try {
      return list(dir);
    } catch (IOException gone) {
      return List.of();
    }
  }

  /** False where the reply was no; O1: whoever cares looks again. */
  static boolean deleteQuietly(Path path) {
    try {
      Files.delete(path);
      return true;
    } catch (IOException looked) {
      return false;
    }
  }

  static boolean isStaleHandle(FileSystemException e) {
    return reason(e).contains("Stale file handle");
  }

  private static boolean isNotDirectory(FileSystemException e) {
    return reason(e).contains("Not a directory");
  }

  private static String reason(FileSystemException e) {
    String reason = e.getReason();
    return reason == null ? "" : reason;
  }
}
