package io.sqlitesafe.internal.owner;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.NamePolicy;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.mount.Use;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether an operation may come to a database, and taking the lock for it. Every refusal is here:
 * another mode of access than was asked for, a file system that would lose data, other names of the
 * file, a write-ahead log where it does not work.
 */
public final class Admission {
  private final Site site;
  private final LockPaths paths;
  private final Mount mount;

  public Admission(Site site) {
    this.site = site;
    this.paths = site.paths();
    this.mount = site.mount();
  }

  /** Takes the lock, or a share in a parent's. */
  public ExclusiveLock lock() {
    return enter(site.use(site.mode()), site.request(), false);
  }

  /**
   * As above, for who may keep it for further operations.
   *
   * @param listener is told what there is to say while the lock is held
   */
  ExclusiveLock lockToKeep(LockListener listener) {
    return enter(site.use(site.mode()), site.request().withListener(listener), true);
  }

  /**
   * For who has the lock from an operation before this one.
   *
   * @param before the names of the file that were seen then
   * @param old that is long ago
   * @return those seen now
   */
  OtherNames admitOwner(OtherNames before, boolean old) {
    if (site.terms().access() != null) {
      requireAgreement();
    }
    requireFit(Use.TRUSTED_ROLLBACK);
    LockRequest request = site.request().withAnyNames(site.terms().allowLinks());
    return site.manager().requireStillOneName(request, before, old);
  }

  /**
   * As {@link #lock}.
   *
   * @param patience how long to wait; null = for ever
   * @param listener what a later release has to say goes there
   */
  ExclusiveLock lock(@Nullable Duration patience, LockListener listener) {
    return enter(site.use(site.mode()), request(patience, listener), false);
  }

  /** As above, for who writes nothing: other names of the file do not matter. */
  ExclusiveLock lockToCopy(@Nullable Duration patience, LockListener listener) {
    return take(site.use(site.mode()), request(patience, listener).withAnyNames(true), false);
  }

  /**
   * Takes the lock for what the operator does while all users are stopped, to change to another
   * mode of access or away from a write-ahead log: the file system must be fit for {@code wanted}.
   */
  public ExclusiveLock lockFor(AccessMode wanted) {
    return enter(site.use(wanted), site.request(), false);
  }

  private LockRequest request(@Nullable Duration patience, LockListener listener) {
    return site.request().withPatience(patience).withListener(listener);
  }

  private ExclusiveLock enter(Use use, LockRequest request, boolean keeps) {
    paths.requireNoJournalName();
    paths.requireRoomForSuffixes(
        use == Use.TRUSTED_ROLLBACK ? AccessMode.TRUSTED : AccessMode.NETWORK_EXCLUSIVE);
    return take(use, request.withAnyNames(site.terms().allowLinks()), keeps);
  }

  private ExclusiveLock take(Use use, LockRequest request, boolean keeps) {
    requireAgreement();
    if (site.parent().isPresent()) {
      site.manager().requireOneName(request, false);
      return site.manager().inherit(site.parent().get());
    }
    requireFit(use);
    return site.manager().acquire(request, keeps);
  }

  /** Refuses where the caller asked for another mode of access than the database is marked with. */
  public void requireAgreement() {
    AccessMode wanted = site.terms().access();
    if (wanted != null && wanted != site.mode()) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          paths.database()
              + " is marked for "
              + site.mode().id()
              + " access, not for "
              + wanted.id(),
          "leave --access out; or stop all its users, then: sqlite-safe access "
              + ShellWord.of(paths.database())
              + " "
              + wanted.id(),
          null);
    }
  }

  // ---- other names of the file -----------------------------------------------------------------

  /**
   * Why what is read may not be what was last committed: the file has other names, and nobody has
   * said that they are not used. Null = no reason.
   */
  public @Nullable String doubt() {
    OtherNames names = OtherNames.of(paths.database(), mount);
    return names.any() && !site.terms().allowLinks() ? NamePolicy.doubt(paths, names) : null;
  }

  /** For who only reads: other names of the file are told of. */
  public void tellDoubt() {
    String doubt = doubt();
    if (doubt != null) {
      site.listener().advice(mount, doubt);
    }
  }

  // ---- the file system and the log -------------------------------------------------------------

  /** For who writes: refuses a file system that would lose data, and tells of a doubtful one. */
  private void requireFit(Use use) {
    if (mount.isQuestionable()) {
      FileSystemPolicy.require(mount, use, paths.database(), site.listener());
    }
  }

  /** For who only reads: a wrong answer can be asked for again, and data can be got out. */
  private void tellIfUnfit() {
    if (mount.isQuestionable()) {
      FileSystemPolicy.tell(mount, site.use(site.mode()), site.listener());
    }
  }

  /** For who reads: the file is there, and {@link #requireReadable}. */
  public void requireServed() {
    Database.requireFile(paths.database(), false);
    requireReadable();
  }

  /** Refuses a mode of access that is not meant, and a write-ahead log where it does not work. */
  public void requireReadable() {
    requireAgreement();
    if (site.isNetworkExclusive()) {
      refuseWal();
    } else if (mount.isNetwork()) {
      refuseWalOnNetwork();
    }
    tellIfUnfit();
  }

  /** A log on a network file system would lose commits. */
  public void refuseWalOnNetwork() {
    if (!Database.isWal(paths.database())) {
      return;
    }
    throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            paths.database()
                + " has a write-ahead log and lies on a network file system ("
                + mount.type()
                + "): writers on two hosts would lose commits or damage it",
            "stop all its users, then: sqlite-safe journal-mode "
                + ShellWord.of(paths.database())
                + " delete",
            null)
        .with("fileSystem", mount.type());
  }

  /** In network-exclusive access the log's index could be shared with nobody. */
  public void refuseWal() {
    if (Database.isWal(paths.database())) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          paths.database()
              + " has a write-ahead log, which does not work in network-exclusive access",
          "stop all its users, then: sqlite-safe journal-mode "
              + ShellWord.of(paths.database())
              + " delete");
    }
  }
}
