package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.manifest.GzipReader;
import io.sqlitesafe.internal.manifest.ZstdStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** How a backup is compressed. Streams are for one thread. */
public enum Compression {
  NONE(""),
  /** RFC 1952. */
  GZIP(".gz"),
  /** RFC 8878, with content checksums. */
  ZSTD(".zst");

  private static final int BUFFER = 1 << 17;
  private static final int MAX_HEADER = 18;

  private final String suffix;

  Compression(String suffix) {
    this.suffix = suffix;
  }

  /** The name in options and manifests. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What file names end in; empty for {@link #NONE}. */
  public String suffix() {
    return suffix;
  }

  /** Every name. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(Compression::id).toList();
  }

  /** The compression of that name. */
  public static Compression of(String id) {
    for (Compression compression : values()) {
      if (compression.id().equals(id)) {
        return compression;
      }
    }
    throw new SqliteSafeException(
        ErrorKind.USAGE,
        "there is no compression " + id,
        "the compressions are: " + String.join(", ", ids()));
  }

  /**
   * Tells by the first bytes, not by the name. Opens the file by Java's file API: not for a
   * database that this process has open (see {@link io.sqlitesafe.internal.db.Database}).
   */
  public static Compression detect(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return ofMagic(in.readNBytes(4));
    }
  }

  static Compression ofMagic(byte[] first) {
    if (first.length >= 2 && (first[0] & 0xff) == 0x1f && (first[1] & 0xff) == 0x8b) {
      return GZIP;
    }
    boolean frame =
        first.length >= 4
            && (first[1] & 0xff) == 0xb5
            && (first[2] & 0xff) == 0x2f
            && (first[3] & 0xff) == 0xfd;
    return frame && (first[0] & 0xff) == 0x28 ? ZSTD : NONE;
  }

  /**
   * The least that a compressed file takes when decompressed, as far as its header tells; 0 where
   * it tells nothing. Opens the file, as {@link #detect} does.
   */
  public long leastPlainSize(Path file) throws IOException {
    if (this != ZSTD) {
      return 0;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return ZstdStreams.plainSize(in.readNBytes(MAX_HEADER));
    }
  }

  /** Compresses what is written to it into {@code out}; closing it closes {@code out}. */
  public OutputStream compress(OutputStream out) throws IOException {
    return switch (this) {
      case NONE -> out;
      case GZIP -> new FastGzip(out);
      case ZSTD -> ZstdStreams.compress(out);
    };
  }

  /** The plain bytes of {@code in}, to its very end; closing it closes {@code in}. */
  public InputStream decompress(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      case GZIP -> new GzipReader(in, BUFFER);
      case ZSTD -> ZstdStreams.decompress(in);
    };
  }

  /** The level can be set from within only. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
