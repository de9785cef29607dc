package io.sqlitesafe.cli.shell.terminal;

import io.sqlitesafe.SafeSession;
import io.sqlitesafe.cli.shell.Shell;
import io.sqlitesafe.error.SqliteSafeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jline.reader.LineReader;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Status;
import org.jspecify.annotations.Nullable;

/**
 * While a transaction is open and the person thinks: a line at the bottom that tells for how long
 * the lock has been held and whether others wait, a warning when nothing happens for long, and in
 * the end, if so wished, a rollback. A thread of its own.
 */
final class TransactionWatch implements AutoCloseable {
  private static final String WIDGET = "sqlite-safe-status";
  private static final Duration WARN_AFTER = Duration.ofSeconds(60);

  private final Shell shell;
  private final LineReader reader;
  private final @Nullable Status status;
  private final @Nullable Duration limit;
  private final Consumer<String> voice;
  private final ScheduledExecutorService thread;
  private List<AttributedString> shown = List.of();
  private boolean warned;

  TransactionWatch(
      Shell shell,
      Terminal terminal,
      LineReader reader,
      @Nullable Duration limit,
      Consumer<String> voice) {
    this.shell = shell;
    this.reader = reader;
    this.limit = limit;
    this.voice = voice;
    this.status = Status.getStatus(terminal); // null where the terminal cannot
    reader.getWidgets().put(WIDGET, this::draw);
    thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread daemon = new Thread(task, "sqlite-safe-watch");
              daemon.setDaemon(true);
              return daemon;
            });
    thread.scheduleWithFixedDelay(this::look, 500, 500, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      SafeSession.Status now = shell.session().status();
      if (!now.inTransaction()) {
        warned = false;
        show(List.of());
        return;
      }
      if (!reader.isReading()) {
        return;
      }
      if (limit != null && shell.session().rollbackIfIdle(limit)) {
        ended("note: rolled back: the transaction was idle for " + limit.toSeconds() + " s");
        return;
      }
      show(List.of(new AttributedString(text(now), AttributedStyle.DEFAULT.inverse())));
      warn(now);
    } catch (SqliteSafeException | IllegalStateException leftMeanwhile) {
      // the entry was ended between the question and the act
    }
  }

  private static String text(SafeSession.Status now) {
    return "transaction open, lock held for "
        + now.held().toSeconds()
        + " s"
        + (now.awaited() ? ", others are waiting" : "");
  }

  private void warn(SafeSession.Status now) {
    Duration after = limit == null ? WARN_AFTER : limit.dividedBy(2);
    if (now.idle().compareTo(after) < 0) {
      warned = false;
    } else if (!warned) {
      warned = true;
      voice.accept(
          "warning: nothing has happened in this transaction for "
              + now.idle().toSeconds()
              + " s, and nobody else can write"
              + (limit == null ? "" : "; it is rolled back after " + limit.toSeconds() + " s"));
    }
  }

  private void ended(String message) {
    show(List.of());
    voice.accept(message);
    if (reader instanceof LineReaderImpl impl && reader.isReading()) {
      impl.setPrompt(shell.prompt());
      reader.callWidget(LineReader.REDRAW_LINE);
      reader.callWidget(LineReader.REDISPLAY);
    }
  }

  /** Takes the line away, before something else is shown. */
  void hide() {
    synchronized (this) {
      shown = List.of();
      draw();
    }
  }

  private void show(List<AttributedString> lines) {
    synchronized (this) {
      if (lines.isEmpty() && shown.isEmpty()) {
        return;
      }
      shown = lines;
    }
    if (reader.isReading()) {
      reader.callWidget(WIDGET); // under the reader's own lock, so that both do not draw at once
    }
  }

  private boolean draw() {
    if (status != null) {
      status.update(shown);
    }
    return true;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    hide();
  }
}
