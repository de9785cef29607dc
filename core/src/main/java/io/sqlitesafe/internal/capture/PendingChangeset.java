package io.sqlitesafe.internal.capture;

import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.OpenDirectory;
import io.sqlitesafe.internal.fs.OutputRule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A changeset that a crashed writer has left between its transaction and its publication; how it is
 * known which way to go is told at {@link ChangesetFile}.
 *
 * @param token from which the temporary name follows
 * @param bytes its length if it was ready, else -1
 */
public record PendingChangeset(Path record, Path file, String token, long bytes) {
  private static final int MOST_BYTES = 1 << 16;

  /**
   * How records are dealt with.
   *
   * @param ours a file of this process on the same file system, see {@link RecordOwner}
   * @param all whoever they belong to, because a person has said so
   */
  public record Settling(Path ours, boolean all) {}

  /**
   * Finishes or discards what the record tells of. The caller holds the exclusive lock and SQLite's
   * RESERVED lock, and has let the database recover.
   *
   * @return null where nothing was left behind
   */
  public static @Nullable PendingOutcome resolve(
      Path record, Database database, Settling settling) {
    try {
      if (FileKind.of(record, LinkOption.NOFOLLOW_LINKS) == FileKind.ABSENT) {
        return null;
      }
      String objection = RecordOwner.objection(record, database.file(), settling.ours());
      if (objection != null && !settling.all()) {
        return leftAlone(record, objection);
      }
      FileKind kind = FileKind.of(record, LinkOption.NOFOLLOW_LINKS);
      if (kind != FileKind.REGULAR) {
        Files.deleteIfExists(record);
        return new PendingOutcome(
            record,
            PendingOutcome.End.DISCARDED,
            "removed " + record + ", which was " + kind.words());
      }
      PendingChangeset pending = read(record);
      if (pending == null) {
        Files.deleteIfExists(record); // torn: its transaction never got to its commit
        return null;
      }
      return pending.resolve(database, settling);
    } catch (IOException e) {
      return new PendingOutcome(
          record,
          PendingOutcome.End.FAILED,
          "cannot deal with the unpublished changeset of " + record + ": " + IoErrors.reason(e));
    }
  }

  private static PendingOutcome leftAlone(Path record, String why) {
    return new PendingOutcome(
        record,
        PendingOutcome.End.LEFT_ALONE,
        record
            + ", which tells of a changeset that was not published, "
            + why
            + ": it was left alone, and no changeset can be published until its owner runs a"
            + " command on the database, or somebody writes with --resolve-pending");
  }

