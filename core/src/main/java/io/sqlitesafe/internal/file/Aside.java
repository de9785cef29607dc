package io.sqlitesafe.internal.file;

import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.fs.FileLikeness;
import io.sqlitesafe.internal.fs.PendingFile;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A database that was moved aside, with its journals, under one new name, which keeps them
 * together: SQLite finds a journal by its database's name.
 *
 * @param from where it was
 * @param to where it is now
 */
public record Aside(Path from, Path to) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT);
  private static final List<String> JOURNALS = List.of("-journal", "-wal", "-shm");

  /** Whether there is anything beside {@code database} that must go where it goes. */
  public static boolean hasJournals(Path database) {
    return JOURNALS.stream().anyMatch(suffix -> Files.exists(with(database, suffix)));
  }

  /**
   * Moves it. First all files get their second names, so that a crash loses none; then the first
   * names go, the database's before its journals', for a database without its hot journal would be
   * taken for a good one. Where there are no journals the database keeps its name until another
   * file replaces it, and is never missing.
   *
   * @param mark what the new name says, as in {@code app.db.MARK-20260301T233005Z}
   */
  public static Aside move(Path database, String mark) throws IOException {
    Path to = claim(database, mark);
    List<String> suffixes = new ArrayList<>(List.of(""));
    suffixes.addAll(JOURNALS);
    suffixes.removeIf(suffix -> Files.notExists(with(database, suffix)));
    List<String> linked = new ArrayList<>();
    for (String suffix : suffixes) {
      if (isLinked(with(to, suffix), with(database, suffix))) {
        linked.add(suffix);
      }
    }
    Durable.syncDirectory(Replacement.directory(to));
    Aside aside = new Aside(database, to);
    if (suffixes.equals(List.of("")) && linked.equals(suffixes)) {
      return aside;
    }
    for (String suffix : suffixes) {
      if (linked.contains(suffix)) {
        Files.delete(with(database, suffix));
      } else {
        Files.move(with(database, suffix), with(to, suffix), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    Durable.syncDirectory(Replacement.directory(to));
    return aside;
  }

  private static Path with(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** Makes it a second name, if it is not yet; false where the file system has none. */
  private static boolean isLinked(Path second, Path file) throws IOException {
    try {
      if (Files.exists(second)) {
        return Files.isSameFile(second, file);
      }
      Files.createLink(second, file);
      return true;
    } catch (UnsupportedOperationException | FileSystemException cannot) {
      return false;
    }
  }

  /** A name that nobody else has or gets: with the file's second name, or empty. */
  private static Path claim(Path database, String mark) throws IOException {
    String time = TIME.format(Instant.now().atOffset(ZoneOffset.UTC));
    String name = database.getFileName() + "." + mark + "-" + time;
    for (int i = 1; ; i++) {
      Path to = database.resolveSibling(i == 1 ? name : name + "-" + i);
      if (Files.notExists(to, LinkOption.NOFOLLOW_LINKS)
          && Files.notExists(Manifest.pathFor(to), LinkOption.NOFOLLOW_LINKS)
          && (Files.notExists(database) || isClaimed(to, database))) {
        return to;
      }
    }
  }

  private static boolean isClaimed(Path to, Path database) throws IOException {
    try {
      if (!isLinked(to, database)) {
        Files.createFile(to);
      }
      return true;
    } catch (FileAlreadyExistsException somebodyElse) {
      return false;
    }
  }

  /** Gives a copy of the manifest the new name too; the first one is for others to replace. */
  public void keepManifest() throws IOException {
    if (Files.isRegularFile(Manifest.pathFor(from))) {
      Path manifest = Manifest.pathFor(from);
      try (FileChannel copy = PendingFile.openNew(Manifest.pathFor(to))) {
        Files.copy(manifest, Channels.newOutputStream(copy));
        FileLikeness.of(manifest).applyOrNarrower(copy, Manifest.pathFor(to));
      }
    }
  }

  /** Moves everything back, journals first, for the same reason as in {@link #move}. */
  public void putBack() throws IOException {
    if (Files.exists(from) && Files.isSameFile(to, from)) {
      // Its second name; renaming one name of a file to another does nothing.
      Files.delete(to);
    } else {
      for (String suffix : new String[] {"-journal", "-wal", "-shm", ""}) {
        if (Files.exists(with(to, suffix))) {
          Files.move(with(to, suffix), with(from, suffix), StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
    Files.deleteIfExists(Manifest.pathFor(to));
  }
}
