package io.sqlitesafe.internal.manifest;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The only class that names zstd-jni: its native library is loaded with this class, so not before a
 * compressed backup is met.
 */
public final class ZstdStreams {
  private static final int LEVEL = 3;

  private ZstdStreams() {}

  public static OutputStream compress(OutputStream out) throws IOException {
    ZstdOutputStreamNoFinalizer compressed = new ZstdOutputStreamNoFinalizer(out, LEVEL);
    compressed.setChecksum(true);
    // Beside the thread that reads and digests; each takes some 40 MB.
    compressed.setWorkers(Math.max(1, Math.min(3, Runtime.getRuntime().availableProcessors() - 1)));
    return compressed;
  }

  /** What the first frame's header says of the plain size; 0 where it says nothing. */
  public static long plainSize(byte[] start) {
    return Math.max(0, Zstd.getFrameContentSize(start));
  }

  public static InputStream decompress(InputStream in) throws IOException {
    return new ZstdInputStreamNoFinalizer(in);
  }
}
