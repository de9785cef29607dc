package io.sqlitesafe.probe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.host.ShellWord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How two processes on two hosts find each other by the directory alone. Each that waits says so in
 * a scratch directory of its own; of two the one with the smaller token invites the other, who
 * accepts in the inviter's. Every name has one writer, so nothing here relies on what is to be
 * tried out.
 */
final class Rendezvous {
  private static final String WAITING = "waiting";
  private static final String INVITED = "invited-by.";
  private static final String ACCEPTED = "accepted-by.";
  private static final String MAIL = "mail";
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** A client may believe for half a minute what it knew of a directory. */
  private static final Duration ANSWER = Duration.ofSeconds(40);

  private final Path directory;
  private final Workspace own;
  private final Pause pause;

  Rendezvous(Path directory, Workspace own, Pause pause) {
    this.directory = directory;
    this.own = own;
    this.pause = pause;
  }

  /**
   * How it ended.
   *
   * @param leads this process tells the other what to do
   * @param work the scratch directory that both use
   */
  record Met(boolean leads, Path work, Channel channel) {}

  /** Waits for another that waits. */
  Met await(Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    Files.createFile(own.path().resolve(WAITING));
    while (System.nanoTime() < end) {
      Path inviter = inviter();
      if (inviter != null) {
        Files.deleteIfExists(own.path().resolve(WAITING));
        Files.createFile(inviter.resolve(ACCEPTED + own.token()));
        return new Met(false, inviter, new MailChannel(inviter.resolve(MAIL), "b", "a", pause));
      }
      Path other = waiting(true);
      Met met = other == null ? null : invite(other, ANSWER);
      if (met != null) {
        Files.deleteIfExists(own.path().resolve(WAITING));
        return met;
      }
      pause.sleep(PAUSE);
    }
    throw new SqliteSafeException(
        ErrorKind.FAILED,
        "nobody joined the probe of " + directory + " within " + patience.toSeconds() + " s",
        "start it on the other host at the same time: sqlite-safe probe "
            + ShellWord.of(directory)
            + " --join");
  }

  /** One that waits already, or null. */
  @Nullable Met findWaiting() throws IOException {
    Path other = waiting(false);
    return other == null ? null : invite(other, ANSWER);
  }

  /** Another's scratch directory in which it says that it waits. */
  private @Nullable Path waiting(boolean onlyLarger) throws IOException {
    for (Path each : Workspace.inNow(directory)) {
      boolean larger = Workspace.tokenOf(each).compareTo(own.token()) > 0;
      if (!each.equals(own.path()) && (larger || !onlyLarger) && says(each, WAITING)) {
        return each;
      }
    }
    return null;
  }

  private static boolean says(Path workspace, String name) {
    try {
      Barrier.cross(workspace);
      Files.newByteChannel(workspace.resolve(name)).close();
      return !Workspace.isDead(workspace);
    } catch (IOException no) {
      return false;
    }
  }

  private @Nullable Met invite(Path other, Duration patience) throws IOException {
    String answer = ACCEPTED + Workspace.tokenOf(other);
    try {
      Files.createFile(other.resolve(INVITED + own.token()));
    } catch (IOException gone) {
      return null;
    }
    long end = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < end) {
      if (says(own.path(), answer)) {
        return new Met(
            true, own.path(), new MailChannel(own.path().resolve(MAIL), "a", "b", pause));
      }
      if (Workspace.isDead(other)) {
        return null;
      }
      pause.sleep(PAUSE);
    }
    return null;
  }

  private @Nullable Path inviter() throws IOException {
    Barrier.cross(own.path());
    List<Path> entries = Workspace.entries(own.path());
    for (Path entry : entries) {
      String name = String.valueOf(entry.getFileName());
      if (name.startsWith(INVITED)) {
        Path workspace =
            own.path()
                .resolveSibling(
                    String.valueOf(own.path().getFileName()).replace(own.token(), "")
                        + name.substring(INVITED.length()));
        Files.deleteIfExists(entry);
        if (Files.isDirectory(workspace) || says(workspace, "owner")) {
          return workspace;
        }
      }
    }
    return null;
  }
}
