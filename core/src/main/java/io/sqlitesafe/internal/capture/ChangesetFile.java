package io.sqlitesafe.internal.capture;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.fs.FileLikeness;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.PendingFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes a changeset file appear together with the commit of the transaction that it describes.
 *
 * <p>Two files cannot change in one step, so the order is: the record {@code DB.changeset-pending}
 * is made, naming the file; the changes are written beside the file under a temporary name and
 * synced; the record is marked ready and synced with its directory; COMMIT; the temporary file is
 * renamed and its directory synced; the record is removed. All of it happens under the exclusive
 * lock, and up to COMMIT under SQLite's RESERVED lock.
 *
 * <p>Whoever next opens the database under the exclusive lock and finds a record, finishes or
 * discards ({@link PendingChangeset}). A record that is not marked ready means that there was no
 * commit. For one that is, the question is whether COMMIT happened, and the database itself answers
 * it: once a hot journal is rolled back, either all of the changes are in it or none. So its rows
 * are compared with the changes: after-images mean committed, before-images mean not. Other
 * witnesses were considered and are worse: the change counter in the file's header is not kept in
 * WAL mode and may not be read beside an open connection (POSIX locks); a row of our own in the
 * user's database would make it another database. The comparison needs nothing but SQL, is the same
 * for both kinds of journal and for every file system, and is exact as long as everybody takes the
 * lock, because the next owner of it comes before any other change. A program that bypasses the
 * lock can only touch some of the rows; if that leaves a contradiction, the changes are kept aside
 * and reported. A changeset without changes leaves no evidence, and needs none: it is discarded.
 *
 * <p>The record tells no more than the file's name and a token, from which the temporary name
 * follows. Others than its owner can plant one: {@link RecordOwner}.
 */
final class ChangesetFile implements AutoCloseable {
  static final String HEAD = "sqlite-safe changeset-pending 1";
  static final String READY = "ready";

  private final Path file;
  private final Path record;
  private final Path database;
  private final String token;
  private final Path temporary;
  private @Nullable PendingFile pending;
  private boolean recorded;
  private boolean settled;

  /**
   * Names the files; touches nothing.
   *
   * @param file resolved
   * @param record the name beside the database
   */
  ChangesetFile(Path file, Path record, Path database) {
    this.file = file;
    this.record = record;
    this.database = database;
    this.token = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    this.temporary = temporary(this.file, token);
  }

  static Path temporary(Path file, String token) {
    return file.resolveSibling(file.getFileName() + "." + token + ".tmp");
  }

  /** Makes the record and the temporary file. */
  OutputStream open() {
    try {
      String text = HEAD + "\n" + token + "\n" + escaped(file.toString()) + "\n";
      writeRecord(text);
      PendingFile opened = PendingFile.create(temporary);
      pending = opened;
      return opened.stream();
    } catch (IOException e) {
      throw failed("cannot write " + (recorded ? temporary : record), e);
    }
  }

  /** Others may read it, to see whose it is, but not write it, whatever the umask is. */
  private void writeRecord(String text) throws IOException {
    try (FileChannel made = PendingFile.openNew(record)) {
      recorded = true;
      FileLikeness.ofNewFile().withoutOthersWriting().applyOrNarrower(made, record);
      Channels.newOutputStream(made).write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  Path temporary() {
    return temporary;
  }

  /** All changes are written: everything but the last step is made durable. */
  void ready() {
    PendingFile written = pending;
    if (written == null) {
      throw new IllegalStateException("ready without open");
    }
    try {
      // What a database keeps from others, the changes of its rows do too.
      written.dress(FileLikeness.ofOutput(file, List.of(database)));
      written.sync();
      long bytes = written.size();
      syncParent(temporary);
      try (FileChannel channel =
          FileChannel.open(record, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
        OutputStream out = Channels.newOutputStream(channel);
        out.write((READY + " " + bytes + "\n").getBytes(StandardCharsets.UTF_8));
        channel.force(true);
      }
      syncParent(record);
    } catch (IOException e) {
      throw failed("cannot make the changeset " + file + " durable", e);
    }
  }

  /**
   * The transaction is committed: publishes.
   *
   * @return a warning where that failed, and is left to the next command
   */
  @Nullable String replaceTarget() {
    settled = true;
    try {
      renameAndSync();
      Files.deleteIfExists(record);
      return null;
    } catch (IOException e) {
      return "committed, but the changeset "
          + file
          + " could not be published ("
          + e
          + "); the next command on the database will try again";
    }
  }

  private void renameAndSync() throws IOException {
    PendingFile written = pending;
    if (written == null) {
      return;
    }
    try {
      written.renameTo(file);
    } catch (NoSuchFileException e) {
      if (Files.notExists(temporary.resolveSibling(""))) {
        throw e;
      }
      return; // another process of the same lock has moved it already
    } finally {
      written.leave();
    }
    syncParent(file);
  }

  static void syncParent(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Durable.syncDirectory(parent);
    }
  }

  /**
   * The lock is lost: record and temporary file belong to the next owner of it, who discards them.
   */
  void leave() {
    settled = true;
    try {
      if (pending != null) {
        pending.leave();
      }
    } catch (IOException closedAnyway) {
      // nothing more is written to it
    }
  }

  /** Discards, unless published: nothing was committed. */
  @Override
  public void close() {
    if (settled) {
      return;
    }
    settled = true;
    try {
      if (pending != null) {
        pending.close();
      }
      if (recorded) {
        Files.deleteIfExists(record);
      }
    } catch (IOException e) {
      // The record is still there, and the next command on the database tries again.
    }
  }

  private static SqliteSafeException failed(String what, IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        what + ": " + IoErrors.reason(e),
        "nothing was changed; check the permissions and the free space",
        e);
  }

  /** A line break in a name must not end the line. */
  static String escaped(String path) {
    return path.replace("\\", "\\\\").replace("\n", "\\n");
  }

  static String unescaped(String line) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        i++;
        c = line.charAt(i) == 'n' ? '\n' : line.charAt(i);
      }
      path.append(c);
    }
    return path.toString();
  }
}
