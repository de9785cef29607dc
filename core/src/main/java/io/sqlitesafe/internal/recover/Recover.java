package io.sqlitesafe.internal.recover;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.copy.Source;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.file.Replacement;
import io.sqlitesafe.internal.host.Undisturbed;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.recover.RecoverRequest;
import io.sqlitesafe.recover.RecoverResult;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Gets out of a damaged database what is in it, into a new file. The damaged one is only read, and
 * not by SQLite: its header, its schema and its list of unused pages need not be right. The new one
 * is checked and comes into place as a backup does: in one step, and only where nothing is yet.
 *
 * <p>Thread-safe, no state. A file of any size needs little memory: about two bytes for each page,
 * and room for the largest value.
 */
public final class Recover {
  private Recover() {}

  /**
   * Recovers a database that others may be using: under the lock and SQLite's own SHARED lock where
   * they can be had; where not, a note says so.
   *
   * @param destination the new file
   * @param check of the new file, before it is put in place
   * @throws SqliteSafeException {@link ErrorKind#DAMAGED} where nothing can be read, {@link
   *     ErrorKind#UNSAFE} where the destination exists or has no room; nothing was written
   */
  public static RecoverResult run(
      Source source,
      Path destination,
      RecoverRequest request,
      ResultCheck check,
      SnapshotListener listener) {
    Path file = source.paths().database();
    Database.requireFile(file, false);
    return Undisturbed.run(
        source.cancellation(),
        () -> {
          try (DamagedFile damaged = DamagedFile.locked(source, request.journal())) {
            return new Run(
                    file, damaged, destination, request, check, source.cancellation(), listener)
                .run();
          } catch (IOException e) {
            throw unreadable(file, e);
          }
        });
  }

  /**
   * Recovers a file that nobody else uses, without locks.
   *
   * @param destination the new file
   */
  public static RecoverResult privately(
      Path file,
      Path destination,
      RecoverRequest request,
      ResultCheck check,
      Cancellation cancellation,
      SnapshotListener listener) {
    Database.requireFile(file, false);
    return Undisturbed.run(
        cancellation,
        () -> {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
              DamagedFile damaged = DamagedFile.of(channel, file, request.journal())) {
            return new Run(file, damaged, destination, request, check, cancellation, listener)
                .run();
          } catch (IOException e) {
            throw unreadable(file, e);
          }
        });
  }

  private static SqliteSafeException unreadable(Path file, IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        "cannot read " + file + ": " + e.getMessage(),
        "look at the permissions, and at the medium (kernel log)",
        e);
  }

  private record Run(
      Path file,
      DamagedFile damaged,
      Path destination,
      RecoverRequest request,
      ResultCheck check,
      Cancellation cancellation,
      SnapshotListener listener) {

    RecoverResult run() throws IOException {
      long started = System.nanoTime();
      requireNew();
      PageImage image = damaged.image();
      try (Replacement replacement = Replacement.begin(destination, file, damaged.size())) {
        Recovery.Outcome outcome =
            Recovery.run(
                image,
                damaged.size(),
                replacement.file(),
                destination,
                request,
                cancellation,
                listener);
        requireSomething(outcome);
        List<String> notes = new ArrayList<>(damaged.notes());
        notes.addAll(outcome.notes());
        listener.progress(SnapshotListener.Phase.VERIFYING, 0, Files.size(replacement.file()));
        ResultCheck.Checked checked = check.check(replacement.file(), cancellation);
        notes.addAll(checked.notes());
        cancellation.throwIfRequested();
        damaged.noteChange(notes);
        Replacement.sync(replacement.file());
        requireNew();
        replacement.replaceTarget(replacement.file(), null);
        return report(
            outcome, notes, checked.damage(), Duration.ofNanos(System.nanoTime() - started));
      }
    }

    private void requireNew() {
      if (Files.exists(destination)) {
        throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            "there is a file " + destination + " already",
            "name a new one; nothing was changed");
      }
      LockPaths paths = new LockPaths(destination);
      for (Path beside : List.of(paths.journal(), paths.wal())) {
        if (Files.exists(beside)) {
          throw new SqliteSafeException(
              ErrorKind.UNSAFE,
              "there is a journal " + beside + ", which belongs to another file",
              "name another file; nothing was changed");
        }
      }
    }

    private void requireSomething(Recovery.Outcome outcome) throws IOException {
      if (!outcome.salvaged().isEmpty()
          || outcome.lostAndFound() != null
          || outcome.deleted() != null
          || (outcome.schemaComplete() && outcome.layout().header())) {
        return;
      }
      boolean packed = Compression.detect(file) != Compression.NONE;
      throw new SqliteSafeException(
          ErrorKind.DAMAGED,
          "nothing could be read from " + file + ": it has no page of a table",
          packed
              ? "it is compressed: decompress it first"
              : "nothing was written; is it a SQLite database, and not encrypted? Look for a"
                  + " backup");
    }

    private RecoverResult report(
        Recovery.Outcome outcome, List<String> notes, List<String> problems, Duration elapsed) {
      Layout layout = outcome.layout();
      List<RecoverResult.Table> tables = new ArrayList<>();
      outcome.salvaged().forEach(table -> tables.add(table.report()));
      return new RecoverResult(
          destination,
          damaged.state(),
          layout.notes(),
          layout.pageSize(),
          layout.pages(),
          tables,
          outcome.lostAndFound(),
          outcome.deleted(),
          outcome.rebuilt(),
          outcome.notMade(),
          notes,
          outcome.schemaComplete(),
          layout.header(),
          damaged.isLogComplete(),
          damaged.isMixed(),
          problems,
          elapsed);
    }
  }
}
