package io.sqlitesafe.snapshot.manifest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompressionTest {
  private static final byte[] CONTENT = new byte[300_000];

  static {
    new Random(1).nextBytes(CONTENT);
    Arrays.fill(CONTENT, 1000, 200_000, (byte) 7);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsCompressedIsToldByItsMagicAndDecompressed(Compression compression) throws IOException {
    byte[] compressed = compressed(compression, CONTENT);
    assertEquals(compression, Compression.ofMagic(Arrays.copyOf(compressed, 4)));
    assertArrayEquals(CONTENT, plain(compression, compressed));
    assertArrayEquals(new byte[0], plain(compression, compressed(compression, new byte[0])));
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD"})
  void damageIsNoticed(Compression compression) throws IOException {
    byte[] compressed = compressed(compression, CONTENT);
    byte[] flipped = compressed.clone();
    flipped[compressed.length / 2] ^= 1;
    assertThrows(IOException.class, () -> plain(compression, flipped));
    for (int cut : new int[] {compressed.length - 1, compressed.length / 2, 5}) {
      byte[] shorter = Arrays.copyOf(compressed, cut);
      assertThrows(IOException.class, () -> plain(compression, shorter), "cut to " + cut);
    }
  }

  private static byte[] compressed(Compression compression, byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressing = compression.compress(out)) {
      compressing.write(content);
    }
    return out.toByteArray();
  }

  private static byte[] plain(Compression compression, byte[] compressed) throws IOException {
    try (InputStream in = compression.decompress(new ByteArrayInputStream(compressed))) {
      return in.readAllBytes();
    }
  }
}
