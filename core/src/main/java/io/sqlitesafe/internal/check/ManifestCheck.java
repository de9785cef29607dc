package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.manifest.Sha256;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.DatabaseHeader;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Compares a file with the manifest beside it. The checksum is computed on a thread of its own
 * while SQLite reads the same file.
 *
 * <p>Close it after the connection to the same file, never before: see {@link
 * io.sqlitesafe.internal.db.Database}.
 */
public final class ManifestCheck implements AutoCloseable {
  private final Path file;
  private final @Nullable Manifest manifest;
  private final @Nullable SqliteSafeException broken;
  private @Nullable FileChannel channel;
  private @Nullable FutureTask<String> checksum;

  private ManifestCheck(
      Path file, @Nullable Manifest manifest, @Nullable SqliteSafeException broken) {
    this.file = file;
    this.manifest = manifest;
    this.broken = broken;
  }

  /** Reads the manifest, if there is one, and begins to compute. */
  public static ManifestCheck begin(Path file, Cancellation cancellation) {
    Manifest manifest;
    try {
      manifest = Manifest.beside(file);
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.DAMAGED) {
        throw e;
      }
      return new ManifestCheck(file, null, e);
    }
    ManifestCheck check = new ManifestCheck(file, manifest, null);
    if (manifest != null) {
      check.start(cancellation);
    }
    return check;
  }

  private void start(Cancellation cancellation) {
    FileChannel opened;
    try {
      opened = FileChannel.open(file, StandardOpenOption.READ);
    } catch (IOException e) {
      throw unreadable(e);
    }
    FutureTask<String> task = new FutureTask<>(() -> Sha256.of(opened, cancellation));
    Thread thread = new Thread(task, "sqlite-safe checksum");
    thread.setDaemon(true);
    thread.start();
    channel = opened;
    checksum = task;
  }

  /** Null where there is none. */
  public @Nullable Manifest manifest() {
    return manifest;
  }

  /**
   * Waits for the checksum and adds what does not fit.
   *
   * @param compression of the file
   * @param plain what it decompresses to; null where it is not compressed, or cannot be
   *     decompressed
   */
  public CheckResult.ManifestVerdict finish(
      long bytes, Compression compression, Manifest.@Nullable Plain plain, Findings findings) {
    if (broken != null) {
      findings.add(CheckResult.Kind.MANIFEST, String.valueOf(broken.getMessage()));
      return CheckResult.ManifestVerdict.MISMATCH;
    }
    FileChannel open = channel;
    if (manifest == null || checksum == null || open == null) {
      return CheckResult.ManifestVerdict.NONE;
    }
    String sha256 = await(checksum);
    List<String> differences =
        manifest.differences(
            new Manifest.Found(
                bytes,
                sha256,
                compression,
                compression == Compression.NONE
                    ? new Manifest.Plain(bytes, sha256, header(open))
                    : plain));
    differences.forEach(each -> findings.add(CheckResult.Kind.MANIFEST, each));
    return differences.isEmpty()
        ? CheckResult.ManifestVerdict.MATCH
        : CheckResult.ManifestVerdict.MISMATCH;
  }

  private DatabaseHeader header(FileChannel file) {
    try {
      return DatabaseHeader.read(file);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private String await(FutureTask<String> task) {
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SqliteSafeException ours) {
        throw ours;
      }
      throw unreadable(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException | CancellationException e) {
      throw new SqliteSafeException(ErrorKind.INTERRUPTED, "interrupted", null, e);
    }
  }

  private SqliteSafeException unreadable(Throwable e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        "cannot read " + file + ": " + e.getMessage(),
        "look at the permissions, and at the medium (kernel log)",
        e);
  }

  @Override
  public void close() {
    FileChannel open = channel;
    if (open == null) {
      return;
    }
    try {
      open.close(); // ends the thread too, if it still reads
    } catch (IOException readOnly) {
      // nothing was written
    }
  }
}
