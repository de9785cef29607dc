package io.sqlitesafe.cli.input;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads UTF-8 and nothing else: Java's own readers replace what is malformed, which would silently
 * write damaged text into the database. Skips a byte order mark at the start. Closes its stream
 * with itself. For one thread.
 *
 * <p>Malformed input is a {@link SqliteSafeException} of kind USAGE that names the source and the
 * line, thrown after everything before it was delivered.
 */
public final class Utf8Reader extends Reader {
  private final InputStream in;
  private final String name;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(8192).limit(0);
  private final CharBuffer chars = CharBuffer.allocate(8192).limit(0);
  private boolean atStart = true;
  private boolean exhausted;
  private long newlines;

  /**
   * A reader of the given stream.
   *
   * @param name what to call the source in errors
   */
  public Utf8Reader(InputStream in, String name) {
    this.in = in;
    this.name = name;
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!chars.hasRemaining()) {
      if (!decode()) {
        return -1;
      }
    }
    int count = Math.min(length, chars.remaining());
    chars.get(target, offset, count);
    return count;
  }

  /** Decodes what there is, reading on only if that is not a single character. */
  private boolean decode() throws IOException {
    chars.clear();
    CoderResult result = decoder.decode(bytes, chars, exhausted);
    chars.flip();
    if (chars.hasRemaining()) {
      skipByteOrderMark();
      countLines();
      return true;
    }
    if (result.isError()) {
      throw new SqliteSafeException(
              ErrorKind.USAGE,
              name + ", line " + (newlines + 1) + ": this is not valid UTF-8",
              "convert the file first, for example: iconv -f WINDOWS-1252 -t UTF-8")
          .with("file", name)
          .with("line", newlines + 1);
    }
    if (exhausted) {
      return false;
    }
    bytes.compact();
    int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
    exhausted = count < 0;
    bytes.position(bytes.position() + Math.max(count, 0)).flip();
    return true;
  }

  private void skipByteOrderMark() {
    if (atStart && chars.get(0) == '\uFEFF') {
      chars.get();
    }
    atStart = false;
  }

  private void countLines() {
    for (int i = chars.position(); i < chars.limit(); i++) {
      if (chars.get(i) == '\n') {
        newlines++;
      }
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
