package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The names of protocol section 2, all derived from the database file after every symbolic link is
 * resolved, so that two names of one file lead to one lock.
 *
 * @param database the resolved database file
 */
public record LockPaths(Path database) {
  static final String OWNER = "owner.json";
  static final String HEARTBEAT = "heartbeat";
  static final String CLAIM_PREFIX = "claim.";
  static final String TEMP_PREFIX = "tmp.";

  /** What NFS clients, and file systems in user space, call a file that was unlinked while open. */
  private static final List<String> SILLY_PREFIXES = List.of(".nfs", ".fuse_hidden");

  static final String MARKER_PREFIX = "r.";
  private static final int MAX_LINKS = 40;

  /** Of nearly all file systems, in bytes. */
  private static final int LONGEST_NAME = 255;

  private static final int LONGEST = probeInfix().length() + LockToken.DIGITS;
  private static final int LONGEST_WORK =
      imageInfix().length() + LockToken.DIGITS + "-journal".length();

  private static final String[] JOURNALS = {"-journal", "-wal", "-shm"};

  /**
   * Resolves symbolic links. The file itself need not exist (a link may point to a file that is yet
   * to be created), its directory must.
   *
   * @throws IOException where the directory is missing or the links form a cycle
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} where a link of {@code /proc} leads to a
   *     file that cannot be reached by the name it shows: deleted, or in another name space
   */
  public static LockPaths of(Path database) throws IOException {
    LockPaths paths = resolve(database);
    if (!paths.database.equals(database.toAbsolutePath())
        && Files.exists(database)
        && !(Files.exists(paths.database) && Files.isSameFile(database, paths.database))) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          database + " leads to a file that is not " + paths.database + ", as its links say",
          "name the file by the directory that holds it: its journal and its lock lie there");
    }
    return paths;
  }

  private static LockPaths resolve(Path database) throws IOException {
    Path current = database.toAbsolutePath();
    for (int i = 0; i < MAX_LINKS; i++) {
      Path parent = current.getParent();
      Path name = current.getFileName();
      if (parent == null || name == null) {
        return new LockPaths(current.toRealPath());
      }
      if (name.toString().equals("..") || name.toString().equals(".")) {
        return new LockPaths(current.toRealPath());
      }
      Path file = parent.toRealPath().resolve(name);
      if (!Files.isSymbolicLink(file)) {
        return new LockPaths(file);
      }
      current = file.resolveSibling(Files.readSymbolicLink(file));
    }
    throw new IOException("too many levels of symbolic links: " + database);
  }

  /**
   * Refuses a name to which the suffixes of the protocol and of SQLite cannot be added.
   *
   * @param access the longest ones are of network-exclusive access
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  public void requireRoomForSuffixes(AccessMode access) {
    String name = databaseName();
    int most = LONGEST_NAME - (access == AccessMode.TRUSTED ? LONGEST : LONGEST_WORK);
    if (name.length() > most / 3) { // else it is short enough in any letters
      int bytes = name.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > most) {
        throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            "the name of "
                + database
                + " is too long: "
                + bytes
                + " bytes, and what lies beside a database has longer names",
            "rename the file (not by a symbolic link): in "
                + access.id()
                + " access a name has at most "
                + most
                + " bytes");
      }
    }
  }

  /**
   * Refuses a name that SQLite takes for the journal of another database: it would delete the file.
   *
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  public void requireNoJournalName() {
    String name = databaseName();
    for (String suffix : JOURNALS) {
      if (name.endsWith(suffix) && name.length() > suffix.length()) {
        Path other = database.resolveSibling(name.substring(0, name.length() - suffix.length()));
        if (Files.exists(other) || !Files.exists(database)) {
          throw new SqliteSafeException(
              ErrorKind.UNSAFE,
              database + " is the name of a journal of " + other + ": SQLite would delete it",
              "choose another name");
        }
      }
    }
  }

  /** {@code P}: the directory of the database. */
  public Path directory() {
    Path parent = database.getParent();
    return parent == null ? database : parent;
  }

  /** {@code L}: the lock directory. */
  public Path lock() {
    return sibling(".lock");
  }

  /** {@code K}: its existence marks the database as network-exclusive. */
  public Path readers() {
    return sibling(".lock.readers");
  }

  /** {@code W}: who waits, while somebody does. */
  public Path waiters() {
    return sibling(".lock.waiters");
  }

  /** {@code N(t)}: the private directory that is renamed onto {@link #lock()}. */
  public Path prepared(LockToken token) {
    return sibling(preparedInfix() + token);
  }

  Path claim(LockToken token) {
    return lock().resolve(CLAIM_PREFIX + token);
  }

  Path owner() {
    return lock().resolve(OWNER);
  }

  Path heartbeat() {
    return lock().resolve(HEARTBEAT);
  }

  /** How the names of probe files begin. */
  String probePrefix() {
    return databaseName() + probeInfix();
  }

  /** {@code K/r.<token>}: the marker of a reader. */
  Path marker(LockToken token) {
    return readers().resolve(MARKER_PREFIX + token);
  }

  /** {@code D.lock.work.<t>}: the private image that the owner of {@code token} works on. */
  public Path image(LockToken token) {
    return sibling(imageInfix() + token);
  }

  /** The rollback journal. */
  public Path journal() {
    return sibling("-journal");
  }

  /** The write-ahead log. */
  public Path wal() {
    return sibling("-wal");
  }

  /** The write-ahead log's shared-memory index. */
  public Path shm() {
    return sibling("-shm");
  }

  /** Tells of a changeset whose publication is under way. */
  public Path changesetPending() {
    return sibling(".changeset-pending");
  }

  /** Whether such a file is only there because somebody has it open. */
  static boolean isSilly(String name) {
    for (String prefix : SILLY_PREFIXES) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  /** As {@link #changesetPending()}, where each transaction has a record of its own. */
  public Path changesetPending(LockToken token) {
    return sibling(".changeset-pending." + token);
  }

  static String imageInfix() {
    return ".lock.work.";
  }

  static String preparedInfix() {
    return ".lock.new.";
  }

  static String probeInfix() {
    return ".lock.probe.";
  }

  public String databaseName() {
    return String.valueOf(database.getFileName());
  }

  Path sibling(String suffix) {
    return database.resolveSibling(databaseName() + suffix);
  }
}
