package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.lock.Holder;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A lock that might be removed, if only this user might remove it.
 *
 * @param paths whose lock it is
 * @param what stands in the way, fit for a message
 * @param owner of what stands in the way
 */
record Forbidden(LockPaths paths, String what, String owner) {
  static Forbidden where(LockPaths paths) {
    return new Forbidden(paths, "the lock directory " + paths.lock(), ownerOf(paths.lock()));
  }

  /** A private directory of another acquirer that must go first. */
  static Forbidden evicting(LockPaths paths, String name) {
    Path other = paths.directory().resolve(name);
    return new Forbidden(paths, "the directory " + other, ownerOf(other));
  }

  /** Where that is what {@code e} says. */
  static Forbidden orThrow(LockPaths paths, IOException e) throws IOException {
    if (!isDenial(e)) {
      throw e;
    }
    return where(paths);
  }

  /** EACCES, EPERM and EROFS. */
  static boolean isDenial(IOException e) {
    String reason = e instanceof FileSystemException f ? String.valueOf(f.getReason()) : "";
    return e instanceof AccessDeniedException
        || reason.contains("Operation not permitted")
        || reason.contains("Read-only file system");
  }

  static String ownerOf(Path path) {
    try {
      return Holder.printable(Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName());
    } catch (IOException | UnsupportedOperationException unknown) {
      return "its owner";
    }
  }

  /**
   * The words for it.
   *
   * @param holder whose lock it is, which is dead; null where nobody can be named
   */
  SqliteSafeException exception(@Nullable Holder holder, Duration waited) {
    return exception(holder, holder == null ? "" : ", which is dead", waited);
  }

  /** As above, of one that was to be removed by force: nobody has looked whether it is dead. */
  SqliteSafeException exceptionByForce(Holder holder) {
    return exception(holder, "", Duration.ZERO);
  }

  private SqliteSafeException exception(
      @Nullable Holder holder, String judgement, Duration waited) {
    String whose =
        holder == null
            ? "the lock of " + paths.database() + " is left over"
            : paths.database() + " is locked by " + holder.describe() + judgement;
    SqliteSafeException e =
        new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            whose
                + ", but this user may not remove "
                + what
                + " (owner "
                + owner
                + "); waited "
                + Busy.text(waited),
            hint(holder),
            null);
    if (holder != null) {
      Busy.tell(e, holder);
    }
    return e.with("lockOwner", owner).with("waitedMs", waited.toMillis());
  }

  /** Who can remove it. Only in trusted access may the whole directory be moved aside. */
  private String hint(@Nullable Holder holder) {
    String next = "the next command of " + owner + (owner.equals("root") ? "" : " or of root");
    if (holder == null || PlainFiles.isThere(paths.readers())) {
      return next + " removes it";
    }
    return next
        + " removes it; so can the owner of "
        + paths.directory()
        + ", and who else may rename in it: sqlite-safe break-stale --owner "
        + holder.token()
        + " --force "
        + ShellWord.of(paths.database());
  }
}
