package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.notes.AdviceGiven;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.mount.Mount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a person at the shell what happens around the lock.
 *
 * @param voice takes a line; from any thread
 * @param progress takes a line that replaces the one before
 */
public record Waiting(Consumer<String> voice, Consumer<String> progress) implements LockListener {
  private static final Duration PATIENCE = Duration.ofMillis(500);

  @Override
  public void waiting(@Nullable Holder holder, Duration waited) {
    if (waited.compareTo(PATIENCE) >= 0) {
      progress.accept(
          "waiting for the lock, "
              + waited.toSeconds()
              + " s"
              + (holder == null ? "" : ": held by " + holder.describe())
              + " (Ctrl-C gives up)");
    }
  }

  @Override
  public void broken(Holder holder, Evidence evidence) {
    voice.accept("note: broke the lock of " + holder.describe() + ": " + evidence.text());
  }

  @Override
  public void recovered(Path database) {
    voice.accept("note: rolled back the journal that a crashed writer had left beside " + database);
  }

  @Override
  public void tidied(String message) {
    voice.accept("note: " + message);
  }

  @Override
  public void advice(Mount mount, String message) {
    if (AdviceGiven.isNew(System.getenv(), mount, message)) {
      voice.accept("note: " + message);
    }
  }

  @Override
  public void lost() {
    voice.accept("warning: the lock was broken by another; what was not committed is rolled back");
  }

  @Override
  public void warning(String message) {
    voice.accept("warning: " + message);
  }
}
