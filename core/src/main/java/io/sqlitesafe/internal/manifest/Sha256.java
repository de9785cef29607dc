package io.sqlitesafe.internal.manifest;

import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The checksum of manifests. */
public final class Sha256 {
  private static final int BUFFER = 1 << 20;

  private Sha256() {}

  /** A new digest. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The digest's result as manifests write it. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Of a whole file. Opens and closes it: not for a database that this process has open (see {@link
   * io.sqlitesafe.internal.db.Database}).
   */
  public static String of(Path file, Cancellation cancellation) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return of(channel, cancellation);
    }
  }

  /** Of everything in the channel, whose position is not moved. */
  public static String of(FileChannel channel, Cancellation cancellation) throws IOException {
    MessageDigest digest = digest();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    long position = 0;
    for (int n = channel.read(buffer, 0); n >= 0; n = channel.read(buffer, position)) {
      cancellation.throwIfRequested();
      position += n;
      digest.update(buffer.flip());
      buffer.clear();
    }
    return hex(digest);
  }
}
