package io.sqlitesafe.internal.copy;

import io.sqlitesafe.internal.file.PageCopy;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.snapshot.BackupMethod;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Copies a database with a rollback journal, page by page as it lies in the file.
 *
 * <p>In turns: each turn holds SHARED for some milliseconds, and writers commit between them. What
 * was copied is a database if nobody did. That is known from the change counter, as SQLite reads it
 * with each lock, and is all that SQLite's own backup interface relies on too: a writer that put
 * pages into the file without committing holds EXCLUSIVE until it has rolled them back, so that no
 * turn sees them.
 *
 * <p>Held: SHARED for the whole copy, which commits have to wait for. Between commits that come
 * faster than a copy takes there is no other way. (Copying first without a lock and then only
 * comparing under it does not shorten the wait: measured, comparing 1.6 GB takes 0.25 s and copying
 * it 0.29 s.)
 */
final class RollbackCopy implements CopyEngine {
  private static final int MOST_PASSES = 10;
  private static final int PATIENT_PASSES = 3;
  private static final Duration LONGER_TURN = Duration.ofMillis(50);

  private final boolean inTurns;

  RollbackCopy(boolean inTurns) {
    this.inTurns = inTurns;
  }

  @Override
  public BackupMethod method() {
    return BackupMethod.COPY;
  }

  @Override
  public @Nullable GrowingDigest run(Job job) throws IOException {
    try (FileChannel out = FileChannel.open(job.target(), StandardOpenOption.WRITE)) {
      PageCopy pages = new PageCopy(job.reader().channel(), out);
      if (!inTurns) {
        if (!held(job, pages, out)) {
          throw job.tooLong("copying took longer");
        }
        return null;
      }
      return converge(job, pages, out);
    }
  }

  private static @Nullable GrowingDigest converge(Job job, PageCopy pages, FileChannel out)
      throws IOException {
    for (int pass = 1; pass <= MOST_PASSES; pass++) {
      Turns turns = new Turns(job, pages, out);
      if (turns.run()) {
        return turns.digest;
      }
      // It came far: the next commit may well come after the next pass.
      boolean promising = turns.position > turns.size / 2 && pass < PATIENT_PASSES;
      if (!promising && turns.fitsIntoBound() && held(job, pages, out)) {
        return null;
      }
      job.source()
          .cancellation()
          .sleep(Duration.ofMillis(ThreadLocalRandom.current().nextLong(5, 20L + 20L * pass)));
    }
    throw job.tooLong("others commit more often than it can be copied in between");
  }

  /** One pass in turns. */
  private static final class Turns {
    private final Job job;
    private final PageCopy pages;
    private final FileChannel out;
    private @Nullable GrowingDigest digest;
    private long position;
    private long size;
    private long nanos;

    Turns(Job job, PageCopy pages, FileChannel out) {
      this.job = job;
      this.pages = pages;
      this.out = out;
    }

    /** True where nobody committed meanwhile. */
    boolean run() throws IOException {
      boolean done = false;
      digest = job.digest() ? GrowingDigest.of(job.target()) : null;
      job.startWriteBack();
      try {
        done = copy();
        return done;
      } finally {
        if (!done) {
          job.stopWriteBack();
          if (digest != null) {
            digest.close();
          }
        }
      }
    }

    private boolean copy() throws IOException {
      long version = 0;
      boolean first = true;
      do {
        long now = job.reader().pin();
        job.stalls().begin();
        try {
          if (first) {
            size = job.reader().size();
            version = now;
            first = false;
          } else if (now != version) {
            return false;
          }
          turn();
        } finally {
          job.reader().unpin();
          job.stalls().end();
        }
        job.progress(position, size);
      } while (position < size);
      out.truncate(size);
      return true;
    }

    private void turn() throws IOException {
      long began = System.nanoTime();
      if (position < size) {
        position = pages.advance(position, size, job.stalls().turn());
      }
      nanos += System.nanoTime() - began;
      if (digest != null) {
        digest.advance(position);
      }
    }

    /** Whether a held copy can be expected to end in time, at the speed seen so far. */
    boolean fitsIntoBound() {
      Duration bound = job.stalls().bound();
      return bound == null || position == 0 || (double) nanos / position * size < bound.toNanos();
    }
  }

  /** False where it would have kept writers waiting for too long. */
  private static boolean held(Job job, PageCopy pages, FileChannel out) throws IOException {
    try (ExclusiveLock door = job.closeDoor()) {
      if (door != null) {
        job.stalls().begin();
      }
      job.reader().pin();
      job.stalls().begin();
      try {
        long size = job.reader().size();
        for (long position = 0; position < size; ) {
          if (job.stalls().overdue()) {
            return false;
          }
          position = pages.advance(position, size, LONGER_TURN);
          job.progress(position, size);
        }
        out.truncate(size);
        return true;
      } finally {
        job.reader().unpin();
      }
    } finally {
      job.stalls().end();
    }
  }
}
