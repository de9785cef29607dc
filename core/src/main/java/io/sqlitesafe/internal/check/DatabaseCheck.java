package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.ForeignKeyMode;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One check: of a file by the way that suits it, of a private copy, or of an open way to it.
 * Thread-safe.
 */
public record DatabaseCheck(CheckRequest request) {
  private CheckRequest heeding(@Nullable Manifest manifest) {
    return request.foreignKeys() == null && manifest != null
        ? request.withForeignKeys(manifest.check().foreignKeys())
        : request;
  }

  /** As {@link io.sqlitesafe.snapshot.IntegrityCheck#of}. */
  public CheckResult check(Path file) {
    long started = System.nanoTime();
    Database.requireFile(file, false);
    Path real = real(file);
    try (ManifestCheck manifest = ManifestCheck.begin(real, request.means().cancellation())) {
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
    if (!request.allowLinks() && names.any()) {
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
  public CheckResult checkPrivate(Path file) {
    long started = System.nanoTime();
    Findings findings = new Findings(request.maxErrors());
    long bytes = size(file);
    run(file, OpenMode.IMMUTABLE, true, findings);
    FileCheck.Result result = FileCheck.Result.of(findings);
    return report(file, started, bytes, result, CheckResult.ManifestVerdict.NONE);
  }

  private CheckResult report(
      Path file,
      long started,
      long bytes,
      FileCheck.Result result,
      CheckResult.ManifestVerdict manifest) {
    Findings findings = result.findings();
    return new CheckResult(
        file,
        request.level(),
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
  void run(Path file, OpenMode mode, boolean sizeTells, Findings findings) {
    CheckRequest.Means means = request.means();
    String first =
        (request.level() == CheckLevel.FULL ? "PRAGMA cache_size=-" + means.cacheKiB() + ";" : "")
            // What extensions bring may be used by the schema: that is what they are loaded for.
            + (means.loading().isEmpty() ? "PRAGMA trusted_schema=OFF;" : means.loading())
            + ConstraintCheck.WITHOUT_SQLITES_OWN;
    try (FileEnd end = new FileEnd(file)) {
      findings.during(() -> content(file, mode, first, sizeTells ? end : null, findings));
      if (sizeTells && findings.pageSize() == 0) {
        end.checkByHeader(findings);
      }
    }
  }

  private void content(
      Path file, OpenMode mode, String first, @Nullable FileEnd end, Findings findings) {
    CheckRequest.Means means = request.means();
    try (Database database =
        Database.open(file, mode, means.patience(), means.cancellation(), first)) {
      ForeignKeyMode asked = request.foreignKeys();
      new ContentCheck(
              database,
              mode == OpenMode.IMMUTABLE,
              request.level(),
              request.maxErrors(),
              asked == null ? ForeignKeyMode.CHECK : asked,
              means.cancellation(),
              findings)
          .run(end);
    }
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

  static SqliteSafeException unreadable(Path file, IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        "cannot read " + file + ": " + e.getMessage(),
        "look at the permissions, and at the medium (kernel log)",
        e);
  }
}
