package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.recover.RecoverRequest;
import io.sqlitesafe.recover.RecoverResult;
import io.sqlitesafe.snapshot.SnapshotListener;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.OpenMode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** A recovery whose result is a script, by way of a database in a scratch directory. */
public final class RecoveredSql {
  private RecoveredSql() {}

  /** Prints the script to standard output. */
  public static RecoverResult print(
      SafeDatabase safe,
      RecoverRequest request,
      SnapshotListener listener,
      Path scratch,
      Console console) {
    try (OutputStream out = new BufferedOutputStream(console.results())) {
      return write(safe, request, listener, scratch, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RecoverResult write(
      SafeDatabase safe,
      RecoverRequest request,
      SnapshotListener listener,
      Path scratch,
      OutputStream out)
      throws IOException {
    try (Scratch directory = Scratch.create(scratch, 0)) {
      Path file = directory.directory().resolve("recovered.db");
      RecoverResult report = safe.recover(file, request, listener);
      try (Database database =
          Database.open(file, OpenMode.IMMUTABLE, Duration.ZERO, new Cancellation())) {
        Handle handle = database.unguarded();
        for (String pragma :
            new String[] {
              "encoding", "page_size", "auto_vacuum", "user_version", "application_id"
            }) {
          Object value = handle.value("PRAGMA " + pragma);
          String literal = value instanceof String text ? "'" + text + "'" : String.valueOf(value);
          String statement = "PRAGMA " + pragma + "=" + literal + ";\n";
          out.write(statement.getBytes(StandardCharsets.UTF_8));
        }
        new Dump(handle, out, Dump.Request.ALL).run();
        out.flush();
      }
      return report;
    }
  }
}
