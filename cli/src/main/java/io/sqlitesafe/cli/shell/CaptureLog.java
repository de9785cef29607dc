package io.sqlitesafe.cli.shell;

import io.sqlitesafe.CaptureTarget;
import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.changeset.Captured;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.NotCaptured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The changesets of a conversation: FILE.0001, FILE.0002 and so on, one for each transaction, so
 * that each appears in one step with its commit; after those that are there already. Which of them
 * can be undone is known here.
 */
final class CaptureLog implements CaptureTarget {
  private final Consumer<String> voice;
  private final Deque<Path> undoable = new ArrayDeque<>();
  private @Nullable Path base;
  private long number;
  private boolean undoing;
  private boolean rowids;

  CaptureLog(Consumer<String> voice) {
    this.voice = voice;
  }

  /**
   * Begins a log, or goes on with one.
   *
   * @param byRowid tables without PRIMARY KEY too
   */
  void start(Path file, boolean byRowid) {
    rowids = byRowid;
    number = last(file) + 1;
    base = file;
  }

  void stop() {
    base = null;
  }

  /** Where changes are captured now, without a number; null = nowhere. */
  @Nullable Path base() {
    return base;
  }

  private static long last(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    String prefix = file.getFileName() + ".";
    if (directory == null) {
      return 0;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(each -> each.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .map(name -> name.substring(prefix.length()))
          .filter(rest -> rest.matches("[0-9]{4,9}"))
          .mapToLong(Long::parseLong)
          .max()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path numbered(Path file, long number) {
    return file.resolveSibling(String.format(Locale.ROOT, "%s.%04d", file.getFileName(), number));
  }

  @Override
  public CaptureRequest next() {
    Path file = base;
    if (file == null) {
      throw new IllegalStateException("captures nowhere");
    }
    while (Files.exists(numbered(file, number))) {
      number++;
    }
    return CaptureRequest.of(numbered(file, number), Format.CHANGESET).withRowids(rowids);
  }

  @Override
  public void captured(Captured captured) {
    for (NotCaptured each : captured.notCaptured()) {
      voice.accept("warning: the changeset lacks " + each.table() + ": " + each.reason());
    }
    if (captured.counts().changes() > 0 && !undoing) {
      undoable.push(captured.file());
    }
  }

  /** The last transaction that is not undone yet, or null. */
  @Nullable Path last() {
    return undoable.peek();
  }

  /** Runs what undoes {@link #last}; its own changes are captured, but not to be undone. */
  void undo(Runnable work) {
    undoing = true;
    try {
      work.run();
      undoable.pop();
    } finally {
      undoing = false;
    }
  }
}
