package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.manifest.ManifestJson;
import io.sqlitesafe.internal.manifest.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a backup, kept beside it as {@code BACKUP.json}: one flat JSON object that other
 * programs may read. Members may be added, never changed; unknown ones are ignored.
 *
 * @param format 1 or 2; the first one does not say of which host, and is not written any more
 * @param createdAt when the copy was taken
 * @param software what made it
 * @param identity of which database it is
 * @param method {@code online}, {@code copy}, {@code vacuum}, ...
 * @param file the backup as it lies there
 * @param database what is in it
 * @param check how it was verified
 * @param longestStallMs how long the copy kept a writer waiting at most, in milliseconds
 */
public record Manifest(
    int format,
    Instant createdAt,
    String software,
    Identity identity,
    String method,
    Stored file,
    Content database,
    Check check,
    long longestStallMs) {
  /** The format that is written: member {@code format} is {@code sqlite-safe.manifest.v2}. */
  public static final int FORMAT = 2;

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
   * @param empty there is no table in it; null where that was not recorded
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
      @Nullable Boolean empty,
      @Nullable String sourceState) {
    /** It may hold something; what is not known counts as content. */
    public boolean hasContent() {
      return bytes > 0 && !Boolean.TRUE.equals(empty);
    }
  }

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

  /** Absolute path of the database that was copied. */
  public String source() {
    return identity.source();
  }

  /**
   * A backup as it was found.
   *
   * @param bytes size of the file
   * @param sha256 of the file
   * @param compression of the file
   * @param plain the database in it; null where it cannot be decompressed
   */
  public record Found(long bytes, String sha256, Compression compression, @Nullable Plain plain) {}

  /**
   * The database in a backup, as it was found.
   *
   * @param bytes its size
   * @param sha256 of it
   * @param header what it says of itself
   */
  public record Plain(long bytes, String sha256, DatabaseHeader header) {}

  /**
   * Everything that the manifest says of a backup's content and that is not so; empty = it is as
   * its manifest says. Not compared is the name: files may be renamed.
   */
  public List<String> differences(Found found) {
    List<String> all = new ArrayList<>();
    compare(all, "bytes", found.bytes, file.bytes);
    compare(all, "SHA-256", found.sha256, file.sha256);
    compare(all, "compression", found.compression.id(), file.compression.id());
    if (found.plain != null) {
      compare(all, found, found.plain);
    }
    return all;
  }

  private void compare(List<String> all, Found found, Plain plain) {
    compare(all, "bytes of the database", plain.bytes, database.bytes);
    boolean same = plain.sha256.equals(found.sha256) && file.sha256.equals(database.sha256);
    if (database.sha256 != null && !same) { // else that is said already
      compare(all, "SHA-256 of the database", plain.sha256, database.sha256);
    }
    DatabaseHeader header = plain.header;
    compare(all, "page size", header.pageSize(), database.pageSize);
    compare(all, "page count", header.pageCount(), database.pageCount);
    if (format > 1) { // in the first one these were never compared, and others wrote it, too
      compare(all, "schema version", header.schema(), database.schemaVersion);
      compare(all, "user version", header.user(), database.userVersion);
      compare(all, "application id", header.application(), database.applicationId);
    }
  }

  private static void compare(List<String> all, String what, Object is, Object said) {
    if (!is.toString().equals(said.toString())) {
      all.add(what + ": it is " + is + ", the manifest says " + said);
    }
  }

  /**
   * Whether {@code backup} is the very file that this was written for, by its size and its
   * checksum. Reads all of it.
   */
  public boolean describes(Path backup, Cancellation cancellation) throws IOException {
    return Files.size(backup) == file.bytes && Sha256.of(backup, cancellation).equals(file.sha256);
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
