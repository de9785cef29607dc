package io.sqlitesafe.internal.copy;

import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Copies by {@code VACUUM INTO}: compact, and slow. */
final class VacuumCopy implements CopyEngine {
  private static final Duration REPEAT = Duration.ofMillis(20);

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
    long size = job.reader().size(); // asks SQLite, so before the alarm, which interrupts anything
    AtomicBoolean tooLong = new AtomicBoolean();
    ScheduledExecutorService alarm = alarm(job, database, tooLong);
    try {
      // Even the copy counts as a write of this connection; the source itself is open read-only.
      database.execute("PRAGMA query_only=OFF");
      try (ReadWatch watch =
          ReadWatch.ofCopy(job.listener(), SnapshotListener.Phase.COPYING, size)) {
        // A URI, in which no name is an option, a quote or the end of the text.
        database.execute("VACUUM main INTO '" + Database.uri(job.target()) + "'");
      }
      requireInTime(job, tooLong);
    } catch (SQLException e) {
      requireInTime(job, tooLong);
      job.source().cancellation().throwIfRequested();
      throw e;
    } finally {
      silence(alarm);
      database.execute("PRAGMA query_only=ON");
    }
  }

  private static void requireInTime(Job job, AtomicBoolean tooLong) {
    if (tooLong.get()) {
      throw job.tooLong("VACUUM INTO took longer");
    }
  }

  /** A late interrupt would hit the statement after the copy. */
  private static void silence(ScheduledExecutorService alarm) {
    alarm.shutdownNow();
    try {
      var ignored = alarm.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
      // Again and again: an interrupt before the statement has begun is forgotten
      // (sqlite.org/c3ref/interrupt.html).
      var ignored =
          alarm.scheduleWithFixedDelay(
              () -> {
                tooLong.set(true);
                database.interrupt();
              },
              bound.toMillis(),
              REPEAT.toMillis(),
              TimeUnit.MILLISECONDS);
    }
    return alarm;
  }
}
