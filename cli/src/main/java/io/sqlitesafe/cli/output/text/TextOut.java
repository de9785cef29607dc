package io.sqlitesafe.cli.output.text;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Text and raw bytes on their way to a stream, buffered; failures are the one exception of this
 * program. Characters go out as UTF-8, those that stand for bytes (see {@link Bytes}) as the bytes.
 * For one thread.
 */
public final class TextOut {
  private static final int ROOM = 1 << 14;
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private final OutputStream out;
  private final byte[] buffer = new byte[ROOM];
  private int filled;

  public TextOut(OutputStream out) {
    this.out = out;
  }

  public TextOut add(String text) {
    int length = text.length();
    if (length > ROOM) {
      return add(Bytes.of(text));
    }
    room(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        return add(Bytes.of(text.substring(i)));
      }
      buffer[filled++] = (byte) c;
    }
    return this;
  }

  public TextOut add(char c) {
    if (c >= 0x80) {
      return add(String.valueOf(c));
    }
    room(1);
    buffer[filled++] = (byte) c;
    return this;
  }

  public TextOut add(byte[] bytes) {
    return add(bytes, 0, bytes.length);
  }

  /** The bytes from one place up to another. */
  public TextOut add(byte[] bytes, int from, int to) {
    int length = to - from;
    room(length);
    if (length > ROOM) {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        throw failed(e);
      }
    } else {
      System.arraycopy(bytes, from, buffer, filled, length);
      filled += length;
    }
    return this;
  }

  /** Adds the bytes in hex, in small letters. */
  public TextOut addHex(byte[] bytes) {
    for (byte b : bytes) {
      room(2);
      buffer[filled++] = HEX[b >> 4 & 15];
      buffer[filled++] = HEX[b & 15];
    }
    return this;
  }

  /** Adds the bytes with each {@code c} in them twice. */
  public TextOut addDoubling(byte[] bytes, char c) {
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == c) {
        add(bytes, from, i + 1);
        from = i;
      }
    }
    return add(bytes, from, bytes.length);
  }

  private void room(int length) {
    if (length > ROOM - filled) {
      drain();
    }
  }

  private void drain() {
    try {
      out.write(buffer, 0, filled);
      filled = 0;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  public void flush() {
    drain();
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  public static SqliteSafeException failed(IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED, "cannot write the output: " + e.getMessage(), null, e);
  }
}
