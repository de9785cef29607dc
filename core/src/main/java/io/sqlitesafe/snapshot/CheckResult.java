package io.sqlitesafe.snapshot;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a check found in one file.
 *
 * @param file as it was named
 * @param level of the check
 * @param problems everything found, at most as many as were asked for; empty = nothing is wrong
 * @param truncated there were more problems than were asked for
 * @param complete every part could be checked
 * @param notes what is no damage but should be known, such as why a part could not be checked
 * @param pageSize in bytes; 0 where it could not be found out
 * @param pageCount pages of the database, 0 where it could not be found out
 * @param bytes size of the file, before decompression
 * @param compression of the file
 * @param manifest what became of the comparison with the manifest beside the file
 * @param elapsed time it took
 */
public record CheckResult(
    Path file,
    CheckLevel level,
    List<Problem> problems,
    boolean truncated,
    boolean complete,
    List<String> notes,
    int pageSize,
    long pageCount,
    long bytes,
    Compression compression,
    ManifestVerdict manifest,
    Duration elapsed) {

  /** Nothing is wrong. */
  public boolean ok() {
    return problems.isEmpty();
  }

  /**
   * True where the file itself is damaged; false where nothing is wrong, or where only rules of the
   * data are broken, which a faithful copy shares with its source ({@link Kind#CONSTRAINT}, {@link
   * Kind#FOREIGN_KEY}, {@link Kind#DRIFT}).
   */
  public boolean isDamaged() {
    return problems.stream().anyMatch(p -> p.kind().damage());
  }

  /**
   * True where all damage is that indexes do not match their tables: no row is lost, and {@code
   * REINDEX} makes them anew. SQLite looks at the pages of every tree first, so what a truncated
   * report leaves out is no page.
   */
  public boolean needsOnlyReindex() {
    return isDamaged() && problems.stream().allMatch(p -> !p.kind().damage() || p.isOfIndex());
  }

  /** Whether a manifest was there, and whether it was right. */
  public enum ManifestVerdict {
    NONE,
    MATCH,
    MISMATCH
  }

  /** What a problem is about. */
  public enum Kind {
    /** The file as a whole: its size, or that it cannot be read as a database. */
    FILE("file", true),
    /** The file is not what its manifest says. */
    MANIFEST("manifest", true),
    /** Found by SQLite's integrity check. */
    INTEGRITY("integrity", true),
    /** A value is against NOT NULL, CHECK or the type of its column. */
    CONSTRAINT("constraint", false),
    /** A row refers to one that is not there. */
    FOREIGN_KEY("foreign-key", false),
    /** A full-text index is broken. */
    FULL_TEXT("full-text", true),
    /** A full-text index does not say what the table says that it was made of. */
    DRIFT("full-text-drift", false);

    private final String id;
    private final boolean damage;

    Kind(String id, boolean damage) {
      this.id = id;
      this.damage = damage;
    }

    /** The name in JSON. */
    public String id() {
      return id;
    }

    /** Whether the file is damaged, and not only against rules of its data. */
    public boolean damage() {
      return damage;
    }
  }

  /**
   * One thing that is wrong.
   *
   * @param message in SQLite's words where it is SQLite's finding
   * @param table null where it is not known
   * @param index null where it is none's, or not known
   * @param page number from 1, null where it is not known
   * @param rowid null where it is no row's, or of a table without rowids
   * @param parent the table referred to, of a foreign key
   */
  public record Problem(
      Kind kind,
      String message,
      @Nullable String table,
      @Nullable String index,
      @Nullable Long page,
      @Nullable Long rowid,
      @Nullable String parent) {

    /** An entry of an index is missing, or one too many, in SQLite's words. */
    boolean isOfIndex() {
      return kind == Kind.INTEGRITY
          && index != null
          && page == null
          && (message.startsWith("wrong # of entries in index ")
              || (message.startsWith("row ") && message.contains(" missing from index "))
              || message.contains(" values differ from index "));
    }

    public static Problem of(Kind kind, String message) {
      return new Problem(kind, message, null, null, null, null, null);
    }

    public static Problem of(Kind kind, String message, String table) {
      return new Problem(kind, message, table, null, null, null, null);
    }
  }
}
