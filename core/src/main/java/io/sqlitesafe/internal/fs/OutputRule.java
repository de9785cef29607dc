package io.sqlitesafe.internal.fs;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file that is written must not be, for every option and command that names one: the
 * database or what belongs to it, an input that is still to be read, or another output of the same
 * command; by whatever name (symbolic and hard links, {@code /proc/self/fd/N}, {@code ..}). What is
 * put in place by a rename replaces a regular file or nothing; what is written through may be a
 * pipe or a character device too. A symbolic link stays one: what it leads to is meant.
 *
 * <p>Asked before any lock is taken and before anything is written. Nothing is opened that is not a
 * regular file. Mutable; for one thread.
 */
public final class OutputRule {
  /**
   * Something to keep off.
   *
   * @param file resolved
   * @param what for the message
   * @param database whether names beside it belong to it
   */
  private record Guard(Path file, String what, boolean database) {}

  private final List<Guard> guards = new ArrayList<>();

  /** Keeps off a database that is there or will be made, and off its companions. */
  public OutputRule database(Path file, String what) {
    return guard(file, what, true);
  }

  /** Keeps off a file that is read, or written by another option. {@code -} is none. */
  public OutputRule file(Path file, String what) {
    return file.toString().equals("-") ? this : guard(file, what, false);
  }

  /** Keeps off each of them. */
  public OutputRule files(List<Path> files, String what) {
    files.forEach(each -> file(each, what));
    return this;
  }

  private OutputRule guard(Path file, String what, boolean database) {
    try {
      guards.add(new Guard(ResolvedPath.of(file), what, database));
    } catch (IOException | InvalidPathException missing) {
      // The input's own reader says that; no output can be the same.
    }
    return this;
  }

  /**
   * Where a file is to be put in place by a rename.
   *
   * @param option who names it, for the message: {@code --changeset}
   * @return the name to put it under, which leads through no link
   * @throws SqliteSafeException {@link ErrorKind#USAGE} for a directory or where there is none,
   *     {@link ErrorKind#UNSAFE} for everything else that would be lost
   */
  public Path replaceable(Path given, String option) {
    return checked(given, option, false);
  }

  /**
   * Where a file is put in place or, if it is a pipe or a character device, written through.
   *
   * @return the name as given for the latter
   */
  public Path writable(Path given, String option) {
    return checked(given, option, true);
  }

  /**
   * Where lines are appended to a file that may be renamed away at any time.
   *
   * @return the name to open, which leads through no link
   */
  public Path appendable(Path given, String option) {
    try {
      FileKind kind = FileKind.of(given);
      if (kind == FileKind.PIPE || kind == FileKind.CHARACTER_DEVICE) {
        throw refused(given, option, "is " + kind.words() + ", to which no lines are appended");
      }
    } catch (IOException unknown) {
      // Said below.
    }
    return checked(given, option, false);
  }

  private Path checked(Path given, String option, boolean special) {
    try {
      FileKind kind = FileKind.of(given);
      switch (kind) {
        case PIPE, CHARACTER_DEVICE:
          if (special) {
            return given;
          }
          throw refused(given, option, "is " + kind.words() + ", and would be replaced");
        case DIRECTORY:
          throw usage(given + " (" + option + ") is a directory", "name a file in it");
        case REGULAR, ABSENT:
          break;
        default:
          throw refused(given, option, "is " + kind.words());
      }
      Path file = ResolvedPath.of(given);
      requireDirectory(given, file, option);
      String objection = PlantedLink.objection(given);
      if (objection == null) {
        objection = objection(file);
      }
      if (objection == null) {
        objection = ForeignFile.belonging(file);
      }
      if (objection == null && kind == FileKind.REGULAR) {
        objection = ForeignFile.objection(file);
      }
      if (objection != null) {
        throw refused(given, option, objection);
      }
      return file;
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw noDirectory(given, option);
    } catch (IOException e) {
      throw usage(
          "cannot write " + given + " (" + option + "): " + IoErrors.reason(e), "check the name");
    }
  }

  private static void requireDirectory(Path given, Path file, String option) {
    Path parent = file.getParent();
    if (parent == null || file.getFileName() == null || !Files.isDirectory(parent)) {
      throw noDirectory(given, option);
    }
  }

  private static SqliteSafeException noDirectory(Path given, String option) {
    return usage(
        "there is no directory for " + given + " (" + option + ")",
        "make it first; nothing was changed");
  }

  /**
   * Why {@code file} may not be written; null where nothing that is kept off is hit.
   *
   * @param file resolved
   */
  public @Nullable String objection(Path file) {
    for (Guard guard : guards) {
      if (isSame(file, guard.file)) {
        return "is " + guard.what + " itself, by this or another name";
      }
      if (guard.database && isCompanion(file, guard.file)) {
        return "belongs to " + guard.what + ", " + guard.file;
      }
    }
    return null;
  }

  /**
   * Why no text may be appended to {@code file}, whichever command prints it; null where it may.
   *
   * @param file resolved, a regular file
   */
  public @Nullable String objectionToAppending(Path file) {
    String objection = objection(file);
    return objection == null ? ForeignFile.objectionToAppending(file) : objection;
  }

  private static boolean isCompanion(Path file, Path database) {
    String name = String.valueOf(database.getFileName());
    Path home = database.getParent();
    // What lies in the lock's directory belongs to the database as well.
    for (Path each = file; each != null && home != null; each = each.getParent()) {
      Path parent = each.getParent();
      if (parent != null
          && Companions.isOf(name, String.valueOf(each.getFileName()))
          && isSame(parent, home)) {
        return true;
      }
    }
    Object key = key(file);
    return key != null
        && Companions.files(database).stream().anyMatch(each -> key.equals(key(each)));
  }

  private static boolean isSame(Path one, Path other) {
    return one.equals(other) || isSameFile(one, other);
  }

  private static boolean isSameFile(Path one, Path other) {
    Object key = key(one);
    return key != null && key.equals(key(other));
  }

  private static @Nullable Object key(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (IOException absent) {
      return null;
    }
  }

  private static SqliteSafeException refused(Path given, String option, String why) {
    return new SqliteSafeException(
            ErrorKind.UNSAFE,
            "the output " + given + " (" + option + ") " + why,
            "name another file; nothing was changed",
            null)
        .with("output", given.toString());
  }

  private static SqliteSafeException usage(String message, String hint) {
    return new SqliteSafeException(ErrorKind.USAGE, message, hint);
  }
}
