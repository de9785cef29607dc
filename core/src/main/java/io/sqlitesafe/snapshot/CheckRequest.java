package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.Cancellation;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to check a database. Immutable.
 *
 * @param level how thoroughly
 * @param maxErrors after how many problems to stop, of each kind
 * @param foreignKeys what to make of broken ones; null = as the manifest beside the file says, and
 *     else {@link ForeignKeyMode#CHECK}
 * @param allowLinks a person's word that nobody uses other names of the files
 * @param means what the check may take for it
 */
public record CheckRequest(
    CheckLevel level,
    int maxErrors,
    @Nullable ForeignKeyMode foreignKeys,
    boolean allowLinks,
    Means means) {
  public static final int DEFAULT_MAX_ERRORS = 100;

  /**
   * In a full check SQLite looks up every row in every index; with its own 2 MB most of these
   * look-ups are read from the file again. A quick check reads every page once.
   */
  public static final int DEFAULT_CACHE_KIB = 48 * 1024;

  /**
   * Time, room and memory.
   *
   * @param patience how long to wait for SQLite's locks of a live database
   * @param cancellation stops a running check
   * @param scratch directory for decompressed files
   * @param cacheKiB memory for SQLite's page cache in a full check
   * @param loading extensions for the connections: SQL of {@link io.sqlitesafe.sql.Extensions}
   */
  public record Means(
      Duration patience, Cancellation cancellation, Path scratch, int cacheKiB, String loading) {}

  /** Full, 100 problems, 30 s of patience, the system's temporary directory. */
  public static CheckRequest defaults() {
    Means means =
        new Means(
            Duration.ofSeconds(30),
            new Cancellation(),
            Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
            DEFAULT_CACHE_KIB,
            "");
    return new CheckRequest(CheckLevel.FULL, DEFAULT_MAX_ERRORS, null, false, means);
  }

  /** How thoroughly. */
  public CheckRequest withLevel(CheckLevel value) {
    return new CheckRequest(value, maxErrors, foreignKeys, allowLinks, means);
  }

  /** After how many problems to stop, of each kind. */
  public CheckRequest withMaxErrors(int value) {
    return new CheckRequest(level, value, foreignKeys, allowLinks, means);
  }

  /** What to make of broken foreign keys; null = as the manifest says. */
  public CheckRequest withForeignKeys(@Nullable ForeignKeyMode value) {
    return new CheckRequest(level, maxErrors, value, allowLinks, means);
  }

  /** A person's word that nobody uses other names of the files. */
  public CheckRequest withAllowLinks(boolean value) {
    return new CheckRequest(level, maxErrors, foreignKeys, value, means);
  }

  /** How long to wait for SQLite's locks. */
  public CheckRequest withPatience(Duration value) {
    return with(new Means(value, means.cancellation, means.scratch, means.cacheKiB, means.loading));
  }

  /** Stops the check from another thread. */
  public CheckRequest withCancellation(Cancellation value) {
    return with(new Means(means.patience, value, means.scratch, means.cacheKiB, means.loading));
  }

  /** A directory for decompressed files. */
  public CheckRequest withScratch(Path value) {
    return with(
        new Means(means.patience, means.cancellation, value, means.cacheKiB, means.loading));
  }

  /** Memory for SQLite's page cache. */
  public CheckRequest withCacheKiB(int value) {
    return with(new Means(means.patience, means.cancellation, means.scratch, value, means.loading));
  }

  /** With the functions, collations and modules of extensions: SQL of {@link Means#loading}. */
  public CheckRequest withLoading(String value) {
    return with(
        new Means(means.patience, means.cancellation, means.scratch, means.cacheKiB, value));
  }

  private CheckRequest with(Means value) {
    return new CheckRequest(level, maxErrors, foreignKeys, allowLinks, value);
  }
}
