package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.DatabaseCheck;
import io.sqlitesafe.internal.copy.GrowingDigest;
import io.sqlitesafe.internal.copy.Source;
import io.sqlitesafe.internal.file.WriteBack;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.ForeignKeyMode;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a finished copy before it is published. Forcing it to the device, checking it and
 * computing its digest are done at the same time: one waits for the device, the others for a
 * processor.
 *
 * @param report null where nothing was checked
 * @param sha256 of the file; null where it was not asked for
 */
record Verification(@Nullable CheckResult report, @Nullable String sha256) {
  /**
   * Does all that.
   *
   * @param file nobody else's
   * @param what the file is, for messages
   * @param keys what to make of broken foreign keys
   * @param digest what has been following the copy; null = none is wanted
   * @param writeBack of the file; null = it need not be on the device
   * @throws SqliteSafeException {@link ErrorKind#DAMAGED} where the copy is no good
   */
  static Verification of(
      Path file,
      long size,
      String what,
      Source source,
      CheckLevel level,
      @Nullable ForeignKeyMode keys,
      @Nullable GrowingDigest digest,
      @Nullable WriteBack writeBack)
      throws IOException {
    FutureTask<Boolean> sync = new FutureTask<>(() -> complete(writeBack));
    Thread thread = new Thread(sync, "sqlite-safe-sync");
    thread.setDaemon(true);
    thread.start();
    CheckResult report = null;
    try {
      if (level != CheckLevel.NONE) {
        report = check(file, what, source, level, keys);
      }
      String sha256 = digest == null ? null : digest.finish(size);
      return new Verification(report, sha256);
    } finally {
      await(sync);
    }
  }

  private static boolean complete(@Nullable WriteBack writeBack) throws IOException {
    if (writeBack != null) {
      writeBack.complete();
    }
    return true;
  }

  private static void await(FutureTask<Boolean> sync) throws IOException {
    while (true) {
      try {
        sync.get();
        return;
      } catch (InterruptedException nobodyDoes) {
        // the file is in use until it is done
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException io) {
          throw io;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  /** Checks; only damage is an error, not what the source has too. */
  static CheckResult check(
      Path file, String what, Source source, CheckLevel level, @Nullable ForeignKeyMode keys) {
    CheckResult report =
        new DatabaseCheck(
                CheckRequest.defaults()
                    .withLevel(level)
                    .withForeignKeys(keys)
                    .withPatience(source.patience())
                    .withCancellation(source.cancellation()))
            .checkPrivate(file);
    if (report.isDamaged()) {
      throw damaged(what, report);
    }
    return report;
  }

  static SqliteSafeException damaged(String what, CheckResult report) {
    List<String> problems = new ArrayList<>();
    report.problems().forEach(problem -> problems.add(problem.message()));
    return new SqliteSafeException(
            ErrorKind.DAMAGED,
            what
                + " is damaged: "
                + problems.get(0)
                + (problems.size() > 1 ? " (and " + (problems.size() - 1) + " more)" : ""),
            report.needsOnlyReindex()
                ? "nothing was changed; only indexes are wrong, and no row is lost: sqlite-safe"
                    + " write DB REINDEX puts them right"
                : "nothing was changed; look at it by: sqlite-safe integrity-check",
            null)
        .with("problems", problems);
  }

  /** What should be known although the copy is as good as its source. */
  List<String> warnings() {
    if (report == null || report.ok()) {
      return List.of();
    }
    return List.of(
        "the data itself has "
            + report.problems().size()
            + (report.problems().size() == 1 ? " problem" : " problems")
            + ", and so has the copy: "
            + report.problems().get(0).message()
            + (report.problems().stream().allMatch(p -> p.kind() == CheckResult.Kind.FOREIGN_KEY)
                ? " (if the program that owns it does not enforce foreign keys: --foreign-keys"
                    + " note)"
                : ""));
  }

  Manifest.Check forManifest(CheckLevel level, @Nullable ForeignKeyMode keys) {
    return report == null
        ? new Manifest.Check(CheckLevel.NONE, false, 0, true, keys)
        : new Manifest.Check(level, true, report.problems().size(), report.complete(), keys);
  }
}
