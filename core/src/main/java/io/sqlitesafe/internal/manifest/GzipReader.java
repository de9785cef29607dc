package io.sqlitesafe.internal.manifest;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Reads gzip (RFC 1952), and nothing behind it. The trap: {@link java.util.zip.GZIPInputStream}
 * takes whatever follows a member and is no member for the end of the file, so that garbage behind
 * a backup goes unnoticed.
 */
public final class GzipReader extends InputStream {
  private static final int MAGIC = 0x8b1f;
  private static final int DEFLATE = 8;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final PushbackInputStream in;
  private final int buffer;
  private final CRC32 sum = new CRC32();
  private Inflater inflater;
  private Member member;
  private boolean ended;

  public GzipReader(InputStream in, int buffer) throws IOException {
    this.in = new PushbackInputStream(in, buffer);
    this.buffer = buffer;
    requireHeader(this.in.read());
    inflater = new Inflater(true);
    member = new Member(this.in, inflater, buffer);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (!ended && length > 0) {
      int n = member.read(bytes, offset, length);
      if (n > 0) {
        sum.update(bytes, offset, n);
        return n;
      }
      finishMember();
    }
    return ended ? -1 : 0;
  }

  private void finishMember() throws IOException {
    member.giveBack(in);
    long length = inflater.getBytesWritten();
    if (number(4) != sum.getValue() || number(4) != (length & 0xffffffffL)) {
      throw new ZipException("its checksum is wrong");
    }
    int next = in.read();
    if (next < 0) {
      ended = true;
      return;
    }
    requireHeader(next);
    sum.reset();
    inflater.end();
    inflater = new Inflater(true);
    member = new Member(in, inflater, buffer);
  }

  private void requireHeader(int first) throws IOException {
    if (first < 0 || (first | number(1) << 8) != MAGIC || number(1) != DEFLATE) {
      throw new ZipException("what follows is not gzip");
    }
    int flags = (int) number(1);
    if ((flags & RESERVED) != 0) {
      throw new ZipException("what follows is not gzip");
    }
    number(4); // time
    number(2); // level and system
    if ((flags & EXTRA) != 0) {
      in.skipNBytes(number(2));
    }
    skipText((flags & NAME) != 0);
    skipText((flags & COMMENT) != 0);
    if ((flags & HEADER_CRC) != 0) {
      number(2);
    }
  }

  private void skipText(boolean there) throws IOException {
    while (there && number(1) != 0) {
      // reads on
    }
  }

  /** Little-endian, of at most four bytes. */
  private long number(int bytes) throws IOException {
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("it ends too early");
      }
      number |= (long) next << 8 * i;
    }
    return number;
  }

  /** One member's compressed data. It reads ahead, and what it did not need can be given back. */
  private static final class Member extends InflaterInputStream {
    Member(InputStream in, Inflater inflater, int buffer) {
      super(in, inflater, buffer);
    }

    void giveBack(PushbackInputStream to) throws IOException {
      int rest = inf.getRemaining();
      to.unread(buf, len - rest, rest);
    }
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
