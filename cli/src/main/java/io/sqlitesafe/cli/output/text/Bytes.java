package io.sqlitesafe.cli.output.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * UTF-8 that may be malformed as text and back, without loss: a byte that is no part of a character
 * becomes U+DC00 plus itself, half of a surrogate pair, which no well-formed text holds.
 */
public final class Bytes {
  private static final char FIRST = 0xDC80;
  private static final char LAST = 0xDCFF;

  private Bytes() {}

  /** Bytes as text. */
  public static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.indexOf('\uFFFD') < 0 ? text : escaped(bytes);
  }

  private static String escaped(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CoderResult result = decoder.decode(in, out, true);
    while (result.isError()) {
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (0xDC00 + (in.get() & 0xFF)));
      }
      result = decoder.decode(in, out, true);
    }
    return out.flip().toString();
  }

  /** Whether the character at a place stands for a byte. */
  public static boolean isByte(int codePoint) {
    return codePoint >= FIRST && codePoint <= LAST;
  }

  /** Whether bytes are UTF-8. */
  public static boolean wellFormed(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf('\uFFFD') < 0 || !hasByte(escaped(bytes));
      }
    }
    return true;
  }

  private static boolean hasByte(String text) {
    return text.codePoints().anyMatch(Bytes::isByte);
  }

  /** Text as bytes again; other halves of surrogate pairs become "?". */
  public static byte[] of(String text) {
    if (!hasByte(text)) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream(text.length() * 2);
    StringBuilder run = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (isByte(c)) {
                bytes.writeBytes(run.toString().getBytes(StandardCharsets.UTF_8));
                bytes.write(c);
                run.setLength(0);
              } else {
                run.appendCodePoint(c);
              }
            });
    bytes.writeBytes(run.toString().getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }
}
