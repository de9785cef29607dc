package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.ConstraintCheck;
import io.sqlitesafe.internal.check.ContentCheck;
import io.sqlitesafe.internal.check.FileCheck;
import io.sqlitesafe.internal.check.FileEnd;
import io.sqlitesafe.internal.check.Findings;
import io.sqlitesafe.internal.check.ManifestCheck;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.fs.OtherNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Checks databases without changing anything in or beside them. Thread-safe; one object may check
 * many files at the same time.
 *
 * <p>What is found is in the report; exceptions are for files that could not be checked: {@link
 * ErrorKind#NO_DATABASE}, {@link ErrorKind#LOCK_BUSY}, {@link ErrorKind#UNSAFE} (no room for
 * decompression), {@link ErrorKind#FAILED}.
 *
 * <p>A database with a rollback journal is read under SQLite's SHARED lock, which makes writers
 * wait with their commit for as long as one statement of the check takes.
 *
 * @param level how thoroughly
 * @param maxErrors after how many problems to stop, of each kind
 * @param patience how long to wait for SQLite's locks of a live database
 * @param scratch directory for decompressed files
 * @param cacheKiB memory for SQLite's page cache in a full check
 * @param allowLinks a person's word that nobody uses other names of the files
 * @param cancellation stops a running check
 * @param foreignKeys what to make of broken ones; null = as the manifest beside the file says, and
 *     else {@link ForeignKeyMode#CHECK}
 * @param loading extensions for the connections: SQL of {@link
 *     io.sqlitesafe.internal.db.Extensions}
 */
public record IntegrityCheck(
    CheckLevel level,
    int maxErrors,
    Duration patience,
    Path scratch,
    int cacheKiB,
    boolean allowLinks,
    Cancellation cancellation,
    @Nullable ForeignKeyMode foreignKeys,
    String loading) {
  public static final int DEFAULT_MAX_ERRORS = 100;

  /**
   * In a full check SQLite looks up every row in every index; with its own 2 MB most of these
   * look-ups are read from the file again. A quick check reads every page once.
   */
  public static final int DEFAULT_CACHE_KIB = 48 * 1024;

  /** Full, 100 problems, 30 s of patience, the system's temporary directory. */
  public static IntegrityCheck defaults() {
    return new IntegrityCheck(
        CheckLevel.FULL,
        DEFAULT_MAX_ERRORS,
        Duration.ofSeconds(30),
        Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
        DEFAULT_CACHE_KIB,
        false,
        new Cancellation(),
        null,
        "");
  }

  public IntegrityCheck withLevel(CheckLevel value) {
    return new IntegrityCheck(
        value,
        maxErrors,
        patience,
        scratch,
        cacheKiB,
        allowLinks,
        cancellation,
        foreignKeys,
        loading);
  }

  public IntegrityCheck withMaxErrors(int value) {
    return new IntegrityCheck(
        level, value, patience, scratch, cacheKiB, allowLinks, cancellation, foreignKeys, loading);
  }

  public IntegrityCheck withPatience(Duration value) {
    return new IntegrityCheck(
        level, maxErrors, value, scratch, cacheKiB, allowLinks, cancellation, foreignKeys, loading);
  }

  public IntegrityCheck withScratch(Path value) {
    return new IntegrityCheck(
        level,
        maxErrors,
        patience,
        value,
        cacheKiB,
        allowLinks,
        cancellation,
        foreignKeys,
        loading);
  }

  public IntegrityCheck withCacheKiB(int value) {
    return new IntegrityCheck(
        level, maxErrors, patience, scratch, value, allowLinks, cancellation, foreignKeys, loading);
  }

  public IntegrityCheck withAllowLinks(boolean value) {
    return new IntegrityCheck(
        level, maxErrors, patience, scratch, cacheKiB, value, cancellation, foreignKeys, loading);
  }

  public IntegrityCheck withCancellation(Cancellation value) {
    return new IntegrityCheck(
        level, maxErrors, patience, scratch, cacheKiB, allowLinks, value, foreignKeys, loading);
  }

  public IntegrityCheck withForeignKeys(@Nullable ForeignKeyMode value) {
    return new IntegrityCheck(
        level, maxErrors, patience, scratch, cacheKiB, allowLinks, cancellation, value, loading);
  }

  /**
   * With the functions, collations and modules of extensions.
   *
   * @param value SQL of {@link io.sqlitesafe.internal.db.Extensions}
   */
  public IntegrityCheck withLoading(String value) {
    return new IntegrityCheck(
        level,
        maxErrors,
        patience,
        scratch,
        cacheKiB,
        allowLinks,
        cancellation,
        foreignKeys,
        value);
  }

  private IntegrityCheck heeding(@Nullable Manifest manifest) {
    return foreignKeys == null && manifest != null
        ? withForeignKeys(manifest.check().foreignKeys())
        : this;
  }

  /**
   * Checks any file: a live database, a backup, compressed or not, on media that cannot be written.
   * Where a manifest lies beside it, the file must be what it says.
   */
  public CheckReport check(Path file) {
    long started = System.nanoTime();
    Database.requireFile(file, false);
    Path real = real(file);
    try (ManifestCheck manifest = ManifestCheck.begin(real, cancellation)) {
      FileCheck.Result result =
          new FileCheck(heeding(manifest.manifest()), real, manifest.manifest()).run();
      if (manifest.manifest() == null && result.compression() == Compression.NONE) {
        doubt(real, result.findings());
      }
      long bytes = size(real);
      return report(
          file,
          started,
          bytes,
          result,
          manifest.finish(bytes, result.compression(), result.plain(), result.findings()));
    }
  }

  /** A database that another name may have changed; not a backup, which nobody changes. */
  private void doubt(Path real, Findings findings) {
    OtherNames names = OtherNames.of(real);
    if (!allowLinks && names.any()) {
      findings.unchecked(
          "the file "
              + names.text()
              + ": what is still in a journal or log of another name was not seen ("
              + names.cure()
              + ")");
    }
  }

  /**
   * Checks a plain database file that nobody else uses, such as a copy that is about to be
   * published: without locks, without looking for a manifest. A journal or write-ahead log beside
   * it would be ignored.
   */
  public CheckReport checkPrivate(Path file) {
    long started = System.nanoTime();
    Findings findings = new Findings(maxErrors);
    long bytes = size(file);
    run(file, Database.Mode.IMMUTABLE, true, findings);
    FileCheck.Result result = FileCheck.Result.of(findings);
    return report(file, started, bytes, result, CheckReport.ManifestVerdict.NONE);
  }

  private CheckReport report(
      Path file,
      long started,
      long bytes,
      FileCheck.Result result,
      CheckReport.ManifestVerdict manifest) {
    Findings findings = result.findings();
    return new CheckReport(
        file,
        level,
        findings.problems(),
        findings.truncated(),
        findings.complete(),
        findings.notes(),
        findings.pageSize(),
        findings.pageCount(),
        bytes,
        result.compression(),
        manifest,
        Duration.ofNanos(System.nanoTime() - started));
  }

  /**
   * Opens and checks.
   *
   * @param sizeTells the file's size must be that of its pages; not where a write-ahead log is in
   *     use
   */
  public void run(Path file, Database.Mode mode, boolean sizeTells, Findings findings) {
    String first =
        (level == CheckLevel.FULL ? "PRAGMA cache_size=-" + cacheKiB + ";" : "")
            // What extensions bring may be used by the schema: that is what they are loaded for.
            + (loading.isEmpty() ? "PRAGMA trusted_schema=OFF;" : loading)
            + ConstraintCheck.WITHOUT_SQLITES_OWN;
    try (FileEnd end = new FileEnd(file)) {
      findings.during(() -> content(file, mode, first, sizeTells ? end : null, findings));
      if (sizeTells && findings.pageSize() == 0) {
        end.checkByHeader(findings);
      }
    }
  }

  private void content(
      Path file, Database.Mode mode, String first, @Nullable FileEnd end, Findings findings) {
    try (Database database = Database.open(file, mode, patience, cancellation, first)) {
      ForeignKeyMode keys = foreignKeys == null ? ForeignKeyMode.CHECK : foreignKeys;
      boolean alone = mode == Database.Mode.IMMUTABLE;
      new ContentCheck(database, alone, level, maxErrors, keys, cancellation, findings).run(end);
    }
  }

  public static boolean needsRecovery(SqliteSafeException e) {
    return SqlErrors.needsRecovery(e);
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  public static SqliteSafeException unreadable(Path file, IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        "cannot read " + file + ": " + e.getMessage(),
        "look at the permissions, and at the medium (kernel log)",
        e);
  }
}
