package io.sqlitesafe.snapshot;

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
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Java's own reader takes it for the end of the file. */
  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD"})
  void whatFollowsIsNoticed(Compression compression) throws IOException {
    byte[] compressed = compressed(compression, CONTENT);
    for (byte[] garbage :
        new byte[][] {
          {0}, {'x'}, {0x1f, (byte) 0x8b}, {0x1f, (byte) 0x8b, 8, 0}, new byte[512], {1, 2, 3, 4, 5}
        }) {
      byte[] longer = Arrays.copyOf(compressed, compressed.length + garbage.length);
      System.arraycopy(garbage, 0, longer, compressed.length, garbage.length);
      assertThrows(IOException.class, () -> plain(compression, longer), Arrays.toString(garbage));
    }
  }

  /** As {@code cat a.gz b.gz} makes them. */
  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD"})
  void severalMembersAreOneFile(Compression compression) throws IOException {
    byte[] first = compressed(compression, Arrays.copyOf(CONTENT, 1000));
    byte[] second = compressed(compression, Arrays.copyOfRange(CONTENT, 1000, CONTENT.length));
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    assertArrayEquals(CONTENT, plain(compression, both));
  }

  /** Names and comments, which gzip(1) writes. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 4, 8, 16, 31})
  void headersOfGzip(int flags) throws IOException {
    byte[] plain = compressed(Compression.GZIP, CONTENT);
    ByteArrayOutputStream with = new ByteArrayOutputStream();
    with.write(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 0, 0, 0, 0, 0, 3});
    with.write((flags & 4) != 0 ? new byte[] {2, 0, 'x', 'y'} : new byte[0]);
    with.write((flags & 8) != 0 ? new byte[] {'n', 0} : new byte[0]);
    with.write((flags & 16) != 0 ? new byte[] {'c', 0} : new byte[0]);
    with.write((flags & 2) != 0 ? new byte[] {9, 9} : new byte[0]);
    with.write(plain, 10, plain.length - 10);
    assertArrayEquals(CONTENT, plain(Compression.GZIP, with.toByteArray()));
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
