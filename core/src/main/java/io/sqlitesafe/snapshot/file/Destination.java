package io.sqlitesafe.snapshot.file;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.FileUse;
import io.sqlitesafe.lock.LockManager;
import io.sqlitesafe.lock.LockPaths;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.StaleJudge.Verdict;
import io.sqlitesafe.snapshot.manifest.Compression;
import io.sqlitesafe.snapshot.manifest.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a copy goes.
 *
 * @param file its place, symbolic links resolved
 * @param named false where the name was made by a pattern, so that other backups of the same source
 *     lie beside it
 */
public record Destination(Path file, boolean named) {
  /** Names in a directory that was given as the destination. */
  public static final String DEFAULT_PATTERN = "{name}-{utc}.sqlite";

  private static final String DEFAULT_TIME = "yyyyMMdd'T'HHmmss'Z'";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{(name|file|utc)(?::([^}]*))?}");

  /**
   * Finds the place.
   *
   * @param text a file, a directory, or a pattern: {@code {name}} is the source's name without its
   *     extension, {@code {file}} with it, {@code {utc:FORMAT}} the time in UTC by {@link
   *     DateTimeFormatter}'s letters
   * @param compression whose suffix made-up names get
   */
  public static Destination of(
      String text, LockPaths source, Instant now, Compression compression) {
    Path given = path(text);
    String pattern = Files.isDirectory(given) ? given.resolve(DEFAULT_PATTERN).toString() : text;
    Matcher placeholders = PLACEHOLDER.matcher(pattern);
    if (!placeholders.find()) {
      return new Destination(resolved(given), true);
    }
    String name =
        placeholders.replaceAll(
            found ->
                Matcher.quoteReplacement(value(found.group(1), found.group(2), source, now, text)));
    boolean suffixed = name.toLowerCase(Locale.ROOT).endsWith(compression.suffix());
    return new Destination(resolved(path(suffixed ? name : name + compression.suffix())), false);
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (java.nio.file.InvalidPathException e) {
      throw new SqliteSafeException(ErrorKind.USAGE, "not a file name: " + e.getMessage(), null, e);
    }
  }

  private static String value(
      String placeholder, String argument, LockPaths source, Instant now, String text) {
    String file = String.valueOf(source.database().getFileName());
    switch (placeholder) {
      case "file":
        return file;
      case "name":
        int dot = file.lastIndexOf('.');
        return dot > 0 ? file.substring(0, dot) : file;
      default:
        try {
          return DateTimeFormatter.ofPattern(
                  argument == null ? DEFAULT_TIME : argument, Locale.ROOT)
              .format(now.atOffset(ZoneOffset.UTC));
        } catch (IllegalArgumentException | DateTimeException e) {
          throw new SqliteSafeException(
              ErrorKind.USAGE,
              "no time format in " + text + ": " + e.getMessage(),
              "for example {utc:yyyyMMdd'T'HHmmss'Z'}",
              e);
        }
    }
  }

  private static Path resolved(Path file) {
    try {
      return LockPaths.of(file).database();
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "there is no directory for " + file + " (" + e.getMessage() + ")",
          "make it; nothing was changed",
          e);
    }
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
    if (Set.of(source.journal(), source.wal(), source.shm(), source.lock()).contains(file)
        || Manifest.pathFor(file).equals(source.database())) {
      throw refused("belongs to the database " + source.database() + " itself");
    }
    if (!Files.exists(file)) {
      requireNoJournal();
      return;
    }
    if (isSame(source.database())) {
      throw refused("is the database itself, by this or another name");
    }
    if (!Files.isRegularFile(file)) {
      throw refused("is not a regular file");
    }
    requireUnused();
    requireNoJournal();
  }

  private boolean isSame(Path database) {
    try {
      return Files.isSameFile(file, database);
    } catch (IOException e) {
      throw Publication.failed("cannot look at " + file, e);
    }
  }

  /** Whoever has it open would go on reading and writing the file that is no longer there. */
  void requireUnused() {
    Set<Long> users = FileUse.openByOthers(file);
    if (!users.isEmpty()) {
      throw refused("is in use: pid " + users + " has it open").with("openBy", users);
    }
    LockPaths paths = new LockPaths(file);
    Verdict verdict = LockManager.of(paths).inspect(LockTimes.DEFAULT).verdict();
    if (!(verdict instanceof Verdict.Free || verdict instanceof Verdict.CleanNow)) {
      throw refused("is a database in use: there is a lock, " + paths.lock());
    }
  }

  /** SQLite would take a journal for the new file's, and roll pages of another file into it. */
  private void requireNoJournal() {
    LockPaths paths = new LockPaths(file);
    for (Path beside : new Path[] {paths.journal(), paths.wal()}) {
      if (hasContent(beside)) {
        throw refused("has a journal beside it, " + beside + ", which belongs to another file");
      }
    }
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
    return new SqliteSafeException(
            ErrorKind.UNSAFE,
            "the destination " + file + " " + why,
            "choose another; nothing was changed",
            null)
        .with("destination", file.toString());
  }
}
