package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.OtherLock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The removal of another program's lock, on a person's word. Nothing in it tells whose it is or
 * whether that one lives; what this host shows of its use is looked at first. Used once.
 */
final class ForeignBreak {
  /** proper-lockfile touches its directory every 5 s. */
  private static final Duration JUST_NOW = Duration.ofSeconds(15);

  private final LockDirectory directory;
  private final LockPaths paths;
  private final LockObserver.Sight sight;

  ForeignBreak(LockDirectory directory, LockObserver.Sight sight) {
    this.directory = directory;
    this.paths = directory.paths();
    this.sight = sight;
  }

  /** What was (or in a dry run would be) removed; null where there was nothing of the kind. */
  @Nullable OtherLock run(boolean force, boolean dryRun) throws IOException {
    if (sight.verdict() instanceof Verdict.Foreign foreign) {
      throw LockManager.foreign(paths, foreign.reason());
    }
    if (!(sight.verdict() instanceof Verdict.Other other)) {
      return ours();
    }
    refuseUsed(other, force);
    if (!dryRun) {
      remove(other.kind());
    }
    return other.kind();
  }

  private @Nullable OtherLock ours() {
    if (sight.verdict() instanceof Verdict.Free) {
      return null;
    }
    throw new SqliteSafeException(
        ErrorKind.LOCK_BUSY,
        paths.lock() + " is no other program's lock, but one of this protocol",
        "nothing was touched; without --foreign, break-stale judges its owner: sqlite-safe"
            + " break-stale "
            + paths.database(),
        null);
  }

  private void refuseUsed(Verdict.Other other, boolean force) {
    if (other.kind() == OtherLock.UNREADABLE) {
      throw Busy.exception(paths, sight, Duration.ZERO);
    }
    boolean file = other.kind() == OtherLock.FILE;
    List<String> locked = file ? FileUse.locks(paths.lock()) : List.of();
    if (!locked.isEmpty()) {
      throw used(other, locked, "it is never removed while a process has it locked; stop that one");
    }
    List<String> signs = signs(other);
    if (file && !force) {
      signs.add(0, "it may be a living one of py-filelock's SoftFileLock, or of another host");
    }
    if (!force && !signs.isEmpty()) {
      throw used(other, signs, "if you know that nobody uses it: --foreign --force");
    }
  }

  /** What speaks for a living owner, on this host. */
  private List<String> signs(Verdict.Other other) {
    List<String> signs = new ArrayList<>();
    Set<Long> users = FileUse.openByOthers(paths.database());
    if (!users.isEmpty()) {
      signs.add("the database is open in pid " + users);
    }
    if (hasContent(paths.journal())) {
      signs.add("there is a journal of a transaction, " + paths.journal());
    }
    boolean recent = other.age() != null && other.age().compareTo(JUST_NOW) < 0;
    if (recent && other.kind() == OtherLock.EMPTY_DIRECTORY) {
      signs.add("it was made or touched just now");
    }
    return signs;
  }

  /** A journal whose transaction is over is missing, empty or begins with a zero. */
  private static boolean hasContent(Path journal) {
    if (FileKind.isStrange(journal)) {
      return true;
    }
    try (InputStream in = Files.newInputStream(journal, LinkOption.NOFOLLOW_LINKS)) {
      return in.read() > 0;
    } catch (IOException none) {
      return PlainFiles.isThere(journal);
    }
  }

  private SqliteSafeException used(Verdict.Other other, List<String> signs, String hint) {
    return new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            paths.lock() + " is " + Busy.describe(sight) + ": " + String.join("; ", signs),
            "nothing was touched; " + hint,
            null)
        .with("foreign", other.kind().id())
        .with("signs", signs);
  }

  private void remove(OtherLock kind) throws IOException {
    try {
      Files.delete(paths.lock());
    } catch (IOException e) {
      throw Forbidden.orThrow(paths, e).exception(null, Duration.ZERO);
    }
    if (directory.classify().equals(new LockState.Other(kind))) {
      throw new SqliteSafeException(
          ErrorKind.LOCK_BUSY,
          paths.lock() + " was removed, and made anew at once: another program is at work",
          "stop it before you run this again",
          null);
    }
  }
}
