package io.sqlitesafe.probe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A conversation by two streams, a line a message. */
final class PipeChannel implements Channel {
  private static final String END = "";

  private final OutputStream out;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  PipeChannel(InputStream in, OutputStream out) {
    this.out = out;
    Thread reader = new Thread(() -> read(in), "sqlite-safe-probe-reader");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(InputStream in) {
    try (BufferedReader text =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        if (line.endsWith(Words.END)) { // else it is the other JVM's, which says why it crashed
          lines.add(line);
        }
      }
    } catch (IOException broken) {
      // the end, too
    }
    lines.add(END);
  }

  @Override
  public void send(List<String> words) throws IOException {
    out.write((Words.toLine(words) + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public List<String> receive(Duration patience) throws IOException {
    try {
      String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) {
        throw new IOException(
            "the other process has not answered for " + patience.toSeconds() + " s");
      }
      if (line.equals(END)) {
        throw new IOException("the other process has ended");
      }
      return Words.ofLine(line);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException gone) {
      // nobody is left to be told
    }
  }
}
