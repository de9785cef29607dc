package io.sqlitesafe.snapshot.manifest;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.Durable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a backup, kept beside it as {@code BACKUP.json}: one flat JSON object that other
 * programs may read. Members may be added, never changed; unknown ones are ignored.
 *
 * @param createdAt when the copy was taken
 * @param software what made it
 * @param source absolute path of the database that was copied
 * @param method {@code online}, {@code copy}, {@code vacuum}, ...
 * @param file the backup as it lies there
 * @param database what is in it
 * @param check how it was verified
 * @param longestStallMs how long the copy kept a writer waiting at most, in milliseconds
 */
public record Manifest(
    Instant createdAt,
    String software,
    String source,
    String method,
    Stored file,
    Content database,
    Check check,
    long longestStallMs) {
  /** The format's name, member {@code format}. */
  public static final String FORMAT = "sqlite-safe.manifest.v1";

  /** A longer file is none of ours. */
  public static final int MAX_BYTES = 64 * 1024;

  /**
   * The file as it lies there.
   *
   * @param name without its directory
   * @param bytes its size
   * @param sha256 of its bytes, 64 lower-case hexadecimal digits
   * @param compression of it
   */
  public record Stored(String name, long bytes, String sha256, Compression compression) {}

  /**
   * The database in it.
   *
   * @param bytes its size when decompressed
   * @param sha256 of those bytes; null where it was not computed
   * @param pageSize in bytes
   * @param pageCount pages
   * @param sqliteVersion of the library that made the copy
   * @param schemaVersion PRAGMA schema_version
   * @param userVersion PRAGMA user_version
   * @param applicationId PRAGMA application_id
   * @param sourceState what {@code --if-changed} compares: a text that is the same only as long as
   *     the source is; null where there is none
   */
  public record Content(
      long bytes,
      @Nullable String sha256,
      int pageSize,
      long pageCount,
      String sqliteVersion,
      long schemaVersion,
      long userVersion,
      long applicationId,
      @Nullable String sourceState) {}

  /**
   * How it was verified.
   *
   * @param level of the check
   * @param ok nothing was found; false where nothing was checked
   * @param warnings what was found but does not make the copy a bad one, such as foreign keys that
   *     are broken in the source too
   * @param complete every part could be checked
   * @param foreignKeys what was made of broken ones; null where nothing was said about it
   */
  public record Check(
      CheckLevel level,
      boolean ok,
      int warnings,
      boolean complete,
      @Nullable ForeignKeyMode foreignKeys) {
    /** Complete, with nothing said about foreign keys. */
    public Check(CheckLevel level, boolean ok, int warnings) {
      this(level, ok, warnings, true, null);
    }
  }

  /** Where the manifest of {@code backup} lies. */
  public static Path pathFor(Path backup) {
    return backup.resolveSibling(backup.getFileName() + ".json");
  }

  /**
   * Reads a manifest.
   *
   * @throws SqliteSafeException {@link ErrorKind#DAMAGED} where the file is no manifest or a broken
   *     one, {@link ErrorKind#FAILED} where it cannot be read
   */
  public static Manifest read(Path manifest) {
    try {
      return ManifestJson.read(content(manifest));
    } catch (ManifestJson.Malformed e) {
      throw malformed(manifest, e);
    }
  }

  /**
   * The manifest of {@code backup}, or null where there is none, or only a file of that name that
   * is not meant to be one (JSON without our {@code format}).
   *
   * @throws SqliteSafeException as {@link #read}
   */
  public static @Nullable Manifest beside(Path backup) {
    Path manifest = pathFor(backup);
    if (!Files.exists(manifest)) {
      return null;
    }
    try {
      return ManifestJson.read(content(manifest));
    } catch (ManifestJson.Malformed e) {
      if (e.isForeign()) {
        return null;
      }
      throw malformed(manifest, e);
    }
  }

  private static byte[] content(Path manifest) throws ManifestJson.Malformed {
    if (!Files.isRegularFile(manifest)) { // a FIFO would hang
      throw new ManifestJson.Malformed("it is not a regular file", false);
    }
    try (InputStream in = Files.newInputStream(manifest)) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw new ManifestJson.Malformed("it is longer than " + MAX_BYTES + " bytes", false);
      }
      return content;
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot read the manifest " + manifest + ": " + e.getMessage(),
          "make it readable, or move it away to do without it",
          e);
    }
  }

  private static SqliteSafeException malformed(Path manifest, ManifestJson.Malformed e) {
    return new SqliteSafeException(
        ErrorKind.DAMAGED,
        manifest + " is not a manifest of this program: " + e.getMessage(),
        "use another backup, or check this one without its manifest by moving that away",
        e);
  }

  /** One line of JSON and a newline, in UTF-8. */
  public byte[] toJson() {
    return ManifestJson.write(this);
  }

  /** Writes it beside {@code backup} so that it is there as a whole or not at all, and durable. */
  public void writeBeside(Path backup) throws IOException {
    Durable.replace(pathFor(backup), toJson());
  }
}
