package io.sqlitesafe.doctor;

import io.sqlitesafe.doctor.Advice.Topic;
import io.sqlitesafe.internal.fs.FileUse;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Consumer;

/** Pages that hold nothing, a write-ahead log that has outgrown its database, and the header. */
final class SizeCheck implements Check {
  private static final long MIB = 1 << 20;

  /** SQLite moves the log into the database at 4 MB; so much more means that it never can. */
  private static final long LARGE_LOG = 64 * MIB;

  @Override
  public void run(Patient patient, Consumer<Advice> advice) {
    String file = String.valueOf(patient.paths().database().getFileName());
    long page = patient.handle().integer("PRAGMA page_size");
    long pages = patient.handle().integer("PRAGMA page_count");
    long free = patient.handle().integer("PRAGMA freelist_count");
    if (free * page > MIB && free > pages / 4) {
      advice.accept(
          new Advice(
              Topic.SIZE,
              file,
              (free * page / MIB) + " of " + (pages * page / MIB) + " MiB are free pages",
              "they are used again as it grows; to give them back: sqlite-safe vacuum-into, and"
                  + " restore"));
    }
    long log = size(patient);
    if (log > LARGE_LOG && log > pages * page / 2) {
      advice.accept(
          new Advice(
              Topic.SIZE,
              String.valueOf(patient.paths().wal().getFileName()),
              "the write-ahead log has "
                  + (log / MIB)
                  + " MiB: readers that never end keep it growing"
                  + readers(patient),
              "look for them with inspect-lock, then: sqlite-safe checkpoint"));
    }
    if (patient.handle().integer("PRAGMA application_id") == 0) {
      advice.accept(
          new Advice(
              Topic.NOTE,
              file,
              "has no application_id: nothing in the file says whose it is",
              "PRAGMA application_id, or write --create --application-id"));
    }
  }

  /** This process reads too, and is not meant. */
  private static String readers(Patient patient) {
    List<FileUse.SqliteLock> locks = FileUse.inTheWay(patient.paths().database());
    return locks.isEmpty()
        ? ""
        : "; at this moment "
            + String.join(", ", locks.stream().map(FileUse.SqliteLock::text).toList());
  }

  private static long size(Patient patient) {
    try {
      return Files.size(patient.paths().wal());
    } catch (IOException notThere) {
      return 0;
    }
  }
}
