package io.sqlitesafe.cli.output.notes;

import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.output.text.JsonOutput;
import io.sqlitesafe.internal.file.Sizes;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows how far a snapshot has come: bytes, rate, and the time that is left. */
public final class SnapshotProgress implements SnapshotListener {
  private static final long FIRST_NANOS = 500_000_000;
  private static final long EVERY_NANOS = 250_000_000;

  private final Console console;
  private final boolean json;
  private final boolean shown;

  private @Nullable Phase phase;
  private long begun;
  private long before;
  private long next;

  public SnapshotProgress(Console console, CommonOptions options) {
    this.console = console;
    this.json = options.json();
    this.shown =
        options.progress().equals("always")
            || (options.progress().equals("auto") && console.terminal() && !options.quiet());
  }

  @Override
  public boolean isShown() {
    return shown;
  }

  @Override
  public void progress(Phase now, long done, long total) {
    if (!shown) {
      return;
    }
    long time = System.nanoTime();
    if (now != phase || done < before) { // the next phase, or the same one anew
      next = phase == null ? time + FIRST_NANOS : time;
      phase = now;
      begun = time;
    }
    before = done;
    if (time < next) {
      return;
    }
    next = time + EVERY_NANOS;
    double rate = time == begun ? 0 : done * 1e9 / (time - begun);
    if (json) {
      console.note(JsonOutput.toJson(members(now, done, total, rate)));
    } else {
      console.progress(text(now, done, total, rate));
    }
  }

  private static Map<String, @Nullable Object> members(
      SnapshotListener.Phase phase, long done, long total, double rate) {
    Map<String, @Nullable Object> line = new LinkedHashMap<>();
    line.put("type", "progress");
    line.put("phase", phase.name().toLowerCase(Locale.ROOT));
    line.put("doneBytes", done);
    line.put("totalBytes", total == 0 ? null : total);
    line.put("bytesPerSecond", (long) rate);
    return line;
  }

  private static String text(SnapshotListener.Phase phase, long done, long total, double rate) {
    StringBuilder text = new StringBuilder(phase.name().toLowerCase(Locale.ROOT));
    if (total == 0 && done > 0) {
      return text + ": " + Sizes.text(done) + " read";
    }
    if (total == 0 || done == 0) {
      return total == 0 ? text.toString() : text + " " + Sizes.text(total);
    }
    text.append(' ').append(Sizes.text(done)).append(" of ").append(Sizes.text(total));
    if (rate > 0) {
      text.append(", ").append(Sizes.text((long) rate)).append("/s, ");
      text.append((long) Math.ceil((total - done) / rate)).append(" s left");
    }
    return text.toString();
  }
}
