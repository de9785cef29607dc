package io.sqlitesafe.probe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scratch directory of one process, removed with all that is in it when closed. Its name is
 * unique, and a file in it tells whose it is: what a killed process left is swept by the next one.
 */
final class Workspace implements AutoCloseable {
  private static final int MOST_REMOVALS = 8;
  private static final String MARK = "sqlite-safe-probe.";
  private static final String OWNER = "owner";

  /** Longer than any probe runs. */
  private static final Duration OLD = Duration.ofHours(2);

  private final Path path;

  private Workspace(Path path) {
    this.path = path;
  }

  static Workspace create(Path directory) {
    Path path = directory.resolve(MARK + LockToken.random());
    try {
      Files.createDirectory(path);
      Files.writeString(path.resolve(OWNER), Words.toLine(words(self())) + "\n");
      return new Workspace(path);
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot make a scratch directory in " + directory + ": " + IoErrors.reason(e),
          "a probe needs a directory that it may write to",
          e);
    }
  }

  private static ProcessIdentity self() {
    return ProcessTable.ofThisHost().self();
  }

  Path path() {
    return path;
  }

  String token() {
    return tokenOf(path);
  }

  static String tokenOf(Path workspace) {
    return String.valueOf(workspace.getFileName()).substring(MARK.length());
  }

  /** The scratch directories in {@code directory}, whoever made them. */
  static List<Path> in(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path entry : entries(directory)) {
      String name = String.valueOf(entry.getFileName());
      if (name.startsWith(MARK) && LockToken.isToken(name.substring(MARK.length()))) {
        found.add(entry);
      }
    }
    return found;
  }

  /**
   * As {@link #in}, and not what a client believes of {@code directory} for up to a minute. What it
   * is changed by, as {@link Barrier} does it, looks like a scratch directory, so that it is swept
   * if this process is killed meanwhile.
   */
  static List<Path> inNow(Path directory) throws IOException {
    Path change = Files.createDirectory(directory.resolve(MARK + LockToken.random()));
    Files.delete(change);
    return in(directory);
  }

  static List<Path> entries(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return entries;
  }

  /** Removes what killed processes left: of this host at once, of others when it is old. */
  static int sweep(Path directory) {
    int swept = 0;
    try {
      List<Path> all = in(directory);
      long now = all.isEmpty() ? 0 : Barrier.cross(all.get(0));
      for (Path each : all) {
        if (isDead(each) || now - made(each) > OLD.toMillis()) {
          remove(each);
          swept++;
        }
      }
    } catch (IOException nextTime) {
      // nothing depends on it
    }
    return swept;
  }

  /** When it was made; its own time changes with each look behind a barrier. */
  private static long made(Path workspace) throws IOException {
    Path owner = workspace.resolve(OWNER);
    return Files.getLastModifiedTime(Files.exists(owner) ? owner : workspace).toMillis();
  }

  /** Whether the process that made it is proven dead. */
  static boolean isDead(Path workspace) {
    ProcessIdentity owner = owner(workspace);
    if (owner == null) {
      return false;
    }
    Life life = ProcessTable.ofThisHost().lifeOf(owner);
    return life == Life.DEAD || life == Life.REBOOTED;
  }

  private static List<String> words(ProcessIdentity process) {
    List<String> words = new ArrayList<>();
    words.add(Long.toString(process.pid()));
    words.add(process.hostname());
    words.add(orEmpty(process.startTime()));
    words.add(orEmpty(process.bootId()));
    words.add(orEmpty(process.pidNamespace()));
    words.add(orEmpty(process.timeNamespace()));
    words.add(orEmpty(process.machineId()));
    return words;
  }

  private static @Nullable ProcessIdentity owner(Path workspace) {
    try {
      List<String> words = Words.ofLine(Files.readString(workspace.resolve(OWNER)).strip() + "\t");
      return new ProcessIdentity(
          Long.parseLong(words.get(0)),
          words.get(1),
          orNull(words.get(2)),
          orNull(words.get(3)),
          orNull(words.get(4)),
          orNull(words.get(5)),
          orNull(words.get(6)));
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException noneToBeRead) {
      return null;
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  /** Removes a directory; what cannot be removed stays, and is swept another time. */
  static void remove(Path path) {
    try {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        for (Path entry : entries(path)) {
          remove(entry);
        }
      }
      Files.deleteIfExists(path);
    } catch (IOException stays) {
      // Also where another removes the same, or a listing is old.
    }
  }

  /**
   * More than once: the other side may still be leaving, and FUSE keeps a removed file under
   * another name until it has heard of the last close.
   */
  @Override
  public void close() {
    for (int attempt = 1; attempt <= MOST_REMOVALS; attempt++) {
      remove(path);
      if (!Files.exists(path)) {
        return;
      }
      new Cancellation().sleep(Duration.ofMillis(50L * attempt));
    }
  }
}
