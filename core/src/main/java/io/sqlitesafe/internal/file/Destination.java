package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a copy goes.
 *
 * @param file its place, symbolic links resolved
 * @param named false where the name was made by a pattern, so that other backups of the same source
 *     lie beside it
 */
public record Destination(Path file, boolean named) {
  /** What names of databases end in: a number is put before it, so that patterns still match. */
  private static final Pattern ENDING =
      Pattern.compile("(?i)((\\.(sqlite3?|db3?|s3db|sl3))?(\\.(gz|zst))?)$");

  /**
   * Finds the place.
   *
   * @param makeDirectory make the directory, with those above it, where it is missing
   * @throws SqliteSafeException {@link ErrorKind#FAILED} where there is no directory
   */
  public static Destination of(NamePattern name, boolean makeDirectory) {
    Path directory = Replacement.directory(name.path());
    try {
      if (makeDirectory) {
        Files.createDirectories(directory);
      }
      if (Files.isDirectory(directory)) {
        return new Destination(LockPaths.of(name.path()).database(), name.named());
      }
    } catch (IOException e) {
      throw noDirectory(directory, e);
    }
    throw noDirectory(directory, null);
  }

  private static SqliteSafeException noDirectory(Path directory, @Nullable IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        (Files.exists(directory)
                ? directory + " cannot be used as a directory"
                : "there is no directory " + directory)
            + (e == null ? "" : " (" + IoErrors.reason(e) + ")"),
        "nothing was changed; mount or make it, or let --make-directory make it",
        e);
  }

  /**
   * Another name of the same kind, for where the first one is taken.
   *
   * @param n 1 = the name itself
   */
  public Path numbered(int n) {
    if (n == 1) {
      return file;
    }
    String name = String.valueOf(file.getFileName());
    Matcher ending = ENDING.matcher(name);
    int at = ending.find() && ending.start() > 0 ? ending.start() : name.length();
    return file.resolveSibling(name.substring(0, at) + "-" + n + name.substring(at));
  }

  /** The directory. */
  public Path directory() {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }

  /**
   * Refuses what would be lost or damaged by a file put in its place.
   *
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  public void requireHarmless(LockPaths source) {
    OutputRule rule = new OutputRule().database(source.database(), "the database");
    String objection = rule.objection(file);
    if (objection != null) {
      throw refused(objection);
    }
    objection = rule.objection(Manifest.pathFor(file));
    if (objection != null) {
      throw refused("cannot have a manifest: " + Manifest.pathFor(file) + " " + objection);
    }
    FileKind kind = kind();
    if (kind == FileKind.ABSENT) {
      requireNoJournal();
      return;
    }
    if (kind != FileKind.REGULAR) {
      throw refused("is " + kind.words());
    }
    requireUnused();
  }

  private FileKind kind() {
    try {
      return FileKind.of(file, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw Replacement.failed("cannot look at " + file, e);
    }
  }

  /** Whoever has it open would go on reading and writing the file that is no longer there. */
  void requireUnused() {
    Set<Long> users = FileUse.openByOthers(file);
    if (!users.isEmpty()) {
      throw refused("is in use: open in " + FileUse.processes(users)).with("openBy", users);
    }
    LockPaths paths = new LockPaths(file);
    Verdict verdict = LockManager.of(paths).inspect(LockTimes.DEFAULT).verdict();
    if (!(verdict instanceof Verdict.Free || verdict instanceof Verdict.CleanNow)) {
      throw refused("is a database in use: there is a lock, " + paths.lock());
    }
  }

  /** SQLite would take a journal for the new file's, and roll pages of another file into it. */
  public void requireNoJournal() {
    Path journal = journal();
    if (journal != null) {
      throw refused("has a journal beside it, " + journal + ", which belongs to another file");
    }
  }

  /** A journal or a write-ahead log with content beside it; null where there is none. */
  public @Nullable Path journal() {
    LockPaths paths = new LockPaths(file);
    return hasContent(paths.journal())
        ? paths.journal()
        : hasContent(paths.wal()) ? paths.wal() : null;
  }

  private static boolean hasContent(Path journal) {
    try {
      return Files.size(journal) > 0;
    } catch (IOException absent) {
      return false;
    }
  }

  /** Whether a manifest of ours lies beside {@code file}, whole or broken. */
  static boolean hasManifest(Path file) {
    try {
      return Manifest.beside(file) != null;
    } catch (SqliteSafeException broken) {
      return true;
    }
  }

  /** The manifest's place may be taken by a file that has nothing to do with backups. */
  public void requireRoomForManifest() {
    Path manifest = Manifest.pathFor(file);
    if (Files.exists(manifest) && !hasManifest(file)) {
      throw refused("cannot have a manifest: " + manifest + " is another file");
    }
  }

  private SqliteSafeException refused(String why) {
    return refused(why, "choose another; nothing was changed");
  }

  /** That this destination is not to be written to. */
  public SqliteSafeException refused(String why, String hint) {
    return new SqliteSafeException(
            ErrorKind.UNSAFE, "the destination " + file + " " + why, hint, null)
        .with("destination", file.toString());
  }
}
