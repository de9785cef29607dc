package io.sqlitesafe.cli.batch;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The lines of standard input, until its end or until a signal. A thread of its own reads them: a
 * read that has begun cannot be called off, and SIGTERM must end a batch that waits for its next
 * request. A line that is no text, or too long, is delivered as what is wrong with it, so that the
 * next one can be read.
 */
final class RequestLines {
  /** As much as the longest value that a data file may have. */
  private static final int MAX_BYTES = 64 << 20;

  private static final Line END = new Line(null, null);
  private static final Line STOP = new Line(null, null);

  /**
   * @param text the line, without its end
   * @param error what is wrong with it, in place of its text
   */
  record Line(@Nullable String text, @Nullable SqliteSafeException error) {}

  private final InputStream in;
  private final BlockingQueue<Line> queue = new ArrayBlockingQueue<>(64);

  RequestLines(InputStream in) {
    this.in = in;
    Thread reader = new Thread(this::readAll, "requests");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * The next line; null at the end of input, or as soon as a stop was asked for. Then lines that
   * were read ahead are left.
   */
  @Nullable Line next(Cancellation cancellation) {
    // If there is no room for STOP, there is something to take, and nobody waits.
    try (Cancellation.Registration wake = cancellation.onRequest(() -> queue.offer(STOP))) {
      Line line = queue.take();
      return cancellation.requested() != null || line == END || line == STOP ? null : line;
    } catch (InterruptedException e) {
      cancellation.request(ErrorKind.INTERRUPTED);
      return null;
    }
  }

  /** The text that {@link #next} will give, if it is there already; null if not, or if unfit. */
  @Nullable String ready() {
    Line line = queue.peek();
    return line == null ? null : line.text();
  }

  private void readAll() {
    try {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      long length = 0;
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b == '\n') {
          queue.put(line(line.toByteArray(), length));
          line.reset();
          length = 0;
        } else if (++length <= MAX_BYTES) {
          line.write(b);
        }
      }
      if (length > 0) {
        queue.put(line(line.toByteArray(), length));
      }
      queue.put(END);
    } catch (IOException e) {
      endBy(new SqliteSafeException(ErrorKind.FAILED, "cannot read requests: " + e, null, e));
    } catch (InterruptedException nobodyWaits) {
      // the process ends
    }
  }

  private void endBy(SqliteSafeException error) {
    try {
      queue.put(new Line(null, error));
      queue.put(END);
    } catch (InterruptedException nobodyWaits) {
      // the process ends
    }
  }

  private static Line line(byte[] bytes, long length) {
    if (length > MAX_BYTES) {
      return new Line(null, Request.bad("it is longer than " + MAX_BYTES + " bytes"));
    }
    try {
      return new Line(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString(), null);
    } catch (CharacterCodingException e) {
      return new Line(null, Request.bad("it is not UTF-8"));
    }
  }
}
