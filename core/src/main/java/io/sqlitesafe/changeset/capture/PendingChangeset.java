package io.sqlitesafe.changeset.capture;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.FileKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A changeset that a crashed writer has left between its transaction and its publication; how it is
 * known which way to go is told at {@link Publication}.
 *
 * @param token from which the temporary name follows
 * @param bytes its length if it was ready, else -1
 */
public record PendingChangeset(Path record, Path file, String token, long bytes) {
  private static final int MOST_BYTES = 1 << 16;

  /** How it ended. */
  public enum End {
    /** The transaction was committed, and the changeset is now where it belongs. */
    PUBLISHED("published"),
    /** The transaction was not committed, or had no changes; nothing is left. */
    DISCARDED("discarded"),
    /** The rows contradict each other: the changes are kept under another name. */
    UNCERTAIN("uncertain"),
    /** It could not be dealt with; the next command tries again. */
    FAILED("failed");

    private final String id;

    End(String id) {
      this.id = id;
    }

    public String id() {
      return id;
    }
  }

  /**
   * What became of it.
   *
   * @param message for people
   */
  public record Outcome(Path file, End end, String message) {
    /** Whether somebody should look at it. */
    public boolean needsAttention() {
      return end == End.UNCERTAIN || end == End.FAILED;
    }
  }

  /**
   * Finishes or discards what the record tells of. The caller holds the exclusive lock and SQLite's
   * RESERVED lock, and has let the database recover.
   *
   * @return null where nothing was left behind
   */
  public static @Nullable Outcome resolve(Path record, Database database) {
    try {
      PendingChangeset pending = read(record);
      if (pending == null) {
        Files.deleteIfExists(record); // torn: its transaction never got to its commit
        return null;
      }
      return pending.resolve(database);
    } catch (IOException e) {
      return new Outcome(
          record, End.FAILED, "cannot deal with the unpublished changeset of " + record + ": " + e);
    }
  }

  private static @Nullable PendingChangeset read(Path record) throws IOException {
    String text;
    if (FileKind.isStrange(record)) {
      throw new IOException("it is not a regular file");
    }
    try (InputStream in = Files.newInputStream(record)) {
      text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    }
    // A line counts only with its end: the last may be torn.
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    if (lines.size() < 3
        || !lines.get(0).equals(Publication.HEAD)
        || !lines.get(1).matches("[0-9a-f]{16}")) {
      return null;
    }
    long bytes = -1;
    if (lines.size() > 3 && lines.get(3).matches(Publication.READY + " [0-9]{1,18}")) {
      bytes = Long.parseLong(lines.get(3).substring(Publication.READY.length() + 1));
    }
    return new PendingChangeset(
        record, Path.of(Publication.unescaped(lines.get(2))), lines.get(1), bytes);
  }

  private @Nullable Outcome resolve(Database database) throws IOException {
    Path temporary = Publication.temporary(file, token);
    Path parent = temporary.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return new Outcome(
          file,
          End.FAILED,
          "cannot finish the changeset " + file + ": its directory is not there at present");
    }
    if (!Files.exists(temporary)) {
      Files.deleteIfExists(record); // published or never made; only the record was left
      return null;
    }
    if (bytes < 0 || Files.size(temporary) != bytes || bytes == 0) {
      return discard(temporary);
    }
    return switch (evidence(temporary, database)) {
      case COMMITTED -> {
        Publication.rename(temporary, file);
        Files.deleteIfExists(record);
        yield new Outcome(
            file,
            End.PUBLISHED,
            "published the changeset "
                + file
                + " of a transaction whose writer had crashed after its commit");
      }
      case NOT_COMMITTED -> discard(temporary);
      case CONTRADICTORY -> keepAside(temporary);
    };
  }

  private CommitEvidence.Verdict evidence(Path temporary, Database database) throws IOException {
    try {
      return CommitEvidence.of(temporary, database.connection());
    } catch (SQLException | SqliteSafeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private Outcome discard(Path temporary) throws IOException {
    Files.deleteIfExists(temporary);
    Files.deleteIfExists(record);
    return new Outcome(
        file,
        End.DISCARDED,
        "discarded the changeset for " + file + " of a transaction that was never committed");
  }

  private Outcome keepAside(Path temporary) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".uncertain-" + token);
    Publication.rename(temporary, aside);
    Files.deleteIfExists(record);
    return new Outcome(
        file,
        End.UNCERTAIN,
        "cannot tell whether the changes in "
            + aside
            + " were committed before their writer crashed: other programs have changed the same"
            + " rows without the lock; compare them with the database, then apply or delete them");
  }
}
