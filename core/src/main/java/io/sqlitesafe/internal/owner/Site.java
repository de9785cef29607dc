package io.sqlitesafe.internal.owner;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.FileTerms;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.mount.Use;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The facts of one operation: which database, where it lies, and how its caller wants it locked.
 * What it is marked with is looked at once. Holds nothing open; for any thread.
 */
public final class Site {
  private static final Duration FOREVER = Duration.ofDays(20);

  private final LockPaths paths;
  private final Mount mount;
  private final LockManager manager;
  private final LockRequest request;
  private final FileTerms terms;
  private final Optional<LockToken> parent;
  private volatile @Nullable AccessMode mode;

  private Site(
      LockPaths paths,
      Mount mount,
      LockManager manager,
      LockRequest request,
      FileTerms terms,
      Optional<LockToken> parent) {
    this.paths = paths;
    this.mount = mount;
    this.manager = manager;
    this.request = request;
    this.terms = terms;
    this.parent = parent;
  }

  /**
   * Looks at nothing but the name.
   *
   * @param parent the lock of a surrounding {@code with-lock}, in which to take part
   * @throws SqliteSafeException {@link ErrorKind#NO_DATABASE} where its directory is not there
   */
  public static Site of(
      Path name, LockRequest request, FileTerms terms, Optional<LockToken> parent) {
    return of(paths(name), request, terms, parent);
  }

  static Site of(
      LockPaths paths, LockRequest request, FileTerms terms, Optional<LockToken> parent) {
    Mount mount = Mount.ofResolved(paths.database()).assumed(terms.assumed());
    return new Site(paths, mount, LockManager.of(paths, mount), request, terms, parent);
  }

  static LockPaths paths(Path name) {
    try {
      return LockPaths.of(name);
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE,
          "there is no directory for " + name + " (" + e.getMessage() + ")",
          "check the name",
          e);
    }
  }

  /** Another database, on the same terms. */
  public Site of(Path other) {
    return of(other, request, terms, parent);
  }

  public LockPaths paths() {
    return paths;
  }

  /** The same, whatever the database is marked with; looked at anew. */
  public Site unmarked() {
    return new Site(paths, mount, manager, request, terms.withAccess(null), parent);
  }

  /** The same place on the same terms, for another operation. */
  Site again(LockRequest other, Optional<LockToken> within) {
    return new Site(paths, mount, manager, other, terms, within);
  }

  /** The file that is locked. */
  public Path file() {
    return paths.database();
  }

  public Mount mount() {
    return mount;
  }

  public LockManager manager() {
    return manager;
  }

  public LockRequest request() {
    return request;
  }

  public FileTerms terms() {
    return terms;
  }

  public Optional<LockToken> parent() {
    return parent;
  }

  public LockListener listener() {
    return request.listener();
  }

  public Cancellation cancellation() {
    return request.cancellation();
  }

  /** For how long to wait for the lock; null = for ever. */
  public @Nullable Duration patience() {
    return request.patience();
  }

  /** What is left of the patience after {@code waited}, for SQLite's own locks. */
  public Duration rest(Duration waited) {
    Duration patience = request.patience();
    if (patience == null) {
      return FOREVER;
    }
    Duration rest = patience.minus(waited);
    return rest.isNegative() ? Duration.ZERO : rest;
  }

  /** What the database is marked with, as seen once by this operation. */
  public AccessMode mode() {
    AccessMode seen = mode;
    if (seen == null) {
      seen = manager.access();
      mode = seen;
    }
    return seen;
  }

  /** Whether SQLite's own locks are not used. */
  public boolean isNetworkExclusive() {
    return mode() == AccessMode.NETWORK_EXCLUSIVE;
  }

  /** SQL that loads the extensions that were asked for, each time a connection is opened. */
  public String loading() {
    return terms.loading();
  }

  Use use(AccessMode of) {
    return of == AccessMode.TRUSTED
        ? Use.TRUSTED_ROLLBACK
        : terms.inPlace() ? Use.IN_PLACE : Use.PUBLISH;
  }

  /** Where a transaction under {@code lock} notes that its changeset is about to be published. */
  Path changesetRecord(ExclusiveLock lock) {
    return lock.access() == AccessMode.NETWORK_EXCLUSIVE
        ? paths.changesetPending(lock.token())
        : paths.changesetPending();
  }
}