  private static @Nullable PendingChangeset read(Path record) throws IOException {
    String text;
    try (InputStream in = Files.newInputStream(record, LinkOption.NOFOLLOW_LINKS)) {
      text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    }
    // A line counts only with its end: the last may be torn.
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    if (lines.size() < 3
        || !lines.get(0).equals(ChangesetFile.HEAD)
        || !lines.get(1).matches("[0-9a-f]{16}")) {
      return null;
    }
    long bytes = -1;
    if (lines.size() > 3 && lines.get(3).matches(ChangesetFile.READY + " [0-9]{1,18}")) {
      bytes = Long.parseLong(lines.get(3).substring(ChangesetFile.READY.length() + 1));
    }
    try {
      Path file = Path.of(ChangesetFile.unescaped(lines.get(2)));
      boolean possible = file.isAbsolute() && file.getFileName() != null;
      return possible ? new PendingChangeset(record, file, lines.get(1), bytes) : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private @Nullable PendingOutcome resolve(Database database, Settling settling)
      throws IOException {
    Path home = file.resolveSibling("");
    if (!Files.isDirectory(home)) {
      return new PendingOutcome(
          file,
          PendingOutcome.End.FAILED,
          "cannot finish the changeset " + file + ": its directory is not there at present");
    }
    try (OpenDirectory directory = new OpenDirectory(home.toRealPath())) {
      return new Ending(directory, database, settling).run();
    }
  }

  /** What is done in the changeset's directory. */
  private final class Ending {
    private final OpenDirectory directory;
    private final Database database;
    private final boolean all;
    private final boolean own;
    private final Path temporary = ChangesetFile.temporary(file, token).getFileName();

    Ending(OpenDirectory directory, Database database, Settling settling) {
      this.directory = directory;
      this.database = database;
      this.all = settling.all();
      this.own = RecordOwner.of(record, settling.ours()).own();
    }

    @Nullable PendingOutcome run() throws IOException {
      BasicFileAttributes written = directory.look(temporary);
      if (written == null) {
        Files.deleteIfExists(record); // published or never made; only the record was left
        return null;
      }
      String objection = objection(written);
      if (objection != null) {
        return all ? forget(objection) : leftAlone(record, objection);
      }
      if (bytes < 0 || written.size() != bytes || bytes == 0) {
        return discard();
      }
      return switch (evidence()) {
        case COMMITTED -> finish();
        case NOT_COMMITTED -> discard();
        case CONTRADICTORY -> keepAside();
      };
    }

    /** Nothing is done to files that no such record can be about. */
    private @Nullable String objection(BasicFileAttributes written) throws IOException {
      String ofDatabase =
          new OutputRule()
              .database(database.file(), "the database")
              .objection(file.resolveSibling("").toRealPath().resolve(file.getFileName()));
      if (ofDatabase != null) {
        return "names a file that " + ofDatabase;
      }
      if (!written.isRegularFile() || !belongsToOwner(written)) {
        return "names a temporary file that is not its owner's";
      }
      BasicFileAttributes there = directory.look(file.getFileName());
      return own || there == null || belongsToOwner(there)
          ? null
          : "names a file that is not its owner's to replace, " + file;
    }

    private boolean belongsToOwner(BasicFileAttributes of) throws IOException {
      return !(of instanceof PosixFileAttributes posix)
          || posix.owner().equals(Files.getOwner(record, LinkOption.NOFOLLOW_LINKS));
    }

    private CommitEvidence.Verdict evidence() throws IOException {
      try (InputStream changes = directory.read(temporary)) {
        return CommitEvidence.of(changes, temporary.toString(), database.connection());
      } catch (SQLException | SqliteSafeException e) {
        throw new IOException(e.getMessage(), e);
      }
    }

    private PendingOutcome finish() throws IOException {
      BasicFileAttributes there = directory.look(file.getFileName());
      if (there != null && !there.isRegularFile()) {
        throw new IOException(file + " is not a regular file at present");
      }
      directory.rename(temporary, file.getFileName());
      Files.deleteIfExists(record);
      return new PendingOutcome(
          file,
          PendingOutcome.End.PUBLISHED,
          "published the changeset "
              + file
              + " of a transaction whose writer had crashed after its commit");
    }

    private PendingOutcome discard() throws IOException {
      directory.delete(temporary);
      Files.deleteIfExists(record);
      return new PendingOutcome(
          file,
          PendingOutcome.End.DISCARDED,
          "discarded the changeset for " + file + " of a transaction that was never committed");
    }

    private PendingOutcome keepAside() throws IOException {
      Path aside = file.resolveSibling(file.getFileName() + ".uncertain-" + token);
      if (directory.look(aside.getFileName()) == null) {
        directory.rename(temporary, aside.getFileName());
      } else {
        aside = file.resolveSibling(temporary);
      }
      Files.deleteIfExists(record);
      return new PendingOutcome(
          file,
          PendingOutcome.End.UNCERTAIN,
          "cannot tell whether the changes in "
              + aside
              + " were committed before their writer crashed: other programs have changed the same"
              + " rows without the lock; compare them with the database, then apply or delete"
              + " them");
    }

    /** It is settled because somebody said so; what it tells of stays as it is. */
    private PendingOutcome forget(String why) throws IOException {
      Files.deleteIfExists(record);
      return new PendingOutcome(
          file,
          PendingOutcome.End.UNCERTAIN,
          record
              + " "
              + why
              + ": it was removed, and nothing else was touched; changes may be in "
              + file.resolveSibling(temporary));
    }
  }
}
