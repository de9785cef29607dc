package io.sqlitesafe.cli.output.notes;

import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.output.text.JsonOutput;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.mount.Mount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells on standard error what happens around the lock. */
public final class Notes implements LockListener {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final Console console;
  private final CommonOptions options;
  private final boolean progress;
  private Duration next = FIRST;

  public Notes(Console console, CommonOptions options) {
    this.console = console;
    this.options = options;
    this.progress =
        options.progress().equals("always")
            || (options.progress().equals("auto") && console.terminal() && !options.quiet());
  }

  @Override
  public void waiting(@Nullable Holder holder, Duration waited) {
    if (!progress || waited.compareTo(next) < 0) {
      return;
    }
    next = waited.plus(EVERY);
    if (options.json()) {
      Map<String, @Nullable Object> line = new LinkedHashMap<>();
      line.put("type", "progress");
      line.put("waitedMs", waited.toMillis());
      line.put("token", holder == null ? null : holder.token().hex());
      console.note(JsonOutput.toJson(line));
    } else {
      console.progress(
          "waiting for the lock, "
              + waited.toSeconds()
              + " s"
              + (holder == null ? "" : ": held by " + holder.describe()));
    }
  }

  @Override
  public void broken(Holder holder, Evidence evidence) {
    note("broke the lock of " + holder.describe() + ": " + evidence.text());
  }

  @Override
  public void recovered(Path database) {
    note("rolled back the journal that a crashed writer had left beside " + database);
  }

  @Override
  public void tidied(String message) {
    note(message);
  }

  @Override
  public void advice(Mount mount, String message) {
    if (!options.quiet() && AdviceGiven.isNew(System.getenv(), mount, message)) {
      note(message);
    }
  }

  @Override
  public void warning(String message) {
    // Not silenced by --quiet: it is why the exit status is 3.
    print("warning", message);
  }

  /** A line for people, unless they asked for quiet. */
  public void note(String message) {
    if (!options.quiet()) {
      print("note", message);
    }
  }

  private void print(String type, String message) {
    if (options.json()) {
      Map<String, @Nullable Object> line = new LinkedHashMap<>();
      line.put("type", type);
      line.put("message", message);
      console.note(JsonOutput.toJson(line));
    } else {
      console.note("sqlite-safe: " + type + ": " + message);
    }
  }
}
