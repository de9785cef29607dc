package io.sqlitesafe.probe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tries out a directory by two processes, one of which leads: with a child of its own, which works
 * in the same directory or in another mount of it, or with a process on another host.
 */
public final class Probe {
  private static final Duration SLACK = Duration.ofSeconds(45);

  private final ProbeRequest request;
  private final long started = System.nanoTime();

  private Probe(ProbeRequest request) {
    this.request = request;
  }

  /**
   * Runs all checks.
   *
   * @return what was found; null where another host leads and reports
   * @throws SqliteSafeException where nothing can be found out
   */
  public static @Nullable ProbeResult run(ProbeRequest request) {
    requireDirectory(request.directory());
    if (request.peer() != null) {
      requireDirectory(request.peer());
    }
    Workspace.sweep(request.directory());
    try {
      return new Probe(request).run();
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot probe " + request.directory() + ": " + IoErrors.reason(e),
          "is it writable, and is there room?",
          e);
    }
  }

  private static void requireDirectory(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE, "there is no directory " + directory, "check the name");
    }
  }

  /** The part of a child process: does what comes in until the end. */
  public static void follow(
      Path directory, String work, InputStream in, OutputStream out, Cancellation cancellation) {
    Path own = directory.resolve(work);
    try (Channel channel = new PipeChannel(in, out);
        Side side = new Side(own, "b", cancellation)) {
      Follower.serve(side, channel);
    } catch (IOException e) {
      // The leader has ended before its time, and this side with it.
    } finally {
      Workspace.remove(own);
    }
  }

  private @Nullable ProbeResult run() throws IOException {
    try (Workspace work = Workspace.create(request.directory())) {
      Rendezvous rendezvous =
          new Rendezvous(request.directory(), work, request.cancellation()::sleep);
      if (request.peer() != null) {
        return withChild(request.peer(), work);
      }
      Rendezvous.Met met =
          request.join() ? rendezvous.await(timeTogether()) : rendezvous.findWaiting();
      if (met == null) {
        return withChild(request.directory(), work);
      }
      return met.leads() ? withHost(met) : followHost(met);
    }
  }

  private Duration timeTogether() {
    return request.time() == null ? ProbeRequest.TOGETHER : request.time();
  }

  private ProbeResult withChild(Path directory, Workspace work) throws IOException {
    String name = String.valueOf(work.path().getFileName());
    Process child = request.child().start(directory, name);
    Duration time =
        request.time() != null
            ? request.time()
            : request.peer() == null ? ProbeRequest.ALONE : ProbeRequest.TOGETHER;
    try (Channel channel = new PipeChannel(child.getInputStream(), child.getOutputStream())) {
      ProbeResult report = lead(work.path(), channel, time, directory);
      channel.send(List.of(Follower.DONE));
      return report;
    } finally {
      end(child);
    }
  }

  /**
   * It ends by itself when its input does, and tidies up first: once its layer below has lost the
   * directory, an overlay mount cannot remove its own part any more.
   */
  private static void end(Process child) {
    try {
      if (!child.waitFor(5, TimeUnit.SECONDS)) {
        child.destroyForcibly();
      }
    } catch (InterruptedException e) {
      child.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private ProbeResult withHost(Rendezvous.Met met) throws IOException {
    try (Channel channel = met.channel()) {
      ProbeResult report = lead(met.work(), channel, timeTogether(), null);
      channel.send(List.of(Follower.DONE));
      awaitEnd(channel);
      return report;
    }
  }

  /** When it has read that it is done, the directory may go; the report does not depend on it. */
  private static void awaitEnd(Channel channel) {
    try {
      channel.receive(Duration.ofSeconds(10));
    } catch (IOException noAnswer) {
      // it will find the directory gone, and say so
    }
  }

  private @Nullable ProbeResult followHost(Rendezvous.Met met) throws IOException {
    try (Channel channel = met.channel();
        Side side = new Side(met.work(), "b", request.cancellation())) {
      request.progress().accept("another host leads and reports");
      Follower.serve(side, channel);
      channel.send(List.of(Follower.OK));
    }
    return null;
  }

  private ProbeResult lead(Path work, Channel channel, Duration time, @Nullable Path otherDirectory)
      throws IOException {
    try (Side own = new Side(work, "a", request.cancellation())) {
      Peer peer = new Peer(channel, time.plus(SLACK));
      Peer.Identity mine = Peer.Identity.of(own.run(List.of("hello")));
      Peer.Identity other = Peer.Identity.of(peer.call("hello"));
      Pair pair = new Pair(own, peer, Checks.offset(peer), request.rounds(), time);
      List<Finding> findings = new Checks(pair, request.progress()).run();
      // As seen from here, where overlay mounts are seen, too.
      Mount mount = Mount.of(request.directory());
      Mount otherMount = otherDirectory == null ? other.mount() : Mount.of(otherDirectory);
      return new ProbeResult(
          request.directory(),
          mount,
          new ProbeResult.Other(
              other.pid(), other.host(), isElsewhere(mine, other), otherMount, otherDirectory),
          findings,
          Duration.ofNanos(System.nanoTime() - started));
    }
  }

  private static boolean isElsewhere(Peer.Identity mine, Peer.Identity other) {
    return !mine.bootId().equals(other.bootId())
        || !Objects.equals(mine.mount().mountPoint(), other.mount().mountPoint());
  }
}
