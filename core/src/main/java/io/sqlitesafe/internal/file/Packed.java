package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.manifest.Sha256;
import io.sqlitesafe.snapshot.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * A copy as it is published.
 *
 * @param bytes its size
 * @param sha256 of it; empty where it was not computed
 * @param contentSha256 of the database in it; empty where it was not computed
 */
public record Packed(long bytes, String sha256, String contentSha256) {
  private static final int BUFFER = 1 << 18;

  /** Told how many bytes of how many have been read. */
  public interface Progress {
    void at(long done, long total);
  }

  /** Compresses (or just writes) {@code from} to {@code to}, which stays open. */
  public static Packed pack(Path from, OutputStream to, Compression compression, Progress progress)
      throws IOException {
    long size = Files.size(from);
    MessageDigest content = Sha256.digest();
    Tap tap = new Tap(to);
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(from);
        OutputStream out = compression.compress(tap)) {
      long done = 0;
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        content.update(buffer, 0, n);
        out.write(buffer, 0, n);
        done += n;
        progress.at(done, size);
      }
    }
    return new Packed(tap.bytes, Sha256.hex(tap.digest), Sha256.hex(content));
  }

  /** Reads {@code file} back and compares. */
  public void verify(Path file, Compression compression, Progress progress) throws IOException {
    MessageDigest content = Sha256.digest();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = compression.decompress(Files.newInputStream(file))) {
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        content.update(buffer, 0, n);
        progress.at(0, 0);
      }
    }
    if (!Sha256.hex(content).equals(contentSha256)) {
      throw new SqliteSafeException(
          ErrorKind.DAMAGED,
          "the compressed copy does not decompress to what was compressed",
          "nothing was changed; look at the memory and the disk of this machine");
    }
  }

  /** Counts, computes a digest, and does not close. */
  private static final class Tap extends OutputStream {
    private final OutputStream out;
    private final MessageDigest digest = Sha256.digest();
    private long bytes;

    Tap(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      out.write(buffer, offset, length);
      digest.update(buffer, offset, length);
      bytes += length;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.flush();
    }
  }
}
