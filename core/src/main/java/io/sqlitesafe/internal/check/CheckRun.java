package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Checks many files at the same time. */
public final class CheckRun {
  private static final int MIN_CACHE_KIB = 8 * 1024;

  private CheckRun() {}

  /**
   * What became of one file: either is null.
   *
   * @param report what was found
   * @param error why it could not be checked
   */
  public record Checked(
      Path file, @Nullable CheckResult report, @Nullable SqliteSafeException error) {}

  /**
   * Checks every file.
   *
   * @param jobs how many at the same time; they share its cache
   * @param sink told of every file in the given order, on the calling thread, as soon as it can be
   * @throws SqliteSafeException where the check was interrupted
   */
  public static void all(CheckRequest request, List<Path> files, int jobs, Consumer<Checked> sink) {
    int threads = Math.min(jobs, files.size());
    int cache = Math.max(MIN_CACHE_KIB, request.means().cacheKiB() / threads);
    CheckRequest each = request.withCacheKiB(cache);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<Checked>> running = new ArrayList<>();
    try {
      files.forEach(file -> running.add(pool.submit(() -> one(each, file))));
      for (Future<Checked> future : running) {
        sink.accept(future.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException bug) {
        throw bug;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new SqliteSafeException(ErrorKind.INTERRUPTED, "interrupted", null, e);
    } finally {
      // Those not begun are dropped; the others have files of theirs to remove.
      running.forEach(future -> future.cancel(false));
      pool.shutdown();
      awaitEnd(pool);
    }
  }

  private static void awaitEnd(ExecutorService pool) {
    try {
      while (!pool.awaitTermination(1, TimeUnit.HOURS)) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Checked one(CheckRequest request, Path file) {
    request.means().cancellation().throwIfRequested();
    try {
      return new Checked(file, new DatabaseCheck(request).check(file), null);
    } catch (SqliteSafeException e) {
      request.means().cancellation().throwIfRequested();
      return new Checked(file, null, e);
    }
  }
}
