package io.sqlitesafe.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A conversation by numbered files in a directory that both see. A file gets its name only when it
 * is complete; a look is preceded by {@link Barrier}, or a caching client would go on saying for
 * half a minute that there is none.
 */
final class MailChannel implements Channel {
  private static final Duration PAUSE = Duration.ofMillis(15);

  /** Never renamed without: tells a complete message from one that a server has shortened. */
  private static final String COMPLETE = "\n.\n";

  private final Path directory;
  private final String own;
  private final String other;
  private final Pause pause;
  private int sent;
  private int received;

  /**
   * @param own letter of this side
   * @param other that of the other
   */
  MailChannel(Path directory, String own, String other, Pause pause) throws IOException {
    this.directory = directory;
    this.own = own;
    this.other = other;
    this.pause = pause;
    Files.createDirectories(directory);
  }

  @Override
  public void send(List<String> words) throws IOException {
    Path draft = directory.resolve("draft." + own + sent);
    Files.write(draft, (Words.toLine(words) + COMPLETE).getBytes(StandardCharsets.UTF_8));
    Files.move(draft, directory.resolve(own + sent));
    sent++;
  }

  @Override
  public List<String> receive(Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    Path next = directory.resolve(other + received);
    while (true) {
      askServer();
      String text = read(next);
      if (text.endsWith(COMPLETE)) {
        received++;
        return Words.ofLine(text.substring(0, text.length() - COMPLETE.length()));
      }
      if (System.nanoTime() > end) {
        throw new IOException(
            "the process on the other host has not answered for " + patience.toSeconds() + " s");
      }
      pause.sleep(PAUSE);
    }
  }

  /** Whoever leads removes the directory when it ends. */
  private void askServer() throws IOException {
    try {
      Barrier.cross(directory);
    } catch (NoSuchFileException removed) {
      throw new IOException("the process on the other host has ended", removed);
    }
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException notYet) {
      return "";
    }
  }

  @Override
  public void close() {
    // The files go with the scratch directory.
  }
}
