package io.sqlitesafe.sql;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * A value of storage class TEXT whose bytes are no text: SQLite stores whatever it is given. Not
 * for use as a key; its {@link #toString} has U+FFFD for what cannot be decoded.
 *
 * @param bytes as they are stored
 * @param charset what they should be: the encoding of the database
 */
@SuppressWarnings("ArrayRecordComponent") // a value on its way out, compared by nobody
public record MalformedText(byte[] bytes, Charset charset) {
  /** Null where the bytes are well-formed. */
  public static @Nullable MalformedText of(byte[] bytes, Charset charset) {
    boolean ascii = charset == java.nio.charset.StandardCharsets.UTF_8;
    for (int i = 0; ascii && i < bytes.length; i++) {
      ascii = bytes[i] >= 0;
    }
    if (ascii) {
      return null;
    }
    try {
      charset.newDecoder().decode(ByteBuffer.wrap(bytes));
      return null;
    } catch (CharacterCodingException e) {
      return new MalformedText(bytes, charset);
    }
  }

  @Override
  public String toString() {
    return new String(bytes, charset);
  }
}
