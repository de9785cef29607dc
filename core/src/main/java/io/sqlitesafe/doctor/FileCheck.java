package io.sqlitesafe.doctor;

import io.sqlitesafe.doctor.Advice.Topic;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.mount.FileMounts;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The file, its directory and what lies beside it, without opening any of them: a descriptor of the
 * database that is closed would drop SQLite's locks.
 */
final class FileCheck {
  private final LockPaths paths;
  private final Consumer<Advice> advice;

  FileCheck(LockPaths paths, Consumer<Advice> advice) {
    this.paths = paths;
    this.advice = advice;
  }

  void run() {
    try {
      names();
      directory();
      lock();
      if (supports("posix")) {
        PosixFileAttributes database = attributes(paths.database());
        for (Path beside : List.of(paths.wal(), paths.shm(), paths.journal())) {
          if (Files.exists(beside, LinkOption.NOFOLLOW_LINKS)) {
            compare(database, beside);
          }
        }
      }
    } catch (IOException e) {
      advise(paths.database(), "its attributes cannot be read: " + e.getMessage(), "look at it");
    }
  }

  /** Two names have two journals: what one process leaves, the other does not find. */
  private void names() {
    OtherNames names = OtherNames.of(paths.database());
    if (names.any()) {
      advise(paths.database(), names.text() + ": " + OtherNames.why(), names.cure());
    }
    for (String place : FileMounts.elsewhere(paths.database())) {
      advise(
          paths.database(),
          "is mounted at " + place + ", too (a file bind mount): " + OtherNames.why(),
          "mount the directory of the database instead of the file, wherever it is used");
    }
    for (Path journal : List.of(paths.journal(), paths.wal())) {
      OtherNames others = OtherNames.of(journal);
      if (others.any()) {
        advise(
            journal,
            others.text() + ": another database may be using it",
            "find out which name is in use, and remove the other");
      }
    }
  }

  private void directory() {
    Path directory = paths.directory();
    if (!Files.isWritable(directory) && Files.isWritable(paths.database())) {
      advise(
          directory,
          "the database may be written, but nothing be made beside it: no lock, no journal",
          "let those who write to the database write to its directory too");
    }
    Mount mount = Mount.of(directory);
    if (List.of(mount.options().split(",")).contains("ro")) {
      advice.accept(
          new Advice(
              Topic.NOTE,
              directory.toString(),
              "is mounted read-only",
              "the database can only be read here"));
    }
  }

  /**
   * What other programs lock by, or what nobody does: in both cases writers wait, or are refused.
   */
  private void lock() {
    LockManager.Obstruction found = LockManager.of(paths).obstruction();
    if (found != null) {
      advise(
          found.path(),
          "is " + found.text() + ": nobody else can lock the database meanwhile",
          found.advice());
    }
  }

  private void compare(PosixFileAttributes database, Path beside) throws IOException {
    PosixFileAttributes other = attributes(beside);
    String file = String.valueOf(beside.getFileName());
    if (!other.owner().equals(database.owner())) {
      advise(
          beside,
          "belongs to "
              + other.owner().getName()
              + ", the database to "
              + database.owner().getName(),
          "who may not write to " + file + " cannot use the database: give it the same owner");
    }
    Set<PosixFilePermission> missing = EnumSet.copyOf(database.permissions());
    missing.removeAll(other.permissions());
    if (!missing.isEmpty()) {
      advise(
          beside,
          "has the mode "
              + PosixFilePermissions.toString(other.permissions())
              + ", the database "
              + PosixFilePermissions.toString(database.permissions()),
          "who may write to the database, but not to " + file + ", cannot: give it the same mode");
    }
  }

  private boolean supports(String view) {
    return paths.database().getFileSystem().supportedFileAttributeViews().contains(view);
  }

  private static PosixFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private void advise(Path file, String message, String hint) {
    advice.accept(new Advice(Topic.FILES, file.toString(), message, hint));
  }
}
