package io.sqlitesafe.cli.input;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Utf8ReaderTest {
  private static String read(InputStream in, int step) throws IOException {
    StringBuilder text = new StringBuilder();
    char[] buffer = new char[step];
    try (Utf8Reader reader = new Utf8Reader(in, "x")) {
      for (int n = reader.read(buffer, 0, step); n >= 0; n = reader.read(buffer, 0, step)) {
        text.append(buffer, 0, n);
      }
    }
    return text.toString();
  }

  @Test
  void readsWhateverTheBlocks() throws IOException {
    String text = "aä日😀\n\uFEFF".repeat(5000);
    byte[] bytes = ("\uFEFF" + text).getBytes(StandardCharsets.UTF_8);
    InputStream byOne =
        new ByteArrayInputStream(bytes) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, 1);
          }
        };

    assertEquals(text, read(new ByteArrayInputStream(bytes), 1));
    assertEquals(text, read(new ByteArrayInputStream(bytes), 7));
    assertEquals(text, read(new ByteArrayInputStream(bytes), 100_000));
    assertEquals(text, read(byOne, 1000));
    assertEquals("", read(InputStream.nullInputStream(), 10));
  }
}
