package io.sqlitesafe.probe;

import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What to try out.
 *
 * @param directory to make the scratch directory in
 * @param peer the same directory by another mount; null = by the same
 * @param join another host is to be waited for
 * @param rounds of each race
 * @param time for all checks together; null = {@link #ALONE}, or {@link #TOGETHER} with a peer
 * @param child starts this program again
 * @param cancellation ends it, and cleans up
 * @param progress is told what is being tried
 */
public record ProbeRequest(
    Path directory,
    @Nullable Path peer,
    boolean join,
    int rounds,
    @Nullable Duration time,
    ChildStarter child,
    Cancellation cancellation,
    Consumer<String> progress) {
  public static final int ROUNDS = 100;
  public static final Duration ALONE = Duration.ofSeconds(16);
  public static final Duration TOGETHER = Duration.ofSeconds(60);

  /** Starts a process that calls {@link Probe#follow}. */
  public interface ChildStarter {
    /**
     * @param directory of the other side
     * @param work the name of the scratch directory in it
     */
    Process start(Path directory, String work) throws IOException;
  }
}
