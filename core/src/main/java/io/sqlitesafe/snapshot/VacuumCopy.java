package io.sqlitesafe.snapshot;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.lock.ExclusiveLock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Copies by {@code VACUUM INTO}: compact, and slow. */
final class VacuumCopy implements CopyEngine {
  @Override
  public BackupMethod method() {
    return BackupMethod.VACUUM;
  }

  @Override
  public @Nullable GrowingDigest run(Job job) throws SQLException {
    boolean stalls = !job.reader().isWal();
    job.progress(0, 0);
    try (ExclusiveLock door = stalls ? job.closeDoor() : null) {
      if (stalls) {
        job.stalls().begin();
      }
      vacuum(job);
    } finally {
      job.stalls().end();
    }
    return null;
  }

  private static void vacuum(Job job) throws SQLException {
    Database database = job.reader().database();
    AtomicBoolean tooLong = new AtomicBoolean();
    ScheduledExecutorService alarm = alarm(job, database, tooLong);
    try {
      // Even the copy counts as a write of this connection; the source itself is open read-only.
      database.execute("PRAGMA query_only=OFF");
      String target = job.target().toString().replace("'", "''");
      Patience.of(job.source()).run(() -> database.execute("VACUUM main INTO '" + target + "'"));
    } catch (SQLException e) {
      if (tooLong.get()) {
        throw job.tooLong("VACUUM INTO took longer");
      }
      job.source().cancellation().throwIfRequested();
      throw e;
    } finally {
      alarm.shutdownNow();
      database.execute("PRAGMA query_only=ON");
    }
  }

  private static ScheduledExecutorService alarm(Job job, Database database, AtomicBoolean tooLong) {
    ScheduledExecutorService alarm =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "sqlite-safe-alarm");
              thread.setDaemon(true);
              return thread;
            });
    Duration bound = job.stalls().bound();
    if (bound != null && !job.reader().isWal()) {
      var ignored =
          alarm.schedule(
              () -> {
                tooLong.set(true);
                database.interrupt();
              },
              bound.toMillis(),
              TimeUnit.MILLISECONDS);
    }
    return alarm;
  }
}
